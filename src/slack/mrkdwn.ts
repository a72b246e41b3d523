import { githubLogin, type Target } from '../release/names.ts'
import type { Revision } from '../release/revision.ts'
import { inCode, outside } from './escape.ts'

export { date } from './date.ts'

/** How many names a line shows before it counts the rest. */
const namesShown = 10

/** A mention of a person or a user group; the login of a person on GitHub; any other text as text. */
export function mention(id: string): string {
  if (/^[UW][A-Z0-9]{1,30}$/.test(id)) return `<@${id}>`
  if (/^S[A-Z0-9]{1,30}$/.test(id)) return `<!subteam^${id}>`
  const login = githubLogin(id)
  return login === null ? outside(id, 40) : `${outside(login, 40)} (GitHub)`
}

/** Several mentions: `<@U1>, <@U2> and 3 more`. */
export function mentions(ids: readonly string[]): string {
  return firstOf(ids, namesShown, mention)
}

/** The first items of a list, and how many more there are: `a, b and 3 more`. Empty for an empty list. */
export function firstOf<T>(
  items: readonly T[],
  most: number,
  words: (item: T) => string,
  separator = ', ',
): string {
  const shown = items.slice(0, most).map(words).join(separator)
  return items.length > most ? `${shown} and ${items.length - most} more` : shown
}

/** A link with our label; the label alone if the address is no web address, or too long. */
export function link(url: string, label: string): string {
  const shown = outside(label, 100).replaceAll('|', '¦')
  if (!isWebAddress(url)) return shown
  return `<${url.replaceAll('&', '&amp;').replaceAll('|', '%7C')}|${shown}>`
}

/** One of several people: `<@U1>, <@U2> or <@U3>`. */
export function anyOf(ids: readonly string[]): string {
  if (ids.length > namesShown) return `one of ${mentions(ids)}`
  return joinWithOr(ids.map(mention))
}

/** `Retry, Re-run failed jobs or Roll back`. */
export function joinWithOr(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** The same line with only the labels of its links. */
export function withoutLinks(line: string): string {
  return line.replaceAll(/<https?:[^<>|]*\|([^<>]*)>/g, '$1')
}

/** Whether the address may stand in a link: no character in it can end the link. */
export function isWebAddress(url: string): boolean {
  return url.length <= 500 && /^https?:\/\/[^\s<>"\p{C}]+$/u.test(url)
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. @param ms may be negative if clocks differ, which gives 0 s */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  if (h > 0) return min > 0 ? `${h} h ${min} min` : `${h} h`
  if (min > 0) return s > 0 ? `${min} min ${s} s` : `${min} min`
  return `${s} s`
}

/** The first seven characters of a commit. */
export function sha(commit: string): string {
  return outside(commit.slice(0, 7), 7)
}

/** `blog-api:43 (3f2c1ab)`, with all commits if the revision names several. */
export function revision({ name, commit, unknown }: Pick<Revision, 'name' | 'commit' | 'unknown'>): string {
  const several = unknown?.because === 'several' ? unknown.commits : []
  const commits = commit === null ? several : [commit]
  return commits.length === 0 ? outside(name, 80) : `${outside(name, 80)} (${commits.map(sha).join(', ')})`
}

/** `blog-api of blog-cluster-prod`. */
export function target({ cluster, service }: Target): string {
  return `${outside(service, 60)} of ${outside(cluster, 60)}`
}

/** `1 approval`, `2 approvals`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** The sentence with a capital at its beginning, unless it begins with a name: `twokey.yml`, `blog-api:42`, `twokey`. */
export function capital(sentence: string): string {
  const [first = ''] = sentence.split(' ', 1)
  const isWord = /^[a-z]+[,;]?$/.test(first) && first !== 'twokey'
  return isWord ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence
}

/** Shows commands that stand between backticks as code. @param max length of each part that is no command */
export function withCode(text: string, max = 240): string {
  return text
    .split('`')
    .map((part, index) => {
      if (index % 2 === 1) return inCode(part, 160)
      const [before, after] = [/^\s/.test(part) ? ' ' : '', /\s$/.test(part) ? ' ' : '']
      return `${before}${outside(part, max)}${after}`
    })
    .join('')
}
