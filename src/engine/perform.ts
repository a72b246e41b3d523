import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import type { Answer } from '../release/answer.ts'
import type { OutsideEffect } from '../release/effects.ts'
import type { Time } from '../release/names.ts'
import type { Lease } from '../store/store.ts'

/**
 * Performs a committed effect. A dispatch, a re-run or an update is sent only while the lease that marked it is valid, not
 * after its `sendBy`, and not if it was stopped while it waited in the queue. A process that resumes late sends nothing,
 * because another one may already search for it.
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
    /** Whether nobody has stopped or replaced the release since the mark. */
    readonly isWanted: () => Promise<boolean>
  },
): Promise<Answer> {
  const isInTime = (latest: Time) => clock() < lease().until && clock() <= latest
  const maySendUntil = (latest: Time) => async () => (await isWanted()) && isInTime(latest)
  switch (effect.do) {
    case 'dispatch': {
      const { repository, workflow, branch } = effect.subject
      const { inputs, details, sendBy } = effect
      const maySend = maySendUntil(sendBy)
      return github.dispatch({ repository, workflow, ref: branch, inputs, details, maySend })
    }
    case 'rerun': {
      const { sendBy, ...rerun } = effect
      return github.rerun({ ...rerun, maySend: maySendUntil(sendBy) })
    }
    case 'update': {
      const { target, revision, sendBy } = effect
      return ecs.update({ releaseId: lease().releaseId, target, revision, maySend: maySendUntil(sendBy) })
    }
    case 'review-gate': {
      const { sendBy, ...review } = effect
      return github.reviewGate({ ...review, maySend: maySendUntil(sendBy) })
    }
    case 'report-gate': {
      const { sendBy, ...report } = effect
      return github.reportGate({ ...report, maySend: maySendUntil(sendBy) })
    }
    case 'show-deployment': {
      const { sendBy, ...shown } = effect
      return github.showDeployment({ ...shown, maySend: maySendUntil(sendBy) })
    }
    case 'continue-rollout': {
      const { do: _, sendBy, ...asked } = effect
      return ecs.continueRollout({
        releaseId: lease().releaseId,
        ...asked,
        maySend: maySendUntil(sendBy),
      })
    }
    case 'stop-rollout': {
      const { do: _, sendBy, ...asked } = effect
      // Nobody takes back a request to roll back, so only its age matters.
      const maySend = async () => isInTime(sendBy)
      return ecs.stopRollout({ releaseId: lease().releaseId, ...asked, maySend })
    }
    case 'cancel-run':
      return github.cancelRun(effect)
  }
}
