import { isProven } from '../../release/beyond.ts'
import type { LookName } from '../../release/look.ts'
import { lookNames } from '../../release/look-facts.ts'
import type { Target } from '../../release/names.ts'
import { endedBeforeItsRun, type Release, type Unavailability } from '../../release/release.ts'
import type { Revision } from '../../release/revision.ts'
import type { RolloutSighting, RolloutVerdict, RunVerdict } from '../../release/sighting.ts'
import { type Followed, followedAfterEnd } from '../../release/stages/ended.ts'
import { otherCommitText, unapprovedText, weakText } from '../../release/tracks/rollout-track.ts'
import type { AfterEndTrack, AgainTrack, BeyondTrack, RolloutTrack, RunTrack } from '../../release/tracks.ts'
import { waitingFor } from '../../release/waiting-for.ts'
import { outside } from '../escape.ts'
import { count, date, firstOf, link, mention, revision, target } from '../mrkdwn.ts'
import { serviceUrl } from './console.ts'
import { foldsMigrations, foldsRollout, foldsRun } from './folding.ts'
import { hindranceText } from './hindrance.ts'
import { jobLines } from './job-lines.ts'
import { unavailableText } from './look-words.ts'
import { bar, type Mark, stepLine } from './marks.ts'
import { migrationLines } from './migration-track.ts'
import { otherRunLines } from './other-runs.ts'
import { shiftTexts } from './pause.ts'
import { runLinkFirst } from './run-name.ts'
import { movingOr, once, took } from './track-words.ts'

/** How many targets a card lists. */
const shown = 5

/** How many failed looks a card lists. */
const unavailableShown = 2

/** The state of the run, the migration and the rollouts, one line each. */
export function trackLines(release: Release): readonly string[] {
  const { tracks } = release
  const rollouts = tracks.rollouts.filter((track) => !foldsRollout(release, track))
  return [
    ...(tracks.run && !foldsRun(release) ? runLines(release, tracks.run) : []),
    ...(foldsMigrations(release) ? [] : migrationLines(release)),
    ...rollouts.slice(0, shown).flatMap((track) => rolloutLines(release, track)),
    ...(rollouts.length > shown ? [`… and ${rollouts.length - shown} more targets`] : []),
    ...otherRunLines(release),
    ...(tracks.again ? [againLine(tracks.again)] : []),
    ...afterEndLines(tracks.afterEnd, release.targets),
    ...beyondLines(tracks.beyond),
  ]
}

/** A person re-ran the release's run on GitHub after the end of the release. */
function againLine({ run, login, endedAt }: AgainTrack): string {
  const by = login === null ? 'somebody' : outside(login, 40)
  const isOpen = endedAt === null
  return stepLine({
    mark: isOpen ? 'under way' : runMarks[run.verdict],
    name: runLinkFirst(run),
    word: `started again on GitHub by ${by} (attempt ${run.attempt})`,
    known: [
      isOpen ? 'running' : run.verdict === 'moving' ? 'no longer followed' : run.verdict,
      isBad(run.verdict) && !isOpen ? outside(run.reason, 150) : null,
    ],
  })
}

/** What was rolled out in its own targets after its end, or that this could not be checked. */
function afterEndLines(afterEnd: AfterEndTrack | null, targets: readonly Target[]): readonly string[] {
  if (afterEnd === null) return []
  const more = afterEnd.rollouts.length - shown
  return [
    ...afterEnd.rollouts.slice(0, shown).map(({ target: where, rollout, over, evidence }) =>
      stepLine({
        mark: evidence === 'late' ? rolloutMarks[rollout.verdict] : 'unclear',
        name: 'Rollout after the end',
        word: rollout.verdict === 'moving' ? 'rolling out' : rollout.verdict,
        known: [
          targets.length > 1 ? target(where) : null,
          overText(rollout.revision, over),
          evidence === 'time' ? 'by this run or somebody else' : null,
          evidence === 'late' && !saysItself.includes(rollout.verdict) ? outside(rollout.reason, 150) : null,
        ],
      }),
    ),
    ...(more > 0 ? [`… and ${count(more, 'more rollout')} after the end`] : []),
    ...(afterEnd.checked === 'unavailable'
      ? [
          ':warning: twokey could not check whether the run rolled out anything after the end of this release.',
        ]
      : []),
  ]
}

/** `blog-api:44 (3f2c1ab) over blog-api:42 (61cbaec)`. */
export function overText(brought: Revision, over: Revision | null): string {
  return over === null ? revision(brought) : `${revision(brought)} over ${revision(over)}`
}

