import type { Workspace } from './workspace.ts'

/** Encodes Slack's three control characters, as Slack does in what people type. */
export function encoded(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A URL up to its end, or the name of a person, a group or a channel after its sign. */
const pattern = /https?:\/\/(?:(?!&[lg]t;)\S)+|(?<![\p{L}\p{N}/])[@#][\p{L}\p{N}._-]*[\p{L}\p{N}]/gu

/**
 * The text that Slack sends for a command with `should_escape`: ids of the people, groups and channels that the
 * workspace knows, and links in brackets. Source: docs.slack.dev, "Implementing slash commands".
 */
export function withIds({ users, groups, channels }: Workspace, text: string): string {
  return encoded(text).replaceAll(pattern, (word) => {
    if (word.startsWith('http')) return `<${word}>`
    const name = word.slice(1).toLowerCase()
    if (word.startsWith('#')) {
      const channel = [...channels.values()].find((each) => each.name === name)
      return channel ? `<#${channel.id}|${channel.name}>` : word
    }
    const user = [...users.values()].find((each) => each.name.toLowerCase() === name)
    if (user) return `<@${user.id}|${name}>`
    const group = [...groups.values()].find(({ handle }) => handle === name)
    return group ? `<!subteam^${group.id}|@${group.handle}>` : word
  })
}
