import type { Answer, OutsideEffect } from '../release/effects.ts'
import type { Lease } from '../store/store.ts'
import type { Outside } from './observe.ts'
import type { Clock } from './ports.ts'

/**
 * Does outside what was committed as wanted. A dispatch leaves only while the lease that marked it holds: a process
 * that was paused and wakes late sends nothing, since another may look for it already.
 */
export async function perform(
  effect: OutsideEffect,
  { github, ecs }: Pick<Outside, 'github' | 'ecs'>,
  { lease, clock }: { lease: () => Lease; clock: Clock },
): Promise<Answer> {
  const holds = () => clock() < lease().until
  switch (effect.do) {
    case 'dispatch': {
      const { repository, workflow, branch } = effect.subject
      const { inputs, details } = effect
      return github.dispatch({ repository, workflow, ref: branch, inputs, details, maySend: holds })
    }
    case 'update':
      if (!holds())
        return {
          to: 'update',
          target: effect.target,
          answer: 'unclear',
          reason: 'twokey was paused before it could send',
        }
      return ecs.update(effect)
    case 'cancel-run':
      return github.cancelRun(effect)
  }
}
