import { controllerOf, controllersText } from '../../release/controller.ts'
import type { Release } from '../../release/release.ts'
import type { RolloutVerdict } from '../../release/sighting.ts'
import type { State } from '../../release/stage.ts'
import { stateOf } from '../../release/state.ts'
import type { RolloutTrack } from '../../release/tracks.ts'
import { outside } from '../escape.ts'
import { progressText } from './headline.ts'
import { previousRevision, servingNow } from './serving.ts'

/**
 * What is going on, and what serves, once something was sent: `The workflow is running. Still serving: blog-api:43 (1111111).`
 * Null at a pause, whose own lines say so.
 */
export function nowLine(release: Release): string | null {
  const state = stateOf(release)
  if (state === 'paused') return null
  const move = moveText(release)
  if (move !== null) return move
  const serving = servingNow(release)
  const { rollouts } = release.tracks
  if (state === 'baking') return `Serving: ${serving}. ${controllersText(rollouts)} can still roll it back.`
  const what = progressText(release) === null ? whatText(release, state) : null
  const isUntouched = rollouts.every(({ seen }) => seen === null)
  return `${what === null ? '' : `${what} `}${isUntouched ? 'Still serving' : 'Serving'}: ${serving}.`
}

/** Null where the first line says what it waits for. */
function whatText({ stage, subject }: Release, state: State): string | null {
  if (stage.at === 'sending') return sendingText[subject.kind]
  if (subject.kind === 'rollback' && state === 'rolling out') return 'AWS has accepted the update.'
  return stateText[state] ?? null
}

const sendingText: Readonly<Record<Release['subject']['kind'], string>> = {
  deploy: 'GitHub was asked to start the workflow.',
  gate: 'GitHub was asked to let the run go on.',
  rerun: 'GitHub was asked to re-run the failed jobs.',
  rollback: 'AWS was asked to roll back.',
}

const stateText: Readonly<Partial<Record<State, string>>> = {
  running: 'The workflow is running.',
  migrating: 'The migration is running.',
}

/** `ECS is replacing blog-api:43 with blog-api:44.`; null if not all targets do the same. */
function moveText({ tracks, servingBefore }: Release): string | null {
  const [first = null, ...others] = tracks.rollouts.map((track) => moveOf(track, servingBefore))
  return others.every((other) => other === first) ? first : null
}

function moveOf(track: RolloutTrack, servingBefore: Release['servingBefore']): string | null {
  const { seen } = track
  const old = previousRevision({ servingBefore }, track)
  if (seen === null || old === null) return null
  const [from, to] = [outside(old.name, 80), outside(seen.revision.name, 80)]
  return moving[seen.verdict]?.(controllerOf(seen), from, to) ?? null
}

const moving: Readonly<Partial<Record<RolloutVerdict, (by: string, from: string, to: string) => string>>> = {
  moving: (by, from, to) => `${by} is replacing ${from} with ${to}.`,
  'rolling back': (by, from, to) => `${by} is rolling back ${to} to ${from}.`,
}
