import type { SteerAnswer, SteerEffect } from '../release/steer.ts'

type Asked<Do extends SteerEffect['do']> = Omit<Extract<SteerEffect, { do: Do }>, 'do' | 'sendBy'> & {
  /** The release for which it is sent. */
  readonly releaseId: string
  /** Called right before the request is sent, after all waits of the client. If it returns false, nothing is sent. */
  readonly maySend: () => Promise<boolean>
}

/** What can be done to a rollout in progress. Each request is sent once. Methods do not throw. */
export interface SteerRollouts {
  /** Continues a rollout at the hook where it waits. */
  continueRollout(ask: Asked<'continue-rollout'>): Promise<SteerAnswer>
  /** Rolls back a rollout in progress, by its hook if it waits at one. */
  stopRollout(ask: Asked<'stop-rollout'>): Promise<SteerAnswer>
}
