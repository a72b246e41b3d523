import { describe, expect, test } from 'vitest'
import { type Starter, starterOf } from '../../src/release/starter.ts'
import { commit, oldCommit } from './world.ts'

const id = 'r-k3v9abcde'

/** Values that were seen in public workflows, issues and logs. */
const values: readonly (readonly [startedBy: string, starter: Starter])[] = [
  [`deploy-${commit}-${id}`, 'this release'],
  [`deploy-${commit}-${id}-seed`, 'this release'],
  [`deploy-${commit}/${id}`, 'this release'],
  [`deploy-${commit}`, 'this commit'],
  [`deploy-${commit}-26831540771`, 'this commit'],
  [`deploy-${commit}-seed`, 'this commit'],
  [`deploy-${commit}-${id}4`, 'this commit'],
  [`deploy-${commit}-r-zzzzzzzz9`, 'another release'],
  [`deploy-${commit}-r-zzzzzzzz9-seed`, 'another release'],
  [`deploy-${oldCommit}`, 'another commit'],
  [`deploy-${oldCommit}-${id}`, 'another commit'],
  ['ecs-svc/3674248881058123023', 'service'],
  ['events-rule/nightly', 'schedule'],
  ['chronos-schedule/blog-api-nightly-cl', 'schedule'],
  ['AWS Step Functions', 'anybody'],
  ['GitHub-Actions', 'anybody'],
  ['gh-deploy-26831540771', 'anybody'],
  ['deploy-main', 'anybody'],
  [`deploy-${commit}abcdef`, 'anybody'],
  ['copilot-task', 'anybody'],
  ['events-rule', 'anybody'],
  ['dana', 'anybody'],
  ['', 'anybody'],
]

describe('who started a task', () => {
  test.each(values)('startedBy “%s”: %s', (startedBy, starter) => {
    expect(starterOf(startedBy, { id, sha: commit })).toBe(starter)
  })
})
