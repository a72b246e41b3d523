import type { Draft } from '../draft.ts'
import type { Release } from '../release.ts'
import type { ShownAnswer } from '../shown-on-github.ts'

/** How often GitHub is asked, if its answer is not clear. */
const mostTimes = 3

/** How long after its mark a deployment may be recorded, ms. */
const showFreshMs = 60_000

/** Longest description of a deployment on GitHub, characters. */
const maxDescription = 140

/**
 * Whether GitHub is still to be shown what a rollback brought back. A workflow shows its own deployment; a rollback runs none,
 * so GitHub would go on showing the commit before it.
 */
export function isDeploymentDue({ stage, subject, tracks }: Release): boolean {
  if (stage.at !== 'ended' || stage.outcome !== 'succeeded' || subject.kind !== 'rollback') return false
  if (subject.githubEnvironment === undefined || subject.revision.commit === null) return false
  const { times, isDone } = tracks.liveOnGitHub ?? { times: 0, isDone: false }
  return !isDone && times < mostTimes
}

/** Marks that the deployment is sent. */
export function showDeployment(draft: Draft): void {
  const { release } = draft
  const { subject, id, tracks } = release
  if (!isDeploymentDue(release) || subject.kind !== 'rollback') return
  const { repository, revision, githubEnvironment: environment } = subject
  if (environment === undefined || revision.commit === null) return
  const times = (tracks.liveOnGitHub?.times ?? 0) + 1
  draft.track({ liveOnGitHub: { times, isDone: false } })
  const ending = ` (release ${id})`
  const description = `Rollback to ${revision.name}`.slice(0, maxDescription - ending.length) + ending
  draft.addEffect({
    do: 'show-deployment',
    repository,
    environment,
    commit: revision.commit,
    release: id,
    description,
    sendBy: draft.now + showFreshMs,
  })
}

/** Handles GitHub's answer. A refusal is not repeated. */
export function deploymentShown(
  draft: Draft,
  { answer }: Extract<ShownAnswer, { to: 'show-deployment' }>,
): undefined {
  const { liveOnGitHub: live } = draft.release.tracks
  if (live && answer !== 'unclear') draft.track({ liveOnGitHub: { ...live, isDone: true } })
}
