import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

type Entry = { readonly dev?: true; readonly optionalDependencies?: Readonly<Record<string, string>> }

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Readonly<Record<string, Entry>>
}

/**
 * If a registry lacks the build of a package for another platform, npm omits it from the lockfile without a warning,
 * and `npm ci` fails on every machine (npm/cli #4828). Do not use such a version.
 */
it('the lockfile names every optional dependency of what it names', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  )
  expect(missing).toEqual([])
})

it('the image carries no package of the sandbox alone', () => {
  const packagesOf = (manifest: string, kind: string): string[] =>
    Object.keys(JSON.parse(readFileSync(new URL(`../${manifest}`, import.meta.url), 'utf8'))[kind])
  const ofTheBot = packagesOf('package.json', 'dependencies')
  const alone = packagesOf('sandbox/package.json', 'devDependencies').filter(
    (name) => !ofTheBot.includes(name),
  )
  expect(alone).toContain('preact')
  expect(alone.filter((name) => !packages[`node_modules/${name}`]?.dev)).toEqual([])
})
