import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import type { Answer, OutsideEffect } from '../release/effects.ts'
import type { Time } from '../release/names.ts'
import type { Lease } from '../store/store.ts'

/**
 * Does outside what was committed as wanted. A dispatch or an update leaves only while the lease that marked it holds, not
 * after its `sendBy`, and not where it was stopped while it waited its turn. A process that was paused and wakes late sends
 * nothing, since another may look for it already.
 */
export async function perform(
  effect: OutsideEffect,
  { github, ecs }: Pick<Outside, 'github' | 'ecs'>,
  {
    lease,
    clock,
    isWanted,
  }: {
    readonly lease: () => Lease
    readonly clock: Clock
    /** Whether nobody has stopped or replaced the release since it was marked. */
    readonly isWanted: () => Promise<boolean>
  },
): Promise<Answer> {
  const maySendUntil = (latest: Time) => async () =>
    (await isWanted()) && clock() < lease().until && clock() <= latest
  switch (effect.do) {
    case 'dispatch': {
      const { repository, workflow, branch } = effect.subject
      const { inputs, details, sendBy } = effect
      const maySend = maySendUntil(sendBy)
      return github.dispatch({ repository, workflow, ref: branch, inputs, details, maySend })
    }
    case 'update': {
      const { target, revision, sendBy } = effect
      return ecs.update({ target, revision, maySend: maySendUntil(sendBy) })
    }
    case 'cancel-run':
      return github.cancelRun(effect)
  }
}
