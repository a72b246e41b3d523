import type { LookName } from '../../release/release.ts'

/** What cannot be seen, as the beginning of a sentence. */
export const lookWords: Readonly<Record<LookName, string>> = {
  people: 'Whether the approvers still may approve',
  requester: 'Whether whoever asked still may ask',
  channel: 'Whether the release channel is shared with other organisations',
  tip: 'The branch',
  order: 'Whether the commit succeeded where it has to first',
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
