import type { Context } from '../context.ts'
import type { Refusal } from '../refusal.ts'
import { locked } from '../refusals/locks.ts'
import type { Release } from '../release.ts'
import { always, end, type Facts, noLooks, open, type Precondition, type Result } from './precondition.ts'

/** No lock blocks it. A rollback bypasses locks. */
export const lock = { name: 'lock', appliesTo: always, looks: noLooks, judge, refusal } satisfies Precondition

function judge({
  release: { subject },
  context: { lock: held },
}: {
  readonly release: { readonly subject: Pick<Release['subject'], 'kind'> }
  readonly context: Pick<Context, 'lock'>
}): Result {
  if (held === null) return open()
  const { by, since, why } = held
  if (subject.kind === 'rollback') return open({ bypassed: { by, since } })
  return end('cancelled', `locked by <@${by}>: ${why}; nothing was sent`, { changed: { lock: held } })
}

/** A run that waits at a gate is there already: a lock only delays it. */
function refusal({ release: { subject, requester }, context: { lock: held } }: Facts): Refusal | null {
  return held === null || subject.kind === 'gate' ? null : locked(held, requester)
}