/** What the run changed without an approval, or that this could not be checked. */
function beyondLines(beyond: BeyondTrack): string[] {
  switch (beyond.checked) {
    case 'not yet':
      return []
    case 'yes':
      return beyond.changes.map(({ service, environment, rollout, evidence }) =>
        stepLine({
          mark: isProven({ evidence }) ? 'failed' : 'unclear',
          name: `${outside(service, 60)} in ${outside(environment, 60)}`,
          word: 'changed without approval',
          known: [revision(rollout.revision), isProven({ evidence }) ? null : 'by this run or another one'],
        }),
      )
    case 'unavailable':
      return [
        `:warning: twokey could not check whether the run changed anything else: ${outside(beyond.why, 150)}.`,
      ]
  }
}

function runLines(
  release: Release,
  { id, url, seen, head, heldSince, endedAt, settledBy }: RunTrack,
): string[] {
  const name = runLinkFirst({ id, number: seen?.number, url })
  const unapproved = head === 'foreign' ? 'not what was approved' : null
  if (settledBy !== undefined)
    return [
      stepLine({ mark: 'unclear', name, word: 'settled', known: [`by ${mention(settledBy)}`, unapproved] }),
    ]
  if (seen === null) return [stepLine({ mark: 'under way', name, word: 'started' })]
  const failed = seen.jobs.filter(({ verdict }) => verdict === 'failed')
  const isFollowed = release.stage.at !== 'ended' || endedBeforeItsRun(release)
  const isOpen = seen.verdict === 'moving' && isFollowed
  const since = seen.heldBy === undefined ? seen.startedAt : (heldSince ?? null)
  const listed = isOpen ? seen.jobs.filter(({ verdict }) => verdict === 'moving') : []
  const over = seen.jobs.filter(({ verdict }) => verdict === 'succeeded' || verdict === 'skipped')
  const run = stepLine({
    ...(isOpen
      ? { mark: 'under way', word: seen.heldBy === undefined ? 'running' : 'waiting' }
      : movingOr(release, seen.verdict, runMarks[seen.verdict], 'running')),
    name,
    known: [
      seen.attempt > 1 ? `attempt ${seen.attempt}` : null,
      seen.jobs.length > 0 ? `${over.length} of ${count(seen.jobs.length, 'job')} done` : null,
      took(seen.startedAt, seen.endedAt ?? endedAt),
      seen.restAt === undefined
        ? null
        : `its other jobs wait at the gate of ${firstOf(seen.restAt, shown, (name) => outside(name, 60))}`,
      isOpen && since !== null ? `since ${date(since, '{time}')}` : null,
      isOpen && seen.heldBy !== undefined ? hindranceText(seen.heldBy, 300) : null,
      unapproved,
      failed.length === 0 && isBad(seen.verdict) ? once(release, seen.reason) : null,
    ],
  })
  return [run, ...jobLines([...failed, ...listed])]
}

const runMarks: Record<RunVerdict, Mark> = {
  moving: 'under way',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'stopped',
  unknown: 'unclear',
}

function isBad(verdict: RunVerdict): boolean {
  return verdict !== 'moving' && verdict !== 'succeeded'
}

function rolloutLines(release: Release, track: RolloutTrack): string[] {
  const { target: where, seen, binding, answered } = track
  const name = release.targets.length > 1 ? `Rollout of ${nameAmong(release, where)}` : 'Rollout'
  if (seen) return [rolloutLine(release, track, seen, name)]
  if (binding === 'ambiguous') return [ambiguousLine(track, name)]
  if (answered !== null && 'refused' in answered)
    return [
      stepLine({
        mark: 'failed',
        name,
        word: 'refused by AWS',
        known: [once(release, answered.refused)],
      }),
    ]
  if (answered !== null && 'replacedBy' in answered)
    return [stepLine({ mark: 'stopped', name, word: 'superseded' })]
  if (!release.tracks.rollouts.some((other) => other.seen)) return []
  return release.stage.at === 'ended'
    ? [stepLine({ mark: 'unclear', name, word: 'none was seen' })]
    : [stepLine({ mark: 'ahead', name })]
}

/** All candidates, with a link to the page of ECS's console that lists them. */
function ambiguousLine({ target: where, candidates }: RolloutTrack, name: string): string {
  const [first] = candidates
  const url = first ? serviceUrl(where, 'deployments', first.revision.arn) : null
  return stepLine({
    mark: 'unclear',
    name: link(url ?? '', name),
    word: `${candidates.length > 2 ? 'several' : 'two'} could be this release’s`,
    known: [
      firstOf(candidates, shown, ({ revision: { name: each }, deploymentId }) =>
        outside(`${each} (${deploymentId})`, 120),
      ),
    ],
  })
}

