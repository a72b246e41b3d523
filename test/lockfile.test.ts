import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

type Entry = { readonly optionalDependencies?: Readonly<Record<string, string>> }

/**
 * Where a registry lacks the build of a package for another platform, npm leaves it out of the lockfile without a word,
 * and `npm ci` fails on every machine (npm/cli #4828). Such a version must not be taken.
 */
it('the lockfile names every optional dependency of what it names', () => {
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Entry>> }
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  )
  expect(missing).toEqual([])
})
