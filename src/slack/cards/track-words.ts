import type { Time } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { duration } from '../mrkdwn.ts'
import type { Mark, Step } from './marks.ts'

/** A release may end before what it tracked. After its end, only its run and its migration are looked at again. */
export function movingOr(
  { stage }: Release,
  verdict: string,
  mark: Mark,
  moving: string,
): Pick<Step, 'mark' | 'word'> {
  if (mark !== 'under way') return { mark, word: verdict }
  return stage.at === 'ended'
    ? { mark: 'unclear', word: `still ${moving} when last seen` }
    : { mark, word: moving }
}

/** The reason, unless the sentence about the end already contains it. */
export function once({ stage }: Release, reason: string): string | null {
  return stage.at === 'ended' && stage.reason.includes(reason) ? null : outside(reason, 150)
}

/** How long something took; null if that is not known. */
export function took(from: Time | null, to: Time | null): string | null {
  return from === null || to === null ? null : duration(to - from)
}
