import { withDates } from './date.ts'

/**
 * Nothing a reader sees, everything a forger wants: controls, halves of characters, and what Unicode has left
 * unshown (zero-width and bidirectional marks, tags, variation selectors). Ends of lines and tabs are none of these.
 */
const invisible = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** Text without what cannot be read; ends of lines stay. */
export function clean(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(invisible, '')
}

/** The same on one line. */
export function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/gu, ' ').trim()
}

/** The emoji and bars that cards use as marks, and those that look like one, each after what is shown in its place. */
const marks: Readonly<Record<string, string>> = {
  '\u2713': '\u2705\u2714\u2611',
  '\u2717': '\u274c\u2716\u274e',
  '\u25cf': '\u26ab\u{1f534}\u{1f535}\u{1f7e0}\u{1f7e1}\u{1f7e2}\u{1f7e3}\u{1f7e4}',
  '\u25cb': '\u26aa\u2b55',
  '\u2298': '\u{1f6ab}\u26d4\u{1f6d1}',
  '\u25b3': '\u26a0\u{1f6a8}',
  '\u00ab': '\u23ea',
  '\u00bb': '\u23e9',
  '\u2212': '\u2796',
  '?': '\u2753\u2754',
  '\u2190': '\u21a9',
  '\u25a0': '\u25b0',
  '\u25a1': '\u25b1',
  '\u25af':
    '\u{1f511}\u23f3\u{1f4e4}\u2699\u{1f5c3}\u{1f69a}\u{1f440}\u23f8\u23f0\u2744\u{1f512}\u{1f513}\u{1f510}\u{1f50d}\u2139',
}

const shownFor = new Map(
  Object.entries(marks).flatMap(([shown, signs]) => [...signs].map((sign) => [sign, shown] as const)),
)

const mark = new RegExp(`[${[...shownFor.keys()].join('')}]`, 'gu')

/** Slack shows an emoji character just as the name that a card writes: a person's ✅ is shown as ✓, which no card uses. */
function withoutMarks(text: string): string {
  return text.replaceAll(mark, (sign) => shownFor.get(sign) ?? '')
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
 * Slack has no escape for the signs that format, and a zero-width character beside one does not stop it: jsx-slack's exact
 * mode formats with U+200B on both sides. Signs that look the same and mean nothing do. Full-width signs format as well.
 * Source: yhatt/jsx-slack, docs/about-escape-and-exact-mode.md.
 */
const lookalikes: Readonly<Record<string, string>> = {
  '*': '\u2217',
  '\uff0a': '\ufe61',
  _: '\u02cd',
  '\uff3f': '\u02cd',
  '~': '\u223c',
  '\uff5e': '\u223c',
  '`': '\u02cb',
  '\uff40': '\u02cb',
}

/** `*`, `~` and backticks wherever they stand, `_` at the edge of a word only: within one it formats nothing, and names have it. */
const formatting =
  /[*~`\uff0a\uff5e\uff40]|(?<![\p{L}\p{N}_\uff3f])[_\uff3f]+|[_\uff3f]+(?![\p{L}\p{N}_\uff3f])/gu

function unformatted(text: string): string {
  const plain = text.replaceAll(formatting, (signs) => [...signs].map((sign) => lookalikes[sign]).join(''))
  // At the beginning of a line, which this text may be, `>` quotes.
  return /^[>\uff1e]/.test(plain) ? `\u00ad${plain}` : plain
}

/**
 * The one way of text from outside into mrkdwn and into a message's `text`: cleaned, folded to one line,
 * shortened to `max` characters before escaping, unable to mention, to link, to format or to show a mark of a card.
 */
export function outside(text: string, max = 200): string {
  return withoutEmoji(entities(unformatted(shorten(withoutMarks(oneLine(text)), max))))
}

/** Text of anybody's as code, in which Slack formats nothing: what is to be copied stays as it is, but for backticks. */
export function inCode(text: string, max = 200): string {
  return `\`${withinCode(shorten(oneLine(text), max)) || '–'}\``
}

function withinCode(text: string): string {
  return withoutEmoji(entities(text.replaceAll(/[`\uff40]/g, '\u02cb')))
}

/** Outside text for `plain_text` and rich text, where nothing is parsed and an escape would be seen. */
export function literal(text: string, max = 200): string {
  return shorten(withoutMarks(oneLine(text)), max) || '–'
}

/** Scripts that run from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** Keeps text that runs from right to left from turning round what stands beside it. Source: Unicode UAX #9, isolates. */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text
}

/** Text from outside within a sentence of ours, as `foreign` of release/foreign.ts marks it. */
const foreignText = /(\u2068[^\u2068\u2069]*(?:\u2069|$))/

/**
 * A sentence of our own that may name people as `<@U…>`, channels as `<#C…>`, groups as `<!subteam^S…>`, moments as
 * `2026-11-23 12:00 UTC` and commands in backticks. Nothing of that comes of what is marked as from outside.
 */
export function sentence(text: string, max = 600): string {
  let left = max
  let isCode = false
  let shown = ''
  for (const [index, part] of text.split(foreignText).entries()) {
    const kept = shorten(clean(part).replaceAll(/\s+/gu, ' '), Math.max(1, left))
    left -= kept.length
    if (index % 2 === 1) shown += isCode ? withinCode(kept) : outside(kept, max)
    else
      for (const [at, piece] of kept.split('`').entries()) {
        if (at > 0) {
          isCode = !isCode
          shown += '`'
        }
        shown += isCode ? withinCode(piece) : ownWords(piece)
      }
    if (left <= 0) break
  }
  return (isCode ? `${shown}\`` : shown).trim()
}

/** Words of ours, outside of code. */
function ownWords(text: string): string {
  return withDates(
    withoutEmoji(entities(unformatted(text)))
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
