import type { Draft } from '../draft.ts'
import { effectOf, type Freeze, underFreeze } from './freeze.ts'

/**
 * Meets the freeze that holds, until something is sent: it is passed, or asks for more approvals. Approvals that it asked for are
 * asked for on when it ends.
 */
export function meetFreeze(draft: Draft, freeze: Freeze | null): void {
  const { release } = draft
  const effect = effectOf(freeze, release)
  if (freeze === null || effect === 'none') {
    eased(draft, freeze)
    return
  }
  const usual = release.freeze?.usual ?? release.policy.required
  draft.change({ freeze: { ...freeze, usual } })
  if (effect === 'raised') draft.change({ policy: underFreeze(release.policy, freeze) })
  const key = `frozen-${freeze.until}-${effect}`
  if (release.told.includes(key)) return
  draft.record('twokey', `freeze ${effect}`, { ...freeze, usual })
  const where = release.subject.kind === 'rollback' ? 'channel' : 'thread'
  draft.post(key, { tell: 'frozen', effect, freeze, usual }, where)
}

/** What held it holds no more; where another freeze had raised the approvals, that is the one it is in again. */
function eased(draft: Draft, freeze: Freeze | null): void {
  const met = draft.release.freeze
  if (met?.approvals !== null) return
  draft.change({ freeze: freeze && { ...freeze, usual: met.usual } })
}
