import { withDates } from './date.ts'

/**
 * Nothing a reader sees, everything a forger wants: controls, halves of characters, and what Unicode has left
 * unshown (zero-width and bidirectional marks, tags, variation selectors). Ends of lines and tabs are none of these.
 */
const invisible = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** Text without what cannot be seen; ends of lines stay. */
export function clean(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(invisible, '')
}

/** The same on one line. */
export function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/gu, ' ').trim()
}

/** At most `max` UTF-16 units, ending in `…` where something was left out; no character is cut in two. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text
  let kept = ''
  for (const character of text) {
    if (kept.length + character.length > max - 1) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

/** Slack's three characters, the ampersand first. Source: docs.slack.dev, formatting message text. */
function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Keeps `:white_check_mark:` from becoming one: a word joiner, which shows as nothing, parts the name from its colon. */
function withoutEmoji(text: string): string {
  return text.replaceAll(/:(?=[\p{L}\p{N}_+'-]+:)/gu, ':\u2060')
}

/**
 * The one way of text from outside into mrkdwn and into a message's `text`: cleaned, folded to one line,
 * shortened to `max` characters before escaping, unable to mention, to link or to show an emoji.
 */
export function outside(text: string, max = 200): string {
  return withoutEmoji(entities(shorten(oneLine(text), max)))
}

/** Outside text for `plain_text` and rich text, where nothing is parsed and an escape would be seen. */
export function literal(text: string, max = 200): string {
  return shorten(oneLine(text), max) || '–'
}

/** Scripts that run from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** Keeps text that runs from right to left from turning round what stands beside it. Source: Unicode UAX #9, isolates. */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text
}

/**
 * A sentence of our own that may name people as `<@U…>`, channels as `<#C…>`, groups as `<!subteam^S…>` and moments as `2026-11-23 12:00 UTC`,
 * and quote outside text: people, channels and groups stay, moments are shown in the reader's zone, all else is text.
 */
export function sentence(text: string, max = 600): string {
  return withDates(
    outside(text, max)
      .replaceAll(/&lt;@([UW][A-Z0-9]{1,20})&gt;/g, '<@$1>')
      .replaceAll(/&lt;#([CGD][A-Z0-9]{1,20})&gt;/g, '<#$1>')
      .replaceAll(/&lt;!subteam\^(S[A-Z0-9]{1,20})&gt;/g, '<!subteam^$1>'),
  )
}

/** Why a release ended: names whoever rejected, cancelled or locked it; nobody whom the outside text after it names. */
export function reason(text: string, max = 600): string {
  return outside(text, max).replace(
    /^((?:rejected|cancelled|locked) by )&lt;@([UW][A-Z0-9]{1,20})&gt;/,
    '$1<@$2>',
  )
}

/** What Slack's commands escape in what was typed. */
export function decoded(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
