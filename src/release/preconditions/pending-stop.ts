import { always, type Facts, nothing, open, type Precondition, type Result, waiting } from './precondition.ts'

/** Whoever clicked Reject or Cancel by now came first, however long it takes to tell whether they may. */
export const pendingStop = {
  name: 'pending stop',
  appliesTo: always,
  looks: nothing,
  judge: ({ context }: Facts): Result =>
    context.hasPendingStop
      ? waiting('the answer to a person who asked to stop it (Reject, Cancel, Withdraw approval or a lock)')
      : open(),
} satisfies Precondition
