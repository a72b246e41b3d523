import { type Controller, controllerOf, controllersText } from '../../release/controller.ts'
import type { PauseRound } from '../../release/pause.ts'
import { isOwn, pauseVerdict } from '../../release/policy/pause-round.ts'
import type { Release } from '../../release/release.ts'
import type { RolloutSighting } from '../../release/sighting.ts'
import { isHeldBack } from '../../release/tracks/pause.ts'
import type { RolloutTrack } from '../../release/tracks.ts'
import type { Pause, TrafficShift } from '../../release/traffic.ts'
import { outside } from '../escape.ts'
import { anyOf, count, date, mention, mentions, target } from '../mrkdwn.ts'
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

function pausedLine({ targets }: Release, track: RolloutTrack, seen: RolloutSighting): string {
  const of = targets.length > 1 ? `The rollout of ${target(track.target)}` : 'The rollout'
  const own = isOwn(track)
    ? ''
    : ` twokey cannot prove that it belongs to this release: continue it, or roll it back, in ${controllerOf(seen)}.`
  return `${of} ${waitsText(seen)}${own}`
}

/** `waits for a person, with 10 % of production traffic on blog-api:44. ECS rolls it back today at 14:05 …` */
export function waitsText(seen: RolloutSighting): string {
  const traffic = seen.shift ? `, with ${trafficText(seen.shift, seen)}` : ''
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

/** `10 % of production traffic and 100 % of test traffic on blog-api:44`. */
function trafficText(
  { production, test }: TrafficShift,
  { revision }: Pick<RolloutSighting, 'revision'>,
): string {
  const share = production === null ? 'an unknown share' : `${production} %`
  const tests = test === undefined ? '' : ` and ${test} % of test traffic`
  return `${share} of production traffic${tests} on ${outside(revision.name, 80)}`
}

function neededLine(release: Release, pause: PauseRound): string | null {
  const { counted, missing, required } = pauseVerdict(release, pause)
  if (isHeldBack(release)) return null
  const by = counted.length > 0 ? ` (${mentions(counted.map((approval) => approval.by))})` : ''
  if (missing === 0)
    return `Continue was approved${by}. twokey asks ${controllersText(release.tracks.rollouts)} to continue.`
  const { policy } = pause
  if (policy.required === 0)
    return `*To continue, press Continue*: ${anyOf([release.requester, ...policy.approvers])}.`
  const approvals = count(missing, counted.length > 0 ? 'more approval' : 'approval')
  const given = counted.length > 0 ? ` ${counted.length} of ${required}${by}.` : ''
  return `*To continue, it needs ${approvals}* from ${anyOf(policy.approvers)}${excludedApproversText(policy, release.requester)}.${given}`
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
  const share = production === null ? strategy : `${strategy}, ${production} % of traffic`
  const until = lastsMs === undefined || stageSince === undefined ? null : stageSince + lastsMs
  if (until === null || seen.verdict === 'paused') return [share]
  const at = date(until, '{time}')
  return seen.verdict === 'baking'
    ? [share, `bakes until ${at} at the latest`]
    : [share, `next step by ${at}; ${controllerOf(seen)} cannot start it earlier`]
}
