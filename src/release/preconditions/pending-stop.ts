import { always, type Facts, noLooks, open, type Precondition, type Result, waitFor } from './precondition.ts'

/** Sends nothing while a Reject, Cancel or lock is pending, even if looking up who clicked is slow. */
export const pendingStop = {
  name: 'pending stop',
  appliesTo: always,
  looks: noLooks,
  judge: ({ context }: Facts): Result =>
    context.hasPendingStop
      ? waitFor('the answer to a person who asked to stop it (Reject, Cancel, Withdraw approval or a lock)')
      : open(),
} satisfies Precondition
