import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Words of an earlier dialect, each with the field's own; docs/architecture.md has the glossary. */
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

/** What people read of us: the source with its comments and names, the documents, and the titles of tests. */
const read = globSync(
  ['{src,sandbox,test,bench,scripts}/**/*.{ts,tsx,css,html,yml}', 'docs/*.md', '*.md', '*.yml'],
  { cwd: root, exclude: ['**/node_modules/**'] },
).filter((path) => !path.startsWith('test/words') && path !== 'CHANGELOG.md')

test.each(Object.entries(words))('says "%s" nowhere, but "%s"', (word) => {
  const pattern = new RegExp(`\\b${word}\\b`, 'i')
  const found = read.flatMap((path) => {
    const text = `${path}\n${readFileSync(resolve(root, path), 'utf8')}`
    return text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index} ${line.trim()}`] : []))
  })
  expect(found).toEqual([])
})

/** Titles that begin with one of these have their subject in the title of their group, which lists of failures may cut off. */
const withoutSubject = /^(is|are|has|have|of|that|may|can|cannot|do|does|will|was|were|and|but|not) /

/** The rooms of tests whose titles stand alone. */
const roomsWithFullTitles = [
  'test/sandbox',
  'test/demo',
  'test/release',
  'test/engine',
  'test/watchers',
  'test/runtime',
  'test/requests',
  'test/store',
]

test.each(roomsWithFullTitles)('the titles of tests in %s have a subject', (room) => {
  const titles = globSync(`${room}/*.test.ts`, { cwd: root }).flatMap((path) => {
    const text = readFileSync(resolve(root, path), 'utf8')
    const found = text.matchAll(/^\s*(?:\]\)|(?:it|test)(?:\.\w+)*)\((['"`])(.+?)\1, /gm)
    return [...found].map(([, , title = '']) => title)
  })
  expect(titles.length).toBeGreaterThan(0)
  expect(titles.filter((title) => withoutSubject.test(title))).toEqual([])
})
