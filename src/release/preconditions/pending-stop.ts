import { always, type Facts, nothing, open, type Precondition, type Result, waiting } from './precondition.ts'

/** A stored Reject, Cancel or lock comes first, even if the lookup of its person takes long. */
export const pendingStop = {
  name: 'pending stop',
  appliesTo: always,
  looks: nothing,
  judge: ({ context }: Facts): Result =>
    context.hasPendingStop
      ? waiting('the answer to a person who asked to stop it (Reject, Cancel, Withdraw approval or a lock)')
      : open(),
} satisfies Precondition
