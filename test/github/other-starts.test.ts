import { expect, test } from 'vitest'
import { otherStarts } from '../../src/github/other-starts.ts'

test.each<[string, Record<string, unknown>, readonly string[]]>([
  ['a dispatch alone', { workflow_dispatch: null }, []],
  ['a call', { workflow_dispatch: null, workflow_call: null }, ['a call by another workflow']],
  ['every push', { push: null }, ['push to release/1.4']],
  ['a push to the branch', { push: { branches: ['main', 'release/**'] } }, ['push to release/1.4']],
  ['a push to one text', { push: { branches: 'release/1.4' } }, ['push to release/1.4']],
  ['a push to another branch', { push: { branches: ['main'] } }, []],
  ['a star, which stays within a part', { push: { branches: ['*'] } }, []],
  ['a pattern that is taken back', { push: { branches: ['release/**', '!release/1.*'] } }, []],
  ['characters', { push: { branches: ['release/[0-9]+.[0-9]'] } }, ['push to release/1.4']],
  ['a branch that is ignored', { push: { 'branches-ignore': ['release/**'] } }, []],
  ['a push of a tag alone', { push: { tags: ['v*'] } }, ['push of a tag']],
  ['some paths', { push: { paths: ['src/**'] } }, ['push to release/1.4']],
  [
    'a schedule and a release',
    { schedule: [{ cron: '0 3 * * *' }], release: { types: ['published'] } },
    ['schedule', 'release'],
  ],
  ['pull requests', { pull_request: null }, []],
  ['merged pull requests', { pull_request: { types: ['closed'] } }, ['a closed pull request']],
  ['a character that may be left out', { push: { branches: ['releases?/1.4'] } }, ['push to release/1.4']],
  ['stars without end', { push: { branches: [`${'**'.repeat(2_000)}x`] } }, []],
  ['a bracket that is not closed', { push: { branches: ['release/[1'] } }, []],
])('lists starts for %s', (_, events, found) => {
  expect(otherStarts(events, 'release/1.4')).toEqual(found)
})
