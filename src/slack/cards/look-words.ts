import type { LookName } from '../../release/release.ts'

/** What cannot be read, as the beginning of a sentence. */
export const lookWords: Readonly<Record<LookName, string>> = {
  people: 'Whether the approvers may still approve',
  requester: 'Whether the requester may still request it',
  channel: 'Whether the release channel is shared with other organizations',
  tip: 'The branch',
  order: 'Whether the commit succeeded in the environments that come first',
  before: 'The service before the release',
  rollbackTarget: 'The revision to go back to',
  run: 'The run',
  headTree: 'The workflow that the run carries',
  migration: 'The migration',
  rollouts: 'The rollout',
  runLog: 'The log of the run',
  beyond: 'What else the run changed',
}

/** All that a release may be looked at for. */
export const looks = Object.keys(lookWords) as readonly LookName[]
