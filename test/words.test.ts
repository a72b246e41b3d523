import { globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Words that twokey does not use, each with the usual term; docs/architecture.md has the glossary. */
const words: Readonly<Record<string, string>> = {
  shepherd: 'engine',
  warden: 'lock expiry',
  lookout: 'external runs',
  lull: 'idle',
  electorate: 'eligible approvers',
  'forerunners?': 'replaced releases',
  'whoever (keeps|runs)': 'a maintainer of twokey.yml, the operator',
  'turn(s|ed)? (a|the|their|no|one) keys?': 'approve',
  'tak(e|es|en|ing) (its|their|the) place of': 'replace',
  '(takes|took) (its|their) place': 'replace',
  'past twokey': 'outside twokey',
  'cannot be seen': 'could not be read',
  'is not free': 'has a release in progress',
  'fates?': 'outcome',
}

/** What people read: the source with its comments and names, the documents, and the titles of tests. */
const read = globSync(
  ['{src,sandbox,test,bench,scripts}/**/*.{ts,tsx,css,html,yml}', 'docs/*.md', '*.md', '*.yml'],
  { cwd: root, exclude: ['**/node_modules/**'] },
).filter((path) => !path.startsWith('test/words') && path !== 'CHANGELOG.md')

test.each(Object.entries(words))('no file says "%s" instead of "%s"', (word) => {
  const pattern = new RegExp(`\\b${word}\\b`, 'i')
  const found = read.flatMap((path) => {
    const text = `${path}\n${readFileSync(resolve(root, path), 'utf8')}`
    return text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index} ${line.trim()}`] : []))
  })
  expect(found).toEqual([])
})

/**
 * Titles that begin with one of these have their subject in the title of their group, which lists of failures may cut off.
 * Titles without "twokey" at the beginning, such as "posts a card once", stand alone; so do "does not post" and "keeps".
 */
const withoutSubject =
  /^(is|are|has|have|of|that|may|can|cannot|do|will|was|were|and|but|not|by|as|where|if|stands?|says?( so)?) /

/** A call of a test function, also of a table of tests, with its title. */
const titled =
  /^[\t ]*(?:[\])}]*\)|(?:it|test|scenario|patient|impatient)(?:\.\w+)*(?:\([^\n]*\))?)\(\s*(['"`])(.+?)\1\s*,/gm

const rooms = new Set(globSync('test/**/*.test.ts', { cwd: root }).map((path) => dirname(path)))

test.each([...rooms])('the titles of tests in %s have a subject', (room) => {
  const titles = globSync(`${room}/*.test.ts`, { cwd: root }).flatMap((path) => {
    const text = readFileSync(resolve(root, path), 'utf8')
    return [...text.matchAll(titled)].map(([, , title = '']) => title)
  })
  expect(titles.length).toBeGreaterThan(0)
  expect(titles.filter((title) => withoutSubject.test(title))).toEqual([])
})
