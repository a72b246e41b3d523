import { type Controller, controllerOf, controllersText } from '../../release/controller.ts'
import type { PauseRound } from '../../release/pause.ts'
import { isOwn, pauseVerdict } from '../../release/policy/pause-round.ts'
import type { Release } from '../../release/release.ts'
import type { Revision } from '../../release/revision.ts'
import type { RolloutSighting } from '../../release/sighting.ts'
import { isHeldBack } from '../../release/tracks/pause.ts'
import type { RolloutTrack } from '../../release/tracks.ts'
import type { Pause, TrafficShift } from '../../release/traffic.ts'
import { outside } from '../escape.ts'
import { anyOf, count, date, mention, mentions, target } from '../mrkdwn.ts'
import { previousRevision } from './serving.ts'
import { excludedApproversText } from './waiting.ts'

const dayAndTime = '{date_short_pretty} at {time}'

/** What paused rollouts wait for, and who asked to roll back, for the top of the card. */
export function pauseLines(release: Release): readonly string[] {
  if (release.stage.at !== 'underway') return []
  const { tracks, pause } = release
  const paused = tracks.rollouts.flatMap((track) =>
    track.seen?.verdict === 'paused' ? [pausedLine(release, track, track.seen)] : [],
  )
  return [
    ...stopLines(tracks.rollouts),
    ...paused.slice(0, shown),
    ...(pause ? [neededLine(release, pause)] : []),
  ].filter((line) => line !== null)
}

/** How many targets are listed. */
const shown = 3

function pausedLine(release: Release, track: RolloutTrack, seen: RolloutSighting): string {
  const of = release.targets.length > 1 ? `The rollout of ${target(track.target)}` : 'The rollout'
  const own = isOwn(track)
    ? ''
    : ` twokey cannot prove that it belongs to this release: continue it, or roll it back, in ${controllerOf(seen)}.`
  return `${of} ${waitsText(seen, previousRevision(release, track))}${own}`
}

/**
 * `waits for a person, with 10 % of production traffic on blog-api:44, 90 % on blog-api:43. ECS rolls it back today at 14:05 …`
 * @param before what the rollout replaces; null: not known
 */
export function waitsText(seen: RolloutSighting, before: Revision | null): string {
  const traffic = seen.shift ? `, with ${trafficText(seen.shift, seen, before)}` : ''
  const next = seen.pause ? ` ${timeoutText(seen.pause, controllerOf(seen))}` : ''
  return `waits for a person${traffic}.${next}`
}

/** `ECS rolls it back today at 14:05 unless somebody continues it.` */
function timeoutText({ until, onTimeout }: Pause, controller: Controller): string {
  const at = until === undefined ? 'after its timeout' : date(until, dayAndTime)
  switch (onTimeout) {
    case 'rolls back':
      return `${controller} rolls it back ${at} unless somebody continues it.`
    case 'continues':
      return `${controller} continues it by itself ${at} unless somebody rolls it back.`
    case 'unknown':
      return `${until === undefined ? `It waits. ${controller} does not say for how long, nor what happens then` : `It waits until ${at}; ${controller} does not say what happens then`}.`
  }
}

/** `10 % of production traffic on blog-api:44, 90 % on blog-api:43; 100 % of test traffic on blog-api:44`. */
function trafficText(
  { production, test }: TrafficShift,
  { revision }: Pick<RolloutSighting, 'revision'>,
  before: Revision | null,
): string {
  const [now, old] = [outside(revision.name, 80), before && outside(before.name, 80)]
  const share = production === null ? 'an unknown share' : `${production} %`
  const rest = production === null || old === null ? '' : `, ${100 - production} % on ${old}`
  const tests = test === undefined ? '' : `; ${test} % of test traffic on ${now}`
  return `${share} of production traffic on ${now}${rest}${tests}`
}

function neededLine(release: Release, pause: PauseRound): string | null {
  const { counted, missing } = pauseVerdict(release, pause)
  if (isHeldBack(release)) return null
  if (missing === 0)
    return `Continue was approved (${mentions(counted.map(({ by }) => by))}). twokey asks ${controllersText(release.tracks.rollouts)} to continue.`
  const { policy } = pause
  if (policy.required === 0)
    return `*To continue, press Continue*: ${anyOf([release.requester, ...policy.approvers])}.`
  const approvals = count(missing, counted.length > 0 ? 'more approval' : 'approval')
  return `*To continue, it needs ${approvals}* from ${anyOf(policy.approvers)}${excludedApproversText(policy, release.requester)}.`
}

function stopLines(rollouts: readonly RolloutTrack[]): readonly string[] {
  const asked = rollouts.filter(({ stop }) => stop && stop.refused === undefined)
  const refused = rollouts.find(({ stop }) => stop?.refused !== undefined)
  const [first] = asked
  return [
    ...(first?.stop
      ? [`${mention(first.stop.by)} asked ${controllersText(asked)} to roll back ${date(first.stop.at)}.`]
      : []),
    ...(refused?.stop?.refused === undefined
      ? []
      : [
          `:warning: ${controllersText([refused])} did not roll back: ${outside(refused.stop.refused, 200)}.`,
        ]),
  ]
}

/** How far a rollout that shifts traffic is, and when its stage ends, a few words each. */
export function shiftTexts({ seen, stageSince }: RolloutTrack): readonly string[] {
  if (!seen?.shift) return []
  const { strategy, production, lastsMs } = seen.shift
  const share = production === null ? strategy : `${strategy}, ${production} % of production traffic`
  const until = lastsMs === undefined || stageSince === undefined ? null : stageSince + lastsMs
  if (until === null || seen.verdict === 'paused') return [share]
  const at = date(until, '{time}')
  return seen.verdict === 'baking'
    ? [share, `bakes until ${at} at the latest`]
    : [share, `next step by ${at}; ${controllerOf(seen)} cannot start it earlier`]
}
