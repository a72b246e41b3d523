import type { Release } from '../../release/release.ts'
import type { State } from '../../release/stage.ts'
import { headline } from '../../release/state.ts'
import { outside } from '../escape.ts'

/** Each emoji always stands beside its word, never alone. */
const emoji: Record<State, string> = {
  'awaiting approval': 'key',
  queued: 'hourglass',
  waiting: 'hourglass_flowing_sand',
  dispatching: 'outbox_tray',
  running: 'gear',
  migrating: 'card_file_box',
  'rolling out': 'truck',
  baking: 'eyes',
  paused: 'double_vertical_bar',
  'rolling back': 'warning',
  succeeded: 'white_check_mark',
  failed: 'x',
  'rolled back': 'x',
  'rollback failed': 'rotating_light',
  unchanged: 'heavy_minus_sign',
  rejected: 'no_entry',
  cancelled: 'no_entry_sign',
  expired: 'alarm_clock',
  superseded: 'fast_forward',
  stopped: 'octagonal_sign',
  unknown: 'question',
}

export function stateEmoji(state: State): string {
  return `:${emoji[state]}:`
}

/** `blog-api prod: awaiting approval`, for mrkdwn and for a message's `text`. */
export function stateLine(release: Release): string {
  return outside(headline(release), 200)
}
