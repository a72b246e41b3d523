import { actions, actionsOf } from '../../release/actions/actions.ts'
import { rollbackRevision } from '../../release/actions/roll-back.ts'
import { approvalVerdict } from '../../release/policy/approval-round.ts'
import { effectOf } from '../../release/policy/freeze.ts'
import { lockScopeArgs } from '../../release/policy/lock.ts'
import {
  endedBeforeItsRun,
  holdsLane,
  type Release,
  type Unfinished,
  unfinished,
} from '../../release/release.ts'
import type { Outcome } from '../../release/stage.ts'
import { isOfAnotherCommit, isUnapproved } from '../../release/stages/underway.ts'
import { logOf } from '../../release/tracks/end-log.ts'
import { isMigrationUnavailable } from '../../release/tracks/migration.ts'
import { foreignHeadText, isRunUnavailable } from '../../release/tracks/run.ts'
import { inCode, outside, reason as reasonText } from '../escape.ts'
import { capital, date, joinWithOr, link, mention } from '../mrkdwn.ts'
import { runsUrl } from './commits.ts'
import { serviceUrl } from './console.ts'
import { databaseLine, isDatabaseUnclear, servingOnNewSchema } from './database.ts'
import { occupantText, runLink } from './run-name.ts'

type Ended = Extract<Release['stage'], { at: 'ended' }>

/** How it ended, in one sentence, and what to do next. */
export function endLines(release: Release, stage: Ended): readonly (string | null)[] {
  return [
    `${capital(reasonText(stage.reason, 500))}.`,
    databaseLine(release),
    stage.rejection?.why ? `*Why:* ${outside(stage.rejection.why, 500)}` : null,
    unfinishedLine(release),
    settledLine(stage),
    nextLine(release, stage),
  ]
}

function settledLine({ outcome, settledBy }: Ended): string | null {
  if (settledBy === null) return null
  const confirmed = outcome === 'unknown' ? 'nothing from it is still running, and ' : ''
  return `${mention(settledBy)} has settled it: ${confirmed}it no longer blocks other releases.`
}

/** The same in the post about the end, which stays as it is: the card says when it is over, and has the buttons. */
export function unfinishedThenLine(release: Release): string | null {
  const [first] = unfinished(release)
  if (first === undefined) return null
  const { service, environment } = release
  return `:gear: Its ${first === 'run' ? 'workflow run' : 'migration'} was still in progress then. Until it is over, no other deploy of ${outside(service, 60)} to ${outside(environment, 60)} can start: see the card.`
}

/** Whether its run or migration still blocks other deploys, and what people can do about it; null if neither does. */
export function unfinishedLine(release: Release): string | null {
  const [first] = unfinished(release)
  if (first === undefined) return null
  const { service, environment } = release
  return blockedBy[first](
    release,
    `no other deploy of ${outside(service, 60)} to ${outside(environment, 60)} can start`,
  )
}

const blockedBy: Readonly<Record<Unfinished, (release: Release, until: string) => string>> = {
  run: runLine,
  migration: migrationLine,
}

function migrationLine(release: Release, until: string): string {
  if (isMigrationUnavailable(release))
    return `:warning: Its migration may still be running: twokey cannot read the task. Check it in ECS. Once it has stopped, press Settle; until then ${until}.`
  if (!release.tracks.migration.tasks.some(({ verdict }) => verdict === 'moving'))
    return `:gear: Its run has ended, and twokey is checking whether a migration of it still runs. Until then ${until}.`
  const settle = actionsOf(release).includes('settle')
    ? ' If it hangs, stop the task in ECS, or press Settle to let other deploys start beside it.'
    : ''
  return `:gear: Its migration is still running and can still change the database. Until it has stopped, ${until}.${settle}`
}

function runLine(release: Release, until: string): string {
  if (isRunUnavailable(release))
    return `:warning: Its workflow run may still be in progress: twokey cannot read it. Check the run on GitHub. Once it has ended, press Settle; until then ${until}.`
  return `:gear: Its workflow run is still in progress and can still change the service. Until it has ended, ${until}. ${stopText(release)}`
}

/** How to stop the run, and what to do if GitHub does not stop it. */
function stopText(release: Release): string {
  const actions = actionsOf(release)
  const cancel = actions.includes('cancel')
    ? 'Press Cancel to cancel the run.'
    : 'twokey is asking GitHub to cancel it. If it does not stop, cancel it on GitHub.'
  return actions.includes('settle') ? `${cancel} If nothing from it is running, press Settle.` : cancel
}

