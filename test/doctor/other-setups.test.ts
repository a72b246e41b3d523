import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checks } from '../../src/doctor/checks.ts'
import { diagnose } from '../../src/doctor/diagnosis.ts'
import { textOf } from '../workflows/files.ts'
import { type Parts, seenOf, trustPolicy } from './parts.ts'

const folder = (name: string) => readdirSync(new URL(`../workflows/${name}`, import.meta.url))

/** What is not in order, by check and verdict. */
function problems(parts: Parts): readonly string[] {
  return diagnose(checks, seenOf(parts))
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ id, verdict }) => `${id}: ${verdict}`)
}

const companions = Object.fromEntries(
  folder('companions').map((file) => [file, textOf(`companions/${file}`)] as const),
)
const withWorkflow = (text: string) => ({ workflows: { 'deploy.yml': text, ...companions } })

/** They start a task, and nothing reads its exit code. */
const unreadExitCode = ['branch-step.yml', 'timestamp-tag.yml']

/** Workflows in the forms of public repositories, which docs/workflow.md lists. */
describe('the workflows that teams have', () => {
  test.each(folder('files'))('doctor finds in %s only what is so', (file) => {
    // A role from a variable or a secret is known only to the run.
    const found = problems(withWorkflow(textOf(`files/${file}`))).filter(
      (each) => each !== 'deploy-role: not readable',
    )
    expect(found).toEqual(unreadExitCode.includes(file) ? ['migration-exit-code: warning'] : [])
  })

  test.each(folder('bad'))('doctor reports no more than the file itself for %s', (file) => {
    const found = problems(withWorkflow(textOf(`bad/${file}`)))
    expect(['', 'workflow-file: error']).toContain(found.join())
  })
})

describe('GitHub Enterprise Server', () => {
  const issuer = 'github.example.com/_services/token'
  const trusting = (sub: string) =>
    trustPolicy({ StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: sub } }, issuer)

  test('the one leak that its claims cannot close is a warning', () => {
    const trust = trusting('repo:myorg/blog-api:environment:production')
    expect(problems({ issuer, trust })).toEqual(['trust-leak: warning'])
  })

  test('a role that trusts a branch is an error, as on github.com', () => {
    const trust = trusting('repo:myorg/blog-api:ref:refs/heads/main')
    expect(problems({ issuer, trust })).toEqual(['assume-role: error', 'trust-leak: error'])
  })

  test('a role that trusts the provider of github.com lets no job in', () => {
    expect(problems({ issuer })).toEqual(['assume-role: error'])
  })
})
