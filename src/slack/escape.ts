import { withDates } from './date.ts'

/**
 * Characters that readers do not see and that forgers use: controls, lone surrogates, and what Unicode leaves unshown
 * (zero-width and bidirectional marks, tags, variation selectors). Line ends and tabs are not among them.
 */
const invisible = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** Removes invisible characters; line ends stay. */
export function clean(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(invisible, '')
}

/** The same on one line. */
export function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/gu, ' ').trim()
}

/** What is shown in place of emoji and bars that cards use as marks, and of characters that look like them. */
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
    '\u{1f511}\u23f3\u{1f4e4}\u2699\u{1f5c3}\u{1f69a}\u{1f440}\u23f8\u23f0\u2744\u{1f512}\u{1f513}\u{1f510}\u{1f50d}\u2139\u231b\u{1f50c}',
}

const shownFor = new Map(
  Object.entries(marks).flatMap(([shown, signs]) => [...signs].map((sign) => [sign, shown] as const)),
)

const mark = new RegExp(`[${[...shownFor.keys()].join('')}]`, 'gu')

/**
 * Slack shows an emoji character exactly like the emoji name that a card writes. So a person's ✅ is shown as ✓, which no card
 * uses.
 */
function withoutMarks(text: string): string {
  return text.replaceAll(mark, (sign) => shownFor.get(sign) ?? '')
}

/** Shortens to at most `max` UTF-16 units, with `…` at the end if something was left out. Cuts no character in two. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text
  let kept = ''
  for (const character of text) {
    if (kept.length + character.length > max - 1) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

/** Escapes Slack's three characters, the ampersand first. Source: docs.slack.dev, formatting message text. */
function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Keeps `:white_check_mark:` from becoming an emoji: an invisible word joiner separates the name from its colon. */
function withoutEmoji(text: string): string {
  return text.replaceAll(/:(?=[\p{L}\p{N}_+'-]+:)/gu, ':\u2060')
}

/**
 * Slack has no escape for formatting characters, and a zero-width character beside one does not stop it: jsx-slack's exact mode
 * formats with U+200B on both sides. So lookalikes that mean nothing to Slack replace them. Full-width characters format as
 * well. Source: yhatt/jsx-slack, docs/about-escape-and-exact-mode.md.
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

/** `*`, `~` and backticks anywhere, `_` only at the edge of a word: inside a word it formats nothing, and names contain it. */
const formatting =
  /[*~`\uff0a\uff5e\uff40]|(?<![\p{L}\p{N}_\uff3f])[_\uff3f]+|[_\uff3f]+(?![\p{L}\p{N}_\uff3f])/gu

function unformatted(text: string): string {
  const plain = text.replaceAll(formatting, (signs) => [...signs].map((sign) => lookalikes[sign]).join(''))
  // `>` quotes at the beginning of a line, and this text may stand there.
  return /^[>\uff1e]/.test(plain) ? `\u00ad${plain}` : plain
}

/**
 * All text from outside enters mrkdwn and a message's `text` through this function. It cleans the text, folds it to one line
 * and shortens it to `max` characters before escaping. The result cannot mention, link, format or show a mark of a card.
 */
export function outside(text: string, max = 200): string {
  return withoutEmoji(entities(unformatted(shorten(withoutMarks(oneLine(text)), max))))
}

/** Outside text as code, in which Slack formats nothing. Text to copy stays as it is, except for backticks. */
export function inCode(text: string, max = 200): string {
  return `\`${withinCode(shorten(oneLine(text), max)) || '–'}\``
}

function withinCode(text: string): string {
  return withoutEmoji(entities(text.replaceAll(/[`\uff40]/g, '\u02cb')))
}

/** Outside text for `plain_text` and rich text. Slack does not parse these, and an escape would be visible. */
export function literal(text: string, max = 200): string {
  return shorten(withoutMarks(oneLine(text)), max) || '–'
}

/** Scripts that are written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** Keeps right-to-left text from reversing the text beside it. Source: Unicode UAX #9, isolates. */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text
}

/** Outside text within one of twokey's sentences, as marked by `foreign` of release/foreign.ts. */
const foreignText = /(\u2068[^\u2068\u2069]*(?:\u2069|$))/

/**
 * Draws one of twokey's own sentences. It may name people as `<@U…>`, channels as `<#C…>`, groups as `<!subteam^S…>`, times as
 * `2026-11-23 12:00 UTC`, and commands in backticks. Text marked as from outside can do none of that.
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

/** Our own words, outside of code. */
function ownWords(text: string): string {
  return withDates(
    withoutEmoji(entities(unformatted(text)))
      .replaceAll(/&lt;@([UW][A-Z0-9]{1,20})&gt;/g, '<@$1>')
      .replaceAll(/&lt;#([CGD][A-Z0-9]{1,20})&gt;/g, '<#$1>')
      .replaceAll(/&lt;!subteam\^(S[A-Z0-9]{1,20})&gt;/g, '<!subteam^$1>'),
  )
}

/**
 * Why a release ended. Mentions the person who rejected, cancelled or locked it, and nobody whom the outside text after it
 * names.
 */
export function reason(text: string, max = 600): string {
  return outside(text, max).replace(
    /^((?:rejected|cancelled|locked) by )&lt;@([UW][A-Z0-9]{1,20})&gt;/,
    '$1<@$2>',
  )
}

/** Undoes the escaping that Slack applies to the text of a command. */
export function decoded(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
