import type { Shown } from '../messages/form.ts'
import type { InboxItem } from '../messages/intent.ts'
import type { People, Presence } from '../ports/ports.ts'
import type { Refusal } from '../release/refusal.ts'
import { mayNotRead as refusal } from '../release/refusals/people.ts'
import type { Settings } from '../settings/settings.ts'
import { type AnswerDeps, completeWithRefusal } from './complete.ts'

export type ReadersDeps = {
  readonly settings: Pick<Settings, 'readers' | 'serviceEnvironments'>
  readonly people: Pick<People, 'membership'>
}

/**
 * Why this person may not see that; null: they may. Full members of the workspace always may. With `readers:
 * everyone` guests may too, and people of other organizations if everything shown allows them.
 */
export async function mayNotRead(
  { settings, people }: ReadersDeps,
  who: Presence,
  shown: Shown,
): Promise<Refusal | null> {
  const membership = await people.membership(who)
  switch (membership.is) {
    case 'member':
      return null
    case 'guest':
      return settings.readers === 'everyone' ? null : refusal(membership)
    case 'external':
      return settings.readers === 'everyone' && allowsExternal(settings, shown) ? null : refusal(membership)
    case 'inactive':
    case 'unknown':
      return refusal(membership)
  }
}

/** The same for the person of an item. */
export function unreadable(
  { settings, outside: { people } }: Pick<AnswerDeps, 'settings' | 'outside'>,
  { from }: InboxItem,
  shown: Shown,
): Promise<Refusal | null> {
  return mayNotRead({ settings, people }, from, shown)
}

/** Answers people who may read the answer, and refuses others. */
export async function answerReaders(
  deps: AnswerDeps,
  item: InboxItem,
  shown: Shown,
  answered: () => Promise<void>,
): Promise<void> {
  const no = await unreadable(deps, item, shown)
  return no ? completeWithRefusal(deps, item, no) : answered()
}

/** A service environment that the config does not have is allowed to nobody. */
function allowsExternal({ serviceEnvironments }: ReadersDeps['settings'], shown: Shown): boolean {
  const all = serviceEnvironments.filter(
    ({ service, environment }) =>
      (shown.service === null || shown.service === service) &&
      (shown.environment === null || shown.environment === environment),
  )
  return all.length > 0 && all.every(({ externalChannels }) => externalChannels)
}
