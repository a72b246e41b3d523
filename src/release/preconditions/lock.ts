import type { Context } from '../context.ts'
import type { Release } from '../release.ts'
import { always, end, noLooks, open, type Precondition, type Result } from './precondition.ts'

/** No lock blocks it. A rollback bypasses locks. */
export const lock = { name: 'lock', appliesTo: always, looks: noLooks, judge } satisfies Precondition

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
