import type { Ephemeral, Message } from './entities.ts'
import { mrkdwnText, type Names } from './mrkdwn.ts'
import { blockLines } from './readable.ts'
import type { Workspace } from './workspace.ts'

type Content = Pick<Message, 'text' | 'blocks'>

/** A channel as plain text: cards with their buttons, indented replies, and marked ephemeral messages. */
export function transcript(workspace: Workspace, channelId: string): string {
  const names = namesOf(workspace)
  const whispered = workspace.ephemerals().filter((ephemeral) => ephemeral.channel === channelId)
  const top = [
    ...workspace.messages(channelId).map((thread) => ({
      ts: thread.ts,
      lines: [
        ...entryLines(names.user(thread.user) + edited(thread), thread, names),
        ...replyLines(
          thread.replies,
          whispered.filter(({ threadTs }) => threadTs === thread.ts),
          names,
        ),
      ],
    })),
    ...whispered
      .filter(({ threadTs }) => threadTs === null)
      .map((ephemeral) => ({ ts: ephemeral.ts, lines: ephemeralLines(ephemeral, names) })),
  ]
  const title = `#${names.channel(channelId)}`
  return [title, ...inOrder(top).map(({ lines }) => lines.join('\n'))].join('\n\n')
}

/** The names of the workspace; ids if a name is unknown. */
function namesOf(workspace: Workspace): Names {
  return {
    user: (id) => workspace.users.get(id)?.name ?? id,
    group: (id) => workspace.groups.get(id)?.handle ?? id,
    channel: (id) => workspace.channels.get(id)?.name ?? id,
  }
}

function replyLines(replies: readonly Message[], whispered: readonly Ephemeral[], names: Names): string[] {
  const all = [
    ...replies.map((reply) => ({
      ts: reply.ts,
      lines: entryLines(
        names.user(reply.user) + (reply.broadcast ? ', also in the channel' : ''),
        reply,
        names,
      ),
    })),
    ...whispered.map((ephemeral) => ({ ts: ephemeral.ts, lines: ephemeralLines(ephemeral, names) })),
  ]
  return inOrder(all).flatMap(({ lines }) =>
    lines.map((line, index) => `${index === 0 ? '  ↳ ' : '    '}${line}`),
  )
}

function ephemeralLines(ephemeral: Ephemeral, names: Names): string[] {
  const from = ephemeral.from === 'app' ? 'the app' : 'Slackbot'
  return entryLines(`(only ${names.user(ephemeral.to)} sees) ${from}`, ephemeral, names)
}

/** The first line has the author and the text. The blocks follow indented, except where they only repeat the text. */
function entryLines(who: string, { text, blocks }: Content, names: Names): string[] {
  const [first = '', ...more] = mrkdwnText(text, names).split('\n')
  const shown = blockLines(blocks, names).filter((line) => line !== first)
  const rest = blocks.length > 0 ? shown : more
  return [`${who}: ${first}`, ...rest.map((line) => `  ${line}`)]
}

function edited({ edits }: Message): string {
  if (edits === 0) return ''
  return edits === 1 ? ' (edited)' : ` (edited ${edits} times)`
}

function inOrder<T extends { readonly ts: string }>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => Number(a.ts) - Number(b.ts))
}
