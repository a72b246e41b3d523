import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api'
import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import { TooLarge } from '../runtime/bounded.ts'
import type { LostCard } from '../store/store.ts'

/** What became of a call to Slack that did not answer well. */
export type SlackTrouble =
  /** Will not pass by itself: what it is, and what somebody can do. */
  | { readonly kind: 'terminal'; readonly code: string; readonly sentence: string; readonly next: string }
  /** Refused for now; nothing was done. @property afterMs when to come again */
  | { readonly kind: 'limited'; readonly afterMs: number }
  /** Refused for this one thing: a message that is gone, blocks that Slack does not take. Nothing was done. */
  | { readonly kind: 'refused'; readonly code: string }
  /** May pass; whether it was done is not known. */
  | { readonly kind: 'passing'; readonly sentence: string }

/** Codes that only somebody at the workspace or at the tokens can mend, with what to do. */
const terminal: Readonly<Record<string, string>> = {
  account_inactive: 'Install the app anew and give twokey its bot token.',
  app_missing_action_url: 'Install the app from manifest.yml.',
  channel_not_found: 'Name a channel in twokey.yml that exists, and invite the app where it is private.',
  ekm_access_denied: 'Ask the administrators of the workspace.',
  invalid_auth: 'Give twokey valid tokens of the app as it is installed.',
  is_archived: 'Unarchive the channel, or name another one in twokey.yml.',
  is_inactive: 'Unarchive the channel, or name another one in twokey.yml.',
  missing_scope: 'Add the scope as manifest.yml has it, and install the app again.',
  no_permission: 'Ask the administrators of the workspace.',
  not_allowed_token_type: 'Give twokey the bot token, which begins with xoxb-.',
  not_authed: 'Give twokey valid tokens of the app as it is installed.',
  not_in_channel: 'Invite the app to the channel: `/invite @twokey`.',
  plan_upgrade_required: 'User groups need a paid plan of Slack: name people in twokey.yml instead.',
  restricted_action: 'Let apps post in the channel.',
  restricted_action_read_only_channel: 'Let apps post in the channel.',
  restricted_action_thread_only_channel: 'Let apps post outside of threads in the channel.',
  team_access_not_granted: 'Ask the administrators of the organization.',
  team_disabled: 'Ask the administrators of the workspace.',
  team_added_to_org: 'Install the app anew and give twokey its bot token.',
  token_expired: 'Give twokey valid tokens of the app as it is installed.',
  token_revoked: 'Install the app anew and give twokey its bot token.',
  user_removed_from_team: 'Install the app anew and give twokey its bot token.',
}

/** What comes with `missing_scope`. */
const scopes = z.object({ needed: z.string() })

/** Platform errors of Slack itself, which pass. */
const passing: ReadonlySet<string> = new Set([
  'external_channel_migrating',
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
])

/**
 * Refusals to edit a message that stand for good: `cant_update_message` comes after the app was installed anew,
 * `edit_window_closed` from a setting of the workspace. Source: docs.slack.dev, chat.update.
 */
const uneditable: Readonly<Record<string, LostCard['why']>> = {
  cant_update_message: 'uneditable',
  edit_window_closed: 'uneditable',
  message_not_found: 'gone',
}

/** Why a message can never be edited again; null where the error says something else. */
export function uneditableNow(error: unknown): LostCard['why'] | null {
  return meaningOf(error, uneditable)
}

/**
 * Refusals of a reply: its parent is gone, or was deleted and left a note that takes no replies; or nobody may reply there. Source:
 * docs.slack.dev, chat.postMessage.
 */
const unthreaded: Readonly<Record<string, 'gone' | 'closed'>> = {
  thread_not_found: 'gone',
  message_not_found: 'gone',
  cannot_reply_to_message: 'gone',
  restricted_action_thread_locked: 'closed',
  restricted_action_non_threadable_channel: 'closed',
}

/** Whether a thread is gone, or closed to replies; null where the error says something else. */
export function unthreadedNow(error: unknown): 'gone' | 'closed' | null {
  return meaningOf(error, unthreaded)
}

/** What a refusal means by its code; null where the error is none of these. */
function meaningOf<T>(error: unknown, meanings: Readonly<Record<string, T>>): T | null {
  const trouble = troubleOf(error)
  return trouble.kind === 'refused' ? (meanings[trouble.code] ?? null) : null
}

/** Whether the answer was larger than twokey reads. */
export function isTooLarge(error: unknown): error is WebAPIRequestError {
  return error instanceof WebAPIRequestError && error.original instanceof TooLarge
}

/** Sorts whatever a call threw. */
export function troubleOf(error: unknown): SlackTrouble {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'limited', afterMs: error.retryAfter * 1_000 }
  if (error instanceof WebAPIPlatformError) return platformTrouble(error)
  if (error instanceof WebAPIHTTPError)
    return { kind: 'passing', sentence: `Slack answered with status ${error.statusCode}` }
  if (isTooLarge(error)) return { kind: 'passing', sentence: error.original.message }
  if (error instanceof WebAPIRequestError)
    return { kind: 'passing', sentence: `Slack did not answer: ${error.original.message}` }
  return { kind: 'passing', sentence: error instanceof Error ? error.message : 'the connection was closed' }
}

function platformTrouble({ data }: WebAPIPlatformError): SlackTrouble {
  const code = data.error
  if (code === 'ratelimited' || code === 'rate_limited') return { kind: 'limited', afterMs: 10_000 }
  if (passing.has(code)) return { kind: 'passing', sentence: `Slack answered ${code}` }
  const next = terminal[code]
  if (next === undefined) return { kind: 'refused', code }
  const missing = scopes.safeParse(data)
  const scope = missing.success ? `: ${missing.data.needed}` : ''
  return { kind: 'terminal', code, sentence: `Slack answered ${code}${scope}`, next }
}

/** As the engine is told of it. */
export function asTrouble(error: unknown): Trouble {
  const trouble = troubleOf(error)
  switch (trouble.kind) {
    case 'terminal':
      return new Trouble('terminal', `${trouble.sentence}. ${trouble.next.replace(/\.$/, '')}`, {
        cause: error,
      })
    case 'refused':
      return new Trouble('terminal', `Slack answered ${trouble.code}`, { cause: error })
    case 'limited':
      return new Trouble('passing', 'Slack takes no more requests for the moment', { cause: error })
    case 'passing':
      return new Trouble('passing', trouble.sentence, { cause: error })
  }
}

/** What an error says, for people: one sentence. */
export function sayError(error: unknown): string {
  const trouble = troubleOf(error)
  switch (trouble.kind) {
    case 'terminal':
      return `${trouble.sentence}. ${trouble.next}`
    case 'refused':
      return `Slack answered ${trouble.code}`
    case 'limited':
      return 'Slack takes no more requests for the moment'
    case 'passing':
      return trouble.sentence
  }
}
