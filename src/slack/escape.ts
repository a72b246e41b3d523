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

/** A sentence of our own that may name people as `<@U…>` and quote outside text: the people stay, all else is text. */
export function sentence(text: string, max = 600): string {
  return outside(text, max).replaceAll(/&lt;@([UW][A-Z0-9]{1,20})&gt;/g, '<@$1>')
}

/** Why a release ended: names whoever rejected or cancelled it; nobody whom the outside text after it names. */
export function reason(text: string, max = 600): string {
  return outside(text, max).replace(/^((?:rejected|cancelled) by )&lt;@([UW][A-Z0-9]{1,20})&gt;/, '$1<@$2>')
}

/** What Slack's commands escape in what was typed. */
export function decoded(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
