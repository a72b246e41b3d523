import { carriesCommit } from './commit-source.ts'
import type { Place, Target, Time } from './names.ts'
import type { Beyond, Evidence, RolloutSighting } from './sighting.ts'

/** Whether it was surely the release's own run. */
export function isProven({ evidence }: Pick<Beyond, 'evidence'>): boolean {
  return evidence !== 'beside other runs'
}

/** A rollout of another service environment, as it was found when the run had ended. */
export type OtherRollout = Place & {
  readonly target: Target
  readonly rollout: RolloutSighting
  /**
   * Who else was at work: `release`, another release of it, whose doing it is; `run`, another run of its workflow; `nearby`,
   * another workflow of the repository, so that the log has to name what the commit speaks for.
   */
  readonly others: 'none' | 'nearby' | 'run' | 'release'
  /** What the log of the run names of it: the rollout itself or its revision, or only the service. */
  readonly inLog: 'rollout' | 'service' | 'nothing'
}

/** The run of a release, as far as rollouts elsewhere are measured against it. */
export type RunTime = {
  readonly releaseId: string
  readonly commit: string
  readonly since: Time
  readonly until: Time
}

/** Which of these rollouts the run began, with what speaks for it. By the time alone nobody is blamed. */
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
 * Our tag is proof, and so is the rollout's own name in the log of our run; the rest counts only where nobody else was at work
 * there. A tag of another release excuses nothing by itself: a revision that it left may be rolled out again.
 */
function evidenceOf({ rollout, others, inLog }: OtherRollout, run: RunTime): Evidence | null {
  if (rollout.releaseTag === run.releaseId) return 'tag'
  if (!isWithin(rollout, run)) return null
  const isAlone = others === 'none' || others === 'nearby'
  const isInLog = inLog === 'rollout' || (inLog === 'service' && isAlone)
  const isOfIt = carriesCommit(rollout.commits, run.commit)
  if (isOfIt && (others === 'none' || (others === 'nearby' && isInLog))) return 'commit'
  if (isInLog) return 'log'
  return (isOfIt || inLog === 'service') && others !== 'release' ? 'beside other runs' : null
}

/** Whether it began while the run was in progress. */
export function isWithin(
  { createdAt }: Pick<RolloutSighting, 'createdAt'>,
  { since, until }: RunTime,
): boolean {
  return createdAt >= since && createdAt <= until
}