/** What to do next; null if nothing is left to do. */
export function nextLine(release: Release, stage: Ended): string | null {
  const next = nextStep(release, stage)
  return next === null ? null : `*Next:* ${firstStep(release, stage)}${next}`
}

/** What cannot wait until the cause is found. */
function firstStep(release: Release, { outcome }: Ended): string {
  if (outcome === 'unknown') return ''
  if (isDatabaseUnclear(release)) return 'check the database, then '
  const old = outcome === 'rolled back' ? servingOnNewSchema(release) : null
  return old === null ? '' : `check that ${outside(old, 80)} works on the new schema, then `
}

function nextStep(release: Release, stage: Ended): string | null {
  if (stage.outcome !== 'unknown') return next[stage.outcome](release, stage)
  if (stage.settledBy !== null) return isDatabaseUnclear(release) ? 'check the database.' : null
  // Once a rollback has replaced it, twokey continues to check by itself.
  const isReplaced = endedBeforeItsRun(release) || !holdsLane(release)
  return next[isReplaced ? 'superseded' : 'unknown'](release, stage)
}

/** What to do now; null if nothing is left to do. Names buttons by their labels. */
const next: Record<Outcome, (release: Release, stage: Ended) => string | null> = {
  succeeded: () => null,
  failed: (release) => {
    if (release.subject.kind === 'rollback' && isUnapproved(release))
      return `press Roll back to return to ${outside(rollbackRevision(release) ?? 'the previous revision', 80)}, and find out who pushed the image again. ${rollbackCommand(release)} shows the other revisions that deployed successfully.`
    if (release.subject.kind === 'rollback')
      return `${findCause(release)}. ${rollbackCommand(release)} shows the other revisions that deployed successfully.`
    if (foreignHeadText(release) !== null)
      return `check what the run did and who changed the workflow in the meantime. Then ${pressRetry(release)}; the new approvals cover the workflow as it is at that time.`
    if (isUnapproved(release))
      return [
        'correct the workflow or `inputs:` in twokey.yml before you retry: the same request would deploy the same again.',
        ...(isOfAnotherCommit(release) ? [deployedCommit] : []),
        `${rollbackCommand(release)} shows the revisions that deployed successfully.`,
      ].join(' ')
    if (release.tracks.run === null && !isRolledOut(release))
      return `fix the cause above, then ${pressRetry(release)}. The same release is requested again and needs new approvals. Without the fix, it fails the same way.`
    return fixAndDeploy(release)
  },
  'rolled back': (release) =>
    release.subject.kind !== 'rollback'
      ? fixAndDeploy(release)
      : `${findCause(release)}. Choose another revision: ${rollbackCommand(release)}. Retry helps only if the cause was outside the code.`,
  'rollback failed': (release) =>
    `look at the service now. ${rollbackCommand(release)} shows the revisions that deployed successfully.`,
  unchanged: (release) => {
    const { subject, tracks } = release
    if (subject.kind === 'rollback') return null
    return tracks.afterEnd?.rollouts.some(({ evidence }) => evidence === 'late')
      ? `check the rollout after the end before you ${pressRetry(release)}. The workflow should wait for what it starts elsewhere, so that twokey can follow it.`
      : `check in the run why it rolled nothing out, then ${pressRetry(release)}.`
  },
  rejected: (release, { rejection }) =>
    `${rejection ? `talk to ${mention(rejection.by)}` : 'see the thread'}, then ${pressRetry(release)} to request it again.`,
  cancelled: (release) => {
    const { lock } = release
    const again = `${pressRetry(release)} to request the same release again.`
    return lock === null
      ? again
      : `once ${inCode(`/deploy unlock ${lockScopeArgs(lock)}`)} has removed the lock, ${again}`
  },
  expired: (release, { since }) => {
    const { freeze } = release
    if (approvalVerdict(release).missing > 0)
      return `find out when the approvers have time, then ${pressRetry(release)} to request the same release again.`
    if (freeze !== null && effectOf(freeze, release) === 'held' && since < freeze.until)
      return freeze.isEndless
        ? `ask a maintainer of twokey.yml to end the freeze, then ${pressRetry(release)} to request the same release again.`
        : `once the freeze is over (${date(freeze.until)}), ${pressRetry(release)} to request the same release again.`
    return `${pressRetry(release)} to request the same release again, with new approvals.`
  },
  superseded: ({ service, environment, tracks }) => {
    const newer = tracks.run?.seen?.newer ?? tracks.gate?.newer
    if (newer) return `follow ${runLink(newer)}, for which GitHub cancelled this one.${occupantText(newer)}`
    return `follow the release that replaced it: ${inCode(`/deploy status ${environment} ${service}`)} shows it.`
  },
  stopped: (release) => `ask who stopped it and why. Look at the service, then ${pressRetry(release)}.`,
  unknown: (release) =>
    whichMigration(release) ??
    `look at ${pagesToCheck(release)}${isDatabaseUnclear(release) ? ', and check the database' : ''}, then press Look again. If it is still unknown and nothing from it is running, the requester or an approver presses Settle, which closes the release. Until then, other deploys of ${outside(release.service, 60)} to ${outside(release.environment, 60)} are blocked; a rollback is not.`,
}