/** The service's name alone, if no other target has the same one. */
function nameAmong({ targets }: Release, where: Target): string {
  const isAlone = targets.filter(({ service }) => service === where.service).length === 1
  return isAlone ? outside(where.service, 60) : target(where)
}

function rolloutLine(release: Release, track: RolloutTrack, seen: RolloutSighting, name: string): string {
  const { verdict, counts, createdAt, finishedAt, reason } = seen
  const isOpen = rolloutMarks[verdict] === 'under way' && release.stage.at !== 'ended'
  const logs = serviceUrl(track.target, 'logs', seen.revision.arn)
  return stepLine({
    ...movingOr(release, verdict, rolloutMarks[verdict], verdict === 'moving' ? 'rolling out' : verdict),
    name: link(serviceUrl(track.target, 'deployments', seen.revision.arn) ?? '', name),
    known: [
      tasksText(seen, isOpen),
      counts.pending > 0 && isOpen ? `${counts.pending} starting` : null,
      counts.failed > 0 ? `${count(counts.failed, 'task')} failed` : null,
      ...(isOpen ? shiftTexts(track) : []),
      took(createdAt, finishedAt ?? null),
      saysItself.includes(verdict) ? null : once(release, reason),
      isOpen && seen.heldBy !== undefined ? hindranceText(seen.heldBy, 150) : null,
      weakText(release, track),
      track.binding === 'foreign' || otherCommitText(release, track) !== null
        ? 'not the approved commit'
        : null,
      unapprovedText(release, track) === null ? null : 'not the approved image',
      logs === null ? null : link(logs, 'logs'),
    ],
  })
}

/** `▰▱▱▱ 1 of 4 tasks running blog-api:44`, while it moves with a bar; the revision alone if it has no tasks. */
function tasksText({ verdict, counts, revision: { name } }: RolloutSighting, isOpen: boolean): string {
  const { running, requested } = counts
  const shown = outside(name, 80)
  if (verdict === 'rolled back' || requested === 0) return shown
  const still = verdict === 'rolling back' ? 'still ' : ''
  const drawn = isOpen ? `${bar(running, requested)} ` : ''
  return `${drawn}${running} of ${count(requested, 'task')} ${still}running ${shown}`
}

/** The reason is left out if the word already says it. */
const saysItself: readonly RolloutVerdict[] = ['moving', 'baking', 'succeeded']

const rolloutMarks: Record<RolloutVerdict, Mark> = {
  moving: 'under way',
  baking: 'under way',
  paused: 'under way',
  'rolling back': 'under way',
  succeeded: 'done',
  failed: 'failed',
  'rolled back': 'failed',
  'rollback failed': 'failed',
  superseded: 'stopped',
  stopped: 'stopped',
  unknown: 'unclear',
}

/** `1 of 2 tasks running blog-api:44 (3f2c1ab), 1 starting, 0 failed`. */
export function rolloutText({ revision: to, verdict, counts, reason }: RolloutSighting): string {
  const state = verdict === 'moving' ? '' : `${verdict}, `
  const pending = counts.pending > 0 ? `, ${counts.pending} starting` : ''
  const why = verdict === 'moving' || verdict === 'succeeded' ? '' : ` – ${outside(reason, 150)}`
  return `${state}${counts.running} of ${count(counts.requested, 'task')} running ${revision(to)}${pending}, ${counts.failed} failed${why}`
}

/** `The run cannot be read. First missed …: why`. @param max characters of the reason */
export function unavailableLine(
  look: LookName,
  { since, reason }: Pick<Unavailability, 'since' | 'reason'>,
  max: number,
): string {
  return `:warning: ${unavailableText(look, { since, reason }, max)}`
}

/** The words for what is missing if it cannot be read. */
const looksAfterEnd: Readonly<Record<Followed, readonly LookName[]>> = {
  run: ['run', 'headTree'],
  gate: ['gate'],
  // It is shown on GitHub, not read.
  deployment: [],
  rollouts: ['rollouts'],
  // A read that fails now and then is repeated, and nobody has to act.
  late: [],
  again: [],
  settled: [],
  migration: ['migration'],
  beyond: ['beyond'],
}

/** What cannot be read now. */
export function unavailableLines(release: Release): readonly string[] {
  const { blind, stage } = release
  // The line on what it waits for says so.
  const shown = waitingFor(release)?.look
  const looked =
    stage.at === 'ended'
      ? followedAfterEnd(release).flatMap((followed) => looksAfterEnd[followed])
      : lookNames
  return looked
    .flatMap((look) => {
      const seen = blind[look]
      if (seen === undefined || look === shown || (seen.times <= 1 && !seen.lost)) return []
      return [unavailableLine(look, seen, 150)]
    })
    .slice(0, unavailableShown)
}
