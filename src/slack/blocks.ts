import type {
  ActionsBlock,
  Button,
  ContextBlock,
  KnownBlock,
  RichTextBlock,
  RichTextElement,
  SectionBlock,
} from '@slack/types'
import type { Confirm } from '../release/actions/action.ts'
import type { Action } from '../release/actions/actions.ts'
import { clean, isolated, literal, shorten } from './escape.ts'

/** A Slack message. `text` is what notifications and screen readers get. */
export type Message = {
  readonly text: string
  readonly blocks: readonly KnownBlock[]
  readonly metadata?: Metadata
}

/** Lets twokey find a message again. Metadata is never authority. */
export type Metadata =
  | {
      readonly event_type: 'twokey_release' | 'twokey_story'
      readonly event_payload: { readonly release_id: string; readonly key?: string }
    }
  | { readonly event_type: 'twokey_notice'; readonly event_payload: { readonly notice_id: string } }

/** Every `action_id` of twokey's buttons begins with this. */
export const actionPrefix = 'twokey:'

/** Picks a row of `/rollback`. It requests a rollback and is no action on a release. */
export const pickRevision = `${actionPrefix}revision`

/** Picks a row of `/deploy cancel`. It cancels as the command does, even if the card of that release is another message. */
export const pickCancel = `${actionPrefix}pick-cancel`

/** Offered to a person who may take over a conflicting lock. It requests a lock and is no action on a release. */
export const takeOverLock = `${actionPrefix}take-over-lock`

/** The paging buttons under a list. Each has its own id, because ids are unique within a message. */
export const turnPage = {
  previous: `${actionPrefix}previous-page`,
  next: `${actionPrefix}next-page`,
} as const

/** Slack accepts 3,000 characters of text in a section, and 4,000 of a message's `text` in an edit. */
const longest = { section: 2_900, text: 3_500, log: 2_600 } as const

/**
 * Lines of mrkdwn in which outside text is already escaped. Lines that do not fit are left out whole, and `…` stands for them.
 */
export function section(lines: readonly (string | null)[], accessory?: Button): SectionBlock {
  const text = fitting(lines, longest.section)
  return {
    type: 'section',
    text: { type: 'mrkdwn', text, verbatim: true },
    ...(accessory && { accessory }),
  }
}

/** The same lines in as few sections as they fit in; no section if there are none. */
export function sections(lines: readonly string[]): readonly SectionBlock[] {
  const parts: string[][] = [[]]
  for (const line of lines) {
    const part = parts.at(-1)!
    if (part.length > 0 && [...part, line].join('\n').length > longest.section) parts.push([line])
    else part.push(line)
  }
  return parts.flatMap((part) => (part.length > 0 ? [section(part)] : []))
}

/** One line of small print. */
export function context(line: string): ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: line, verbatim: true }] }
}

export function actions(buttons: readonly Button[]): ActionsBlock {
  return { type: 'actions', elements: [...buttons] }
}

export type ButtonWords = {
  readonly action:
    | `${typeof actionPrefix}${Action}`
    | typeof pickRevision
    | typeof pickCancel
    | typeof takeOverLock
    | (typeof turnPage)['previous' | 'next']
  readonly label: string
  /** What a screen reader reads aloud: the label and its target. */
  readonly spoken: string
  readonly value: string
  readonly style?: 'primary' | 'danger'
  /** The confirmation dialog of a button: what will happen, and to what. */
  readonly confirm?: Confirm
}

export function button({ action, label, spoken, value, style, confirm }: ButtonWords): Button {
  return {
    type: 'button',
    action_id: action,
    text: plain(label, 75),
    accessibility_label: literal(spoken, 75),
    value,
    ...(style && { style }),
    ...(confirm && {
      confirm: {
        title: plain(confirm.title, 100),
        text: plain(confirm.text, 300),
        confirm: plain(confirm.yes, 30),
        deny: plain('Back', 30),
        ...(style && { style }),
      },
    }),
  }
}

function plain(text: string, max: number) {
  return { type: 'plain_text', text: literal(text, max), emoji: false } as const
}

/** Lines that Slack does not parse, so text from outside needs no escaping. */
export function bullets(rows: readonly (readonly RichTextElement[])[]): RichTextBlock {
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_list',
        style: 'bullet',
        elements: rows.map((elements) => ({ type: 'rich_text_section', elements: [...elements] })),
      },
    ],
  }
}

/** One line of rich text. */
export function plainLine(elements: readonly RichTextElement[]): RichTextBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [...elements] }] }
}

/** The last lines of a log that fit. Slack makes no mentions, links or emoji of them. */
export function preformatted(lines: readonly string[]): RichTextBlock {
  const kept: string[] = []
  let length = 0
  for (const line of lines.toReversed()) {
    const short = shorten(clean(line).replaceAll('\n', ' '), 400)
    length += short.length + 1
    if (length > longest.log) break
    kept.unshift(short)
  }
  const text = kept.join('\n') || '–'
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }], border: 0 }],
  }
}

/** Text for a rich text element: cleaned, shortened, and isolated from the direction of the text around it. */
export function words(text: string, max: number): RichTextElement {
  return { type: 'text', text: isolated(literal(text, max)) }
}

/** Our own characters, unchanged. */
export function ours(text: string): RichTextElement {
  return { type: 'text', text }
}

export function code(text: string): RichTextElement {
  return { type: 'text', text: literal(text, 60), style: { code: true } }
}

/** A link with a short label. @param url built by twokey */
export function textLink(url: string, label: string): RichTextElement {
  return { type: 'link', url, text: label }
}

export function codeLink(url: string, label: string): RichTextElement {
  return { type: 'link', url, text: label, style: { code: true } }
}

/** A message's `text`: the lines that fit. */
export function fallback(lines: readonly (string | null)[]): string {
  return fitting(lines, longest.text)
}

function fitting(lines: readonly (string | null)[], max: number): string {
  let text = ''
  for (const line of lines) {
    if (line === null || line === '') continue
    const longer = text === '' ? line : `${text}\n${line}`
    if (longer.length > max) return text === '' ? '–' : `${text}\n…`
    text = longer
  }
  return text || '–'
}
