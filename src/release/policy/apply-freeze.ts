import type { Draft } from '../draft.ts'
import { effectOf, type Freeze, underFreeze } from './freeze.ts'

/**
 * Applies the current freeze until something is sent: the release passes it, or needs more approvals. Raised
 * approvals stay raised when the freeze ends.
 */
export function applyFreeze(draft: Draft, freeze: Freeze | null): void {
  const { release } = draft
  const effect = effectOf(freeze, release)
  if (freeze === null || effect === 'none') {
    endFreezeEffect(draft, freeze)
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

/**
 * Ends the effect of a freeze that blocked the release. If an earlier freeze had raised the approvals, that one is
 * stored again.
 */
function endFreezeEffect(draft: Draft, freeze: Freeze | null): void {
  const met = draft.release.freeze
  if (met?.approvals !== null) return
  draft.change({ freeze: freeze && { ...freeze, usual: met.usual } })
}
