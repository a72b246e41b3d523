/** The names to show for the ids in a text. */
export type Names = {
  readonly user: (id: string) => string
  readonly group: (id: string) => string
  readonly channel: (id: string) => string
}

/** mrkdwn as text for a terminal: names in place of ids, labels in place of links, dates in UTC, no markers. */
export function mrkdwnText(mrkdwn: string, names: Names): string {
  // Code is extracted first, because nothing in it is a marker.
  return mrkdwn
    .split(/(```[\s\S]*?```|`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? linked(part, names) : unmarked(linked(part, names))))
    .map(decoded)
    .join('')
}

/** Decodes Slack's three entities. */
export function decoded(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

/** Renders `<!date^…>` in UTC, by the tokens of docs.slack.dev/messaging/formatting-message-text. */
export function dateText(seconds: number, format: string): string {
  const date = new Date(seconds * 1000)
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options }).format(date)
  const short = part({ day: 'numeric', month: 'short', year: 'numeric' })
  const plain = part({ day: 'numeric', month: 'long', year: 'numeric' })
  const long = part({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
  const tokens: Record<string, string> = {
    date_num: date.toISOString().slice(0, 10),
    date_slash: part({ day: '2-digit', month: '2-digit', year: 'numeric' }),
    date: plain,
    date_pretty: plain,
    date_short: short,
    date_short_pretty: short,
    date_long: long,
    date_long_pretty: long,
    time: `${date.toISOString().slice(11, 16)} UTC`,
    time_secs: `${date.toISOString().slice(11, 19)} UTC`,
    ago: `at ${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  }
  return format.replaceAll(/\{(\w+)\}/g, (token, name: string) => tokens[name] ?? token)
}

function linked(text: string, names: Names): string {
  return text.replaceAll(/<([^<>]+)>/g, (_, inner: string) => {
    const [target = '', label] = split(inner)
    if (target.startsWith('@')) return `@${names.user(target.slice(1))}`
    if (target.startsWith('#')) return `#${names.channel(target.slice(1))}`
    if (target.startsWith('!subteam^')) return `@${names.group(target.slice('!subteam^'.length))}`
    if (target.startsWith('!date^')) return dateTag(target, label)
    if (target.startsWith('!')) return `@${target.slice(1)}`
    return label ?? target.replace(/^mailto:/, '')
  })
}

function split(inner: string): [string, string | undefined] {
  const bar = inner.indexOf('|')
  return bar < 0 ? [inner, undefined] : [inner.slice(0, bar), inner.slice(bar + 1)]
}

function dateTag(target: string, fallback: string | undefined): string {
  const [, seconds = '', format = ''] = target.split('^')
  const time = Number(seconds)
  return Number.isFinite(time) && format !== '' ? dateText(time, format) : (fallback ?? '')
}

/** Removes the markers of `*bold*`, `_italic_` and `~struck~` text. */
function unmarked(text: string): string {
  return text.replaceAll(/(?<![\w*_~])([*_~])(?=\S)([^\n]*?\S)\1(?![\w*_~])/g, '$2')
}
