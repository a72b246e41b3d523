import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import type { TestCommand } from './plan.ts'

/** What a clone of the team's repository shows. */
export type Clone = {
  /** `owner/name` of the remote `origin`; null if there is none. */
  readonly repository: string | null
  readonly defaultBranch: string
  /** Branches of the remote, as far as the clone knows them. */
  readonly branches: readonly string[]
  readonly tests: TestCommand | null
  readonly hasDockerfile: boolean
}

/** Reads a folder. Runs `git`, which may be missing there, and changes nothing. */
export async function readClone(folder: string): Promise<Clone> {
  const [origin, head, branches] = await Promise.all([
    git(folder, 'remote', 'get-url', 'origin'),
    git(folder, 'symbolic-ref', '--short', 'refs/remotes/origin/HEAD'),
    git(folder, 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/remotes/origin'),
  ])
  const files = new Set(readdirSync(folder))
  return {
    repository: origin === null ? null : repositoryOf(origin),
    defaultBranch: head?.replace(/^origin\//, '') ?? 'main',
    branches: (branches ?? '').split('\n').filter((name) => name !== '' && name !== 'HEAD'),
    tests: testFiles.find(([file]) => files.has(file))?.[1] ?? null,
    hasDockerfile: files.has('Dockerfile'),
  }
}

/** What `git` prints; null if it fails, or is not installed. */
async function git(folder: string, ...args: readonly string[]): Promise<string | null> {
  const printed = await promisify(execFile)('git', ['-C', folder, ...args]).catch(() => null)
  return printed === null ? null : printed.stdout.trim()
}

/** `git@github.com:acme/blog-api.git` and `https://github.com/acme/blog-api` are `acme/blog-api`. */
export function repositoryOf(url: string): string | null {
  return /[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(url)?.[1] ?? null
}

/** The file by which a language is recognized, the most telling first. */
const testFiles: readonly (readonly [string, TestCommand])[] = [
  ['package-lock.json', 'npm'],
  ['go.mod', 'go'],
  ['mvnw', 'maven'],
  ['gradlew', 'gradle'],
  ['requirements.txt', 'pytest'],
  ['Rakefile', 'rake'],
]
