import { always, type Facts, nothing, open, type Precondition, type Result, waiting } from './precondition.ts'

/** Sends nothing while a Reject, Cancel or lock is pending, even if looking up who clicked is slow. */
export const pendingStop = {
  name: 'pending stop',
  appliesTo: always,
  looks: nothing,
  judge: ({ context }: Facts): Result =>
    context.hasPendingStop
      ? waiting('the answer to a person who asked to stop it (Reject, Cancel, Withdraw approval or a lock)')
      : open(),
} satisfies Precondition
