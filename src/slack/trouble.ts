import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api'
import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import { TooLarge } from '../runtime/bounded.ts'
import { neverConnected } from '../runtime/never-connected.ts'
import type { LostCard } from '../store/store.ts'

/** Why a call to Slack failed. */
export type SlackTrouble =
  /** Does not pass by itself; says what it is, and what a person can do. */
  | { readonly kind: 'terminal'; readonly code: string; readonly sentence: string; readonly next: string }
  /** Refused for now; nothing was done. @property afterMs when to try again */
  | { readonly kind: 'limited'; readonly afterMs: number }
  /** Refused for this one message: it is gone, or Slack does not accept its blocks. Nothing was done. */
  | { readonly kind: 'refused'; readonly code: string }
  /** May pass; it is not known whether the call was carried out. */
  | { readonly kind: 'passing'; readonly sentence: string }

/** Codes that only a person with access to the workspace or the tokens can resolve, with what to do. */
const terminal: Readonly<Record<string, string>> = {
  account_inactive: 'Install the app again and give twokey its bot token.',
  app_missing_action_url: 'Install the app from manifest.yml.',
  channel_not_found:
    'Slack has no such channel, or it is private and twokey is not in it: correct the ID in twokey.yml, or invite twokey to the channel.',
  ekm_access_denied: 'Ask the administrators of the workspace.',
  invalid_auth: 'Reinstall the app and set SLACK_BOT_TOKEN again.',
  is_archived: 'Unarchive the channel, or set another one in twokey.yml.',
  is_inactive: 'Unarchive the channel, or set another one in twokey.yml.',
  messages_tab_disabled:
    'Turn on the Messages Tab under App Home in the settings of the app, as manifest.yml has it.',
  missing_scope: 'Add the scope as manifest.yml has it, and install the app again.',
  no_permission: 'Ask the administrators of the workspace.',
  not_allowed_token_type: 'Give twokey the bot token, which begins with xoxb-.',
  not_authed: 'Reinstall the app and set SLACK_BOT_TOKEN again.',
  not_in_channel: 'Invite the app to the channel: `/invite @twokey`.',
  plan_upgrade_required: 'User groups need a paid plan: list people in twokey.yml instead.',
  restricted_action: 'Let apps post in the channel.',
  restricted_action_read_only_channel: 'Let apps post in the channel.',
  restricted_action_thread_only_channel: 'Let apps post outside of threads in the channel.',
  team_access_not_granted: 'Ask the administrators of the organization.',
  team_disabled: 'Ask the administrators of the workspace.',
  team_added_to_org: 'Install the app again and give twokey its bot token.',
  token_expired: 'Reinstall the app and set SLACK_BOT_TOKEN again.',
  token_revoked: 'Install the app again and give twokey its bot token.',
  user_removed_from_team: 'Install the app again and give twokey its bot token.',
}

/** What Slack sends with the error `missing_scope`: the scopes that the app lacks. */
const scopes = z.object({ needed: z.string() })

/** Errors of Slack's platform itself, which pass. */
const passing: ReadonlySet<string> = new Set([
  'external_channel_migrating',
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
])

/**
 * Permanent refusals to edit a message: `cant_update_message` follows a new installation of the app, `edit_window_closed` a
 * setting of the workspace. Source: docs.slack.dev, chat.update.
 */
const uneditable: Readonly<Record<string, LostCard['why']>> = {
  cant_update_message: 'uneditable',
  edit_window_closed: 'uneditable',
  message_not_found: 'gone',
}

/** Why a message can never be edited again; null for any other error. */
export function uneditableNow(error: unknown): LostCard['why'] | null {
  return meaningOf(error, uneditable)
}

/**
 * Refusals of a reply: the parent message is gone, or was deleted and left a note that takes no replies, or nobody may reply
 * there. Source: docs.slack.dev, chat.postMessage.
 */
const unthreaded: Readonly<Record<string, 'gone' | 'closed'>> = {
  thread_not_found: 'gone',
  message_not_found: 'gone',
  cannot_reply_to_message: 'gone',
  restricted_action_thread_locked: 'closed',
  restricted_action_non_threadable_channel: 'closed',
}

/** Whether a thread is gone, or closed to replies; null for any other error. */
export function unthreadedNow(error: unknown): 'gone' | 'closed' | null {
  return meaningOf(error, unthreaded)
}

/** The meaning of a refusal's code; null for any other error. */
function meaningOf<T>(error: unknown, meanings: Readonly<Record<string, T>>): T | null {
  const trouble = troubleOf(error)
  return trouble.kind === 'refused' ? (meanings[trouble.code] ?? null) : null
}

/** Whether the answer was larger than twokey reads. */
export function isTooLarge(error: unknown): error is WebAPIRequestError {
  return error instanceof WebAPIRequestError && error.original instanceof TooLarge
}

/** Whether it is certain that Slack did not carry out a call, and may if it is repeated. */
export function wasNotSent(error: unknown): boolean {
  if (troubleOf(error).kind === 'limited') return true
  return error instanceof WebAPIRequestError && neverConnected(error.original)
}

/** Classifies whatever a call threw. */
export function troubleOf(error: unknown): SlackTrouble {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'limited', afterMs: error.retryAfter * 1_000 }
  if (error instanceof WebAPIPlatformError) return platformTrouble(error)
  if (error instanceof WebAPIHTTPError)
    return { kind: 'passing', sentence: `Slack returned status ${error.statusCode}` }
  if (isTooLarge(error)) return { kind: 'passing', sentence: error.original.message }
  if (error instanceof WebAPIRequestError)
    return { kind: 'passing', sentence: `Slack did not answer: ${causeOf(error.original)}` }
  return { kind: 'passing', sentence: error instanceof Error ? error.message : 'the connection was closed' }
}

/** `fetch failed` alone says nothing: its cause has the code and the host, as in `getaddrinfo ENOTFOUND slack.com`. */
function causeOf(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== ''
    ? `${error.message}: ${error.cause.message}`
    : error.message
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

/** The error as the engine handles it. */
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

/** The error in one sentence, for people. */
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
