import { carriesCommit } from './commit-source.ts'
import type { ServiceEnvironmentName, Target, Time } from './names.ts'
import type { Beyond, Evidence, RolloutSighting } from './sighting.ts'

/** Whether the release's own run surely made the change. */
export function isProven({ evidence }: Pick<Beyond, 'evidence'>): boolean {
  return evidence !== 'beside other runs'
}

/** A rollout of another service environment, found when the run had ended. */
export type OtherRollout = ServiceEnvironmentName & {
  readonly target: Target
  readonly rollout: RolloutSighting
  /**
   * What else was in progress. `release`: another release of that service environment, which made the change. `run`:
   * another run of its workflow. `nearby`: another workflow of the repository, so a matching commit counts only if
   * the log names the service.
   */
  readonly others: 'none' | 'nearby' | 'run' | 'release'
  /** What the log of the run mentions: the rollout itself or its revision, or only the service. */
  readonly inLog: 'rollout' | 'service' | 'nothing'
}

/** What is needed of a release's run to attribute rollouts elsewhere. */
export type RunTime = {
  /** The id that its rollouts carry. */
  readonly carriedId: string
  readonly commit: string
  readonly since: Time
  readonly until: Time
}

/** The rollouts that the run began, with the evidence. A matching time alone is no evidence. */
export function changedBeyond(rollouts: readonly OtherRollout[], run: RunTime): readonly Beyond[] {
  return rollouts.flatMap((other) => {
    const evidence = evidenceOf(other, run)
    if (evidence === null) return []
    const { service, environment, target, rollout } = other
    const { arn, revision } = rollout
    return [{ service, environment, target, rollout: { arn, revision }, evidence }]
  })
}

/**
 * Our tag proves it, and so does the rollout's own name in the log of our run. Everything else counts only if nothing
 * else was in progress there. A tag of another release does not excuse the run, because an old revision may be rolled
 * out again.
 */
function evidenceOf({ rollout, others, inLog }: OtherRollout, run: RunTime): Evidence | null {
  if (rollout.releaseTag === run.carriedId) return 'tag'
  if (!isWithin(rollout, run)) return null
  const isAlone = others === 'none' || others === 'nearby'
  const isInLog = inLog === 'rollout' || (inLog === 'service' && isAlone)
  const isOfIt = carriesCommit(rollout.commits, run.commit)
  if (isOfIt && (others === 'none' || (others === 'nearby' && isInLog))) return 'commit'
  if (isInLog) return 'log'
  return (isOfIt || inLog === 'service') && others !== 'release' ? 'beside other runs' : null
}

/** Whether the rollout began while the run was in progress. */
export function isWithin(
  { createdAt }: Pick<RolloutSighting, 'createdAt'>,
  { since, until }: RunTime,
): boolean {
  return createdAt >= since && createdAt <= until
}
