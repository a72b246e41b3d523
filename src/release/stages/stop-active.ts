import type { ActiveDeployment } from '../active-deployment.ts'
import type { Draft } from '../draft.ts'
import { type Target, targetName } from '../names.ts'
import { deploymentsToStop } from '../preconditions/active-deployment.ts'
import { markFreshMs } from '../preconditions/age.ts'
import type { Facts } from '../preconditions/precondition.ts'
import type { StopRequest } from '../stage.ts'
import type { SteerAnswer } from '../steer.ts'
import { nextSteer } from '../tracks/steer-again.ts'

/** Has CodeDeploy stop what the rollback replaces, and again while a later look shows that it goes on. */
export function stopActive(draft: Draft, facts: Facts): void {
  for (const deployment of deploymentsToStop(facts)) stopOne(draft, deployment)
}

function stopOne(draft: Draft, { target, deploymentId: rollout }: ActiveDeployment): void {
  const known = requestFor(draft, target)
  const before = known?.rollout === rollout ? known : undefined
  if (before?.refused !== undefined) return
  const next = nextSteer(before?.sent ?? null, draft.now)
  switch (next.is) {
    case 'wait':
      return
    case 'give up':
      giveUp(draft, target, `CodeDeploy was asked ${next.times} times to stop ${rollout}, and does not`)
      return
    case 'send': {
      note(draft, target, { rollout, sent: next.sent })
      draft.record('twokey', 'roll back marked', { rollout, hook: null, attempt: next.sent.times })
      const sendBy = draft.now + markFreshMs
      draft.addEffect({ do: 'stop-rollout', target, rollout, hookId: null, sendBy })
    }
  }
}

/** CodeDeploy's answer to such a request. After a refusal the release waits until the deployment ends by itself. */
export function activeStopAnswered(draft: Draft, { answer, target, reason }: SteerAnswer): undefined {
  if (answer === 'refused') giveUp(draft, target, reason)
}

function giveUp(draft: Draft, target: Target, refused: string): void {
  const request = requestFor(draft, target)
  if (!request) return
  note(draft, target, { ...request, refused })
  const deployment = request.rollout
  draft.post(`not-stopped-${deployment}`, { tell: 'not-stopped', target, deployment, reason: refused })
}

function requestFor({ release: { stage } }: Draft, target: Target): StopRequest | undefined {
  return stage.at === 'ready' ? stage.stops?.[targetName(target)] : undefined
}

function note(draft: Draft, target: Target, request: StopRequest): void {
  const { stage } = draft.release
  if (stage.at !== 'ready') return
  draft.change({ stage: { ...stage, stops: { ...stage.stops, [targetName(target)]: request } } })
}
