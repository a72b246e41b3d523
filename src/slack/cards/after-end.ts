import { actionsOf } from '../../release/actions/actions.ts'
import type { ThreadPost } from '../../release/effects.ts'
import type { Release } from '../../release/release.ts'
import { isBadEnd } from '../../release/tracks/late-rollouts.ts'
import { inCode, outside, reason } from '../escape.ts'
import { firstOf, mentions, target } from '../mrkdwn.ts'
import { migrationText } from './migration-track.ts'
import { runLink } from './run-name.ts'
import { saidLine } from './said.ts'
import { servingText } from './serving.ts'
import { overText } from './tracks.ts'

/** The most rollouts that a post lists. */
const rolloutsShown = 5

/**
 * A person may have rolled it back during an incident. This post is the only place where they learn that the run updated the
 * service again.
 */
export function rolledOutAfterEnd(
  release: Release,
  { rollouts, mention: mentioned }: Extract<ThreadPost, { tell: 'rolled-out-after-end' }>,
): readonly (string | null)[] {
  const { service, environment, stage, tracks } = release
  const isOwn = rollouts.some(({ evidence }) => evidence === 'own')
  const run = runOf(tracks)
  const outcome = stage.at === 'ended' ? ` (${stage.outcome})` : ''
  const what = firstOf(
    rollouts,
    rolloutsShown,
    ({ target: where, rollout, over }) => `${overText(rollout.revision, over)} on ${target(where)}`,
    '; ',
  )
  return [
    `${isOwn ? ':rotating_light:' : ':warning:'} *${outside(`${service} ${environment}`)}*: after this release had ended${outcome}, while ${run} was in progress, this was rolled out: ${what}.`,
    isOwn
      ? 'It is the version of this release, so the run most likely rolled it out.'
      : 'It is matched by time only: the run or somebody else rolled it out.',
    `*Next:* check which revision is serving. ${actionsOf(release).includes('cancel') ? 'To cancel the run, press Cancel on the card. ' : ''}${inCode(`/rollback ${service} ${environment}`)} lists the revisions to go back to.`,
    mentioned.length > 0 ? mentions(mentioned) : null,
  ]
}

/** The run had ended when this rollout began, so only this post says how the rollout ended. */
export function rolledOutLate(
  release: Release,
  { late, mention: mentioned }: Extract<ThreadPost, { tell: 'rolled-out-late' }>,
): readonly (string | null)[] {
  const { service, environment, stage, tracks } = release
  const { rollout, over, target: where } = late
  const isBadly = isBadEnd(rollout.verdict)
  const outcome = stage.at === 'ended' ? ` (${stage.outcome})` : ''
  const isSettled = tracks.run?.settledBy !== undefined
  return [
    `${isBadly ? ':rotating_light:' : ':information_source:'} *${outside(`${service} ${environment}`)}*: its commit was rolled out after this release ${isSettled ? 'had ended and its run was settled' : 'and its run had ended'}${outcome}: ${overText(rollout.revision, over)} on ${target(where)}.`,
    `The rollout ended as *${rollout.verdict}*: ${reason(rollout.reason, 300)}.`,
    ...saidLine(rollout.said),
    `${lateCause(release)} The state of this release does not change.`,
    isBadly
      ? `*Next:* check which revision is serving. ${inCode(`/rollback ${service} ${environment}`)} lists the revisions to go back to.`
      : null,
    mentioned.length > 0 ? mentions(mentioned) : null,
  ]
}

/**
 * The most likely cause of the rollout. If the release's own rollout succeeded, nothing of it is missing, so nothing suggests
 * its run.
 */
function lateCause({ stage, tracks }: Release): string {
  if (tracks.run?.settledBy !== undefined)
    return 'The run may still have been in progress when it was settled, so it may have started this rollout.'
  return stage.at === 'ended' && stage.outcome === 'succeeded'
    ? 'This release had rolled out its version before, so somebody else may have started this rollout.'
    : 'Something that the run started elsewhere most likely rolled it out.'
}

/** A service that is rolled out again all day would fill the channel. */
export function moreRolledOutLate(
  { service, environment }: Release,
  { target: where }: Extract<ThreadPost, { tell: 'more-rolled-out-late' }>,
): readonly string[] {
  return [
    `*${outside(`${service} ${environment}`)}*: its commit was rolled out on ${target(where)} again. twokey will not report further rollouts of it there.`,
    `${inCode(`/deploy status ${environment} ${service}`)} shows what is serving.`,
  ]
}

/** A link to the run of a release. */
function runOf({ run }: Release['tracks']): string {
  return run === null ? 'its run' : runLink({ ...run, number: run.seen?.number })
}

/** A rollout that did not end is not looked at again. */
export function givenUp(
  { tracks }: Release,
  { what }: Extract<ThreadPost, { tell: 'given-up' }>,
): readonly string[] {
  switch (what) {
    case 'later attempt': {
      const run = runOf(tracks)
      return [
        `twokey has not seen the later attempt of ${run} end, and no longer follows it. Check on GitHub how it ended.`,
      ]
    }
    case 'migration':
      return [
        'The migration was marked as settled, but twokey did not see it stop and no longer follows it. Check in ECS how it ended.',
      ]
  }
}

/** Nobody reads that thread by then, and the version now serving may be the one that failed. */
export function startedAgain(
  release: Release,
  { run, login, serving }: Extract<ThreadPost, { tell: 'started-again' }>,
): readonly string[] {
  const { service, environment, stage } = release
  const outcome = stage.at === 'ended' ? ` (${stage.outcome})` : ''
  const by = login === null ? 'somebody' : outside(login, 40)
  return [
    `${run.verdict === 'succeeded' ? ':information_source:' : ':warning:'} *${outside(`${service} ${environment}`)}*: ${runLink(run)} was started again on GitHub by ${by} (attempt ${run.attempt}) after this release had ended${outcome}, and ended: ${reason(run.reason, 300)}.`,
    `Serving now: ${servingText(release, serving)}. The state of this release does not change.`,
  ]
}

/** Posted in the channel if it failed: the rollout was over by then, so nothing else reports the failure. */
export function migrationAfterEnd(
  release: Release,
  { migration, mention: mentioned }: Extract<ThreadPost, { tell: 'migration-after-end' }>,
): readonly (string | null)[] {
  if (migration.verdict !== 'failed')
    return [`Migration ${migrationText(migration)}, after the end of this release.`]
  const { service, environment } = release
  return [
    `:rotating_light: *${outside(`${service} ${environment}`)}*: the migration of this release ${migrationText(migration)}. It ended after the release did.`,
    `*Next:* the database may be partially migrated. Check it before the next deploy.`,
    mentioned.length > 0 ? mentions(mentioned) : null,
  ]
}