/** What to do if the only open question is which of several tasks were the migration. */
function whichMigration({ tracks: { run, migration } }: Release): string | null {
  if (migration.binding !== 'ambiguous' || run?.seen?.verdict !== 'succeeded') return null
  return `find out which of the tasks are its migration and how they ended, and check the database. Press Look again once none of them is running; if the release did what it should, press Settle. Until then it blocks other deploys. ${inCode('run-task --started-by deploy-<sha>-<release_id>')} in the workflow makes its tasks recognizable next time.`
}

/** Advice for repositories that tag an image with the last commit of its folder. */
const deployedCommit =
  'If images are tagged with an earlier commit on purpose, such as the last one that changed their folder, put the deployed commit into a variable of the container and set `commitFrom:` to it.'

/** Where the cause is shown: in the thread if it has the log, else the card has everything that is known. */
function findCause(release: Release): string {
  if (logOf(release) !== null) return 'see the log in the thread'
  return release.tracks.run === null ? 'fix the cause above' : 'find the cause in the run on GitHub'
}

/** The same commit meets the same cause again, unless that was outside the code. */
function fixAndDeploy(release: Release): string {
  const { service, environment } = release
  const deploy = inCode(`/deploy ${environment} ${service}`)
  return `${findCause(release)}. Fix it, push, then ${deploy} – or ${pressRetry(release)}, with new approvals. Running the same commit again helps only if the cause was outside the code.`
}

/** Links to where the end of a release can be seen: the runs of its workflow, and the service. */
function pagesToCheck({ subject, targets, servingBefore }: Release): string {
  const [first] = targets
  const page = first && servingBefore && serviceUrl(first, 'deployments', servingBefore.arn)
  const service = page ? link(page, `${first.service} in ECS`) : 'the service in ECS'
  if (subject.kind === 'rollback') return service
  const { workflow, branch } = subject
  const runs = runsUrl(subject)
  const words = `the runs of ${workflow} on ${branch}`
  return `${runs === null ? 'the runs on GitHub' : link(runs, words)} and ${service}`
}

function isRolledOut({ tracks }: Release): boolean {
  return tracks.rollouts.some(({ seen }) => seen !== null)
}

/**
 * Its buttons that may help. Those that release the same again appear once the run has ended and the migration has
 * stopped.
 */
function pressRetry(release: Release): string {
  const offered = actionsOf(release)
  const again = (['retry', 're-run'] as const).filter((action) => offered.includes(action))
  const back = offered.includes('roll-back') ? [actions['roll-back'].label] : []
  const [first] = unfinished(release)
  if (first !== undefined && release.subject.kind !== 'gate')
    return `press ${back.map((label) => `${label}, or `).join('')}Retry once ${itsEnd[first]}`
  if (again.length === 0) return withoutButton[release.subject.kind]
  return `press ${joinWithOr([...again.map((action) => actions[action].label), ...back])}`
}

/** How to release the same again where the card has no button for it. */
const withoutButton: Readonly<Record<Release['subject']['kind'], string>> = {
  deploy: 'press Retry',
  gate: 'start the run again on GitHub',
  rerun: `press ${actions['re-run'].label} on the card of the failed release`,
  rollback: 'press Retry',
}

const itsEnd: Readonly<Record<Unfinished, string>> = {
  run: 'the run has ended',
  migration: 'the migration has stopped',
}

/** The command that lists the revisions to roll back to. */
function rollbackCommand({ service, environment }: Release): string {
  return inCode(`/rollback ${service} ${environment}`)
}
