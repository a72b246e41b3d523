import { evaluate } from '../approval.ts'
import type { Context } from '../decide.ts'
import type { Draft } from '../draft.ts'
import type { Observation, TargetSighting, TipSighting } from '../observation.ts'
import { isEnded, type Release, type RolloutTrack, targetName, type WorkflowInput } from '../release.ts'
import { askAgain, askFrom, passGate } from './approval.ts'
import { sight } from './sight.ts'

type DeploySubject = Extract<Release['subject'], { kind: 'deploy' }>

/** The last look before anything is sent: the same people, the same commit, the same workflow, the lane ours. */
export function stepReady(draft: Draft, seen: Observation, context: Context): undefined {
  if (context.today === null) {
    draft.end('failed', 'the config no longer ships it there; nothing was sent')
    return
  }
  if (!keysHold(draft, seen)) return
  if (draft.release.subject.kind === 'deploy' && !subjectHolds(draft, draft.release.subject, seen)) return
  const before = sight(draft, 'before', seen.before)
  if (!before) return blocked(draft)
  if (!noteBefore(draft, before.value)) return
  if (!placeIsOurs(draft, context)) return
  send(draft)
}

/** Counts the keys once more, with the people as they are now. */
function keysHold(draft: Draft, seen: Observation): boolean {
  const { release } = draft
  let standing = {}
  if (release.approvals.length > 0) {
    const people = sight(draft, 'people', seen.people)
    if (!people) {
      blocked(draft)
      return false
    }
    standing = people.value
  }
  const verdict = evaluate({ ...release, standing })
  if (verdict.status === 'approved') return true
  for (const { by, why } of verdict.dismissed) {
    draft.note('twokey', 'approval dismissed', { by, why })
    draft.tellEachTime('dismissed', { tell: 'dismissed', by, why })
  }
  askFrom(draft, verdict.counted)
  return false
}

/** The branch and the workflow as they are now, against what was approved. */
function subjectHolds(draft: Draft, subject: DeploySubject, seen: Observation): boolean {
  const tip = sight(draft, 'tip', seen.tip)
  if (!tip) {
    blocked(draft)
    return false
  }
  const { sha, githubTree, commitOnBranch, inputs } = tip.value
  if (!commitOnBranch) {
    draft.end('failed', `the commit no longer lies on ${subject.branch}; nothing was dispatched`)
    return false
  }
  if (!subject.inputs.includes('sha') && sha !== subject.commit.sha) {
    draft.end(
      'failed',
      `${subject.branch} moved to ${sha.slice(0, 7)} before the dispatch, and the workflow takes no sha input; nothing was dispatched`,
    )
    return false
  }
  if (githubTree !== subject.githubTree || inputs.join() !== subject.inputs.join()) {
    workflowChanged(draft, subject, tip.value)
    return false
  }
  if (sha !== subject.tip) draft.change({ subject: { ...subject, tip: sha } })
  return true
}

function workflowChanged(
  draft: Draft,
  subject: DeploySubject,
  { sha, githubTree, inputs }: TipSighting,
): void {
  if (githubTree === null) {
    draft.end('failed', `${subject.branch} carries no workflow any more; nothing was dispatched`)
    return
  }
  if (subject.inputs.includes('environment') && !inputs.includes('environment')) {
    draft.end('failed', `${subject.workflow} takes no environment input any more; nothing was dispatched`)
    return
  }
  const lost = indispensable(subject, sha).find((input) => !inputs.includes(input))
  if (lost) {
    draft.end(
      'failed',
      `the workflow on ${subject.branch} changed (${sha.slice(0, 7)}) and takes no ${lost} input any more; nothing was dispatched`,
    )
    return
  }
  draft.change({ subject: { ...subject, tip: sha, githubTree, inputs: inputs as readonly WorkflowInput[] } })
  askAgain(
    draft,
    `the workflow on ${subject.branch} changed (${sha.slice(0, 7)}): what was approved would not be what runs`,
  )
  passGate(draft)
}

/** Inputs without which another commit, or another environment, could ship. */
function indispensable({ inputs, commit }: DeploySubject, tip: string): readonly WorkflowInput[] {
  return inputs.filter((input) => input === 'environment' || (input === 'sha' && commit.sha !== tip))
}

function noteBefore(draft: Draft, sightings: readonly TargetSighting[]): boolean {
  const rollouts: RolloutTrack[] = []
  for (const track of draft.release.tracks.rollouts) {
    const name = targetName(track.target)
    const sighting = sightings.find(({ target }) => targetName(target) === name)
    if (!sighting) {
      draft.end('failed', `the service ${name} was not found in ECS; nothing was sent`)
      return false
    }
    const { primary, serving } = sighting
    rollouts.push({
      ...track,
      before: {
        primary: primary.id,
        revision: serving,
        known: sighting.rollouts.map(({ arn }) => arn),
      },
      serving,
    })
  }
  draft.track({ rollouts })
  return true
}

/** A deploy holds its lane since it was asked for. A rollback takes a running deploy's place, once that gives it. */
function placeIsOurs(draft: Draft, { holders, now }: Context): boolean {
  const { stage } = draft.release
  if (stage.at !== 'ready') return false
  if (holders.length === 0) return true
  if (stage.placeAskedAt === null) {
    for (const holder of holders) draft.want({ do: 'supersede', release: holder.id })
    draft.change({ stage: { ...stage, placeAskedAt: now } })
    draft.note('twokey', 'place asked', { of: holders.map(({ id }) => id) })
    return false
  }
  const waited = now - stage.placeAskedAt >= draft.release.settleMs
  return waited || holders.every(givesPlace)
}

/** Its workflow can no longer update the service behind our back: it has ended, or has updated it already. */
function givesPlace(holder: Release): boolean {
  const { run, rollouts } = holder.tracks
  return (
    isEnded(holder) || (run !== null && run.endedAt !== null) || rollouts.every(({ seen }) => seen !== null)
  )
}

/** Marked first, sent after the commit. */
function send(draft: Draft): void {
  const { release, now } = draft
  const { subject } = release
  draft.change({ sentAt: now })
  draft.want({ do: 'take-lanes' })
  draft.to({ at: 'sending', since: now, lastAt: now, attempts: 1 })
  if (subject.kind === 'deploy') {
    const inputs = inputsOf(release, subject)
    draft.note('twokey', 'dispatch marked', { workflow: subject.workflow, ref: subject.branch, inputs })
    draft.want({ do: 'dispatch', subject, inputs })
  } else {
    for (const target of release.targets) draft.want({ do: 'update', target, revision: subject.revision })
    draft.note('twokey', 'update marked', { revision: subject.revision.arn })
  }
}

function inputsOf(release: Release, subject: DeploySubject): Record<string, string> {
  const values: Record<WorkflowInput, string> = {
    environment: subject.githubEnvironment,
    sha: subject.commit.sha,
    release_id: release.id,
  }
  return Object.fromEntries(subject.inputs.map((input) => [input, values[input]]))
}

/** What cannot be checked is not sent: after long enough it ends, with nothing started. */
function blocked(draft: Draft): undefined {
  const lost = Object.values(draft.release.blind).find((blindness) => blindness?.lost)
  if (lost) draft.end('failed', `what was approved could not be checked: ${lost.reason}; nothing was sent`)
}
