import type { ECS } from '@aws-sdk/client-ecs'
import { failing, isShapeless } from './trouble.ts'

/** Thrown instead of sending a request that is no longer wanted, or too old. */
class NotSent extends Error {
  override readonly message = 'it was replaced, or delayed for too long, before it could be sent'
}

/** Makes a command throw `NotSent` unless it may be sent, which is checked right before it is. */
export function onlyIf(
  { middlewareStack }: { readonly middlewareStack: object },
  maySend: () => Promise<boolean>,
): void {
  // The stack of each command has types of its own, which do not matter here.
  const stack = middlewareStack as ECS['middlewareStack']
  // As late as possible: fetching credentials may have taken seconds.
  stack.add(
    (next) => async (args) => {
      if (!(await maySend())) throw new NotSent()
      return next(args)
    },
    { step: 'deserialize', priority: 'low' },
  )
}

/**
 * What an error of a request that is sent once says of its effect. `refused`: nothing was changed, which is proven.
 * @param reasonOf why, in words
 */
export function failedAnswer(
  error: unknown,
  reasonOf: (error: unknown) => string,
): { readonly answer: 'refused' | 'unclear'; readonly reason: string } {
  if (error instanceof NotSent) return { answer: 'unclear', reason: error.message }
  return { answer: isProof(error) ? 'refused' : 'unclear', reason: reasonOf(error) }
}

/** Whether an error proves that nothing was changed. */
function isProof(error: unknown): boolean {
  const kind = failing(error)
  switch (kind) {
    case 'denied':
    case 'credentials':
    case 'misnamed':
    case 'refused':
      return true
    // An HTML page is not an answer of AWS.
    case 'not offered':
      return !isShapeless(error)
    case 'throttled':
    case 'unanswered':
      return false
  }
}
