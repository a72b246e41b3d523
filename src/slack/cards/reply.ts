import type { KnownBlock } from '@slack/types'
import type { Reply } from '../../messages/reply.ts'
import { actions, context, fallback, type Message, section } from '../blocks.ts'
import { inCode, outside, sentence } from '../escape.ts'
import { link } from '../mrkdwn.ts'
import { doctorBlocks } from './doctor.ts'
import { helpGroups, nameLines } from './help.ts'
import { historyBlocks } from './history.ts'
import { takeOverButton } from './locks.ts'
import { statusBlocks } from './overview.ts'
import { cardLink } from './paging.ts'
import { pickCancelBlocks, revisionBlocks } from './picks.ts'

/** An answer to one person alone. @param workspace the workspace's own address, for links to cards */
export function replyMessage(reply: Reply, workspace?: string): Message {
  switch (reply.reply) {
    case 'refusal': {
      const { sentence: what, next, code, said, link: page } = reply.refusal
      const card = cardLink(reply.card, workspace)
      const message = lines([
        sentence(what),
        ...(said === undefined ? [] : [`*Why:* ${outside(said, 300)}`]),
        `*Next:* ${sentence(next)}`,
        ...(page ? [link(page.url, page.text)] : []),
        ...(card === null ? [] : [`*See* the ${card} of that release.`]),
      ])
      return {
        text: fallback([message.text, outside(code, 60)]),
        blocks: [
          ...message.blocks,
          ...(reply.takeOver ? [actions([takeOverButton(reply.takeOver)])] : []),
          context(outside(code, 60)),
        ],
      }
    }
    case 'help':
      return grouped(helpGroups(reply))
    case 'unclear':
      return lines([
        `${inCode(reply.said, 120)} was not understood, and nothing was done: ${sentence(reply.why)}.`,
        ...(reply.nearest === null ? usageLines(reply) : [`*Did you mean* ${inCode(reply.nearest, 450)}?`]),
        `*Next:* ${inCode(`${reply.command} help`, 30)} shows all commands.`,
      ])
    case 'asked':
      return lines([
        `*${outside(reply.headline)}*`,
        `Its card is in ${channel(reply.channel)}: release ${outside(reply.releaseId, 60)}.`,
      ])
    case 'done':
      return lines([sentence(reply.sentence)])
    case 'doctor':
      return listed(doctorBlocks(reply), null)
    case 'status':
      return listed(statusBlocks(reply, workspace), null)
    case 'history':
      return listed(historyBlocks(reply, workspace), null)
    case 'revisions':
      return listed(revisionBlocks(reply), `Revisions of ${outside(reply.service, 60)}`)
    case 'pick-cancel':
      return listed(pickCancelBlocks(reply.releases), 'Which release do you want to cancel?')
  }
}

/** If there is no command to suggest: the usage, and the names in the config file. */
function usageLines({
  usage,
  environments,
  services,
}: Extract<Reply, { reply: 'unclear' }>): readonly string[] {
  return [
    ...(usage === undefined ? [] : [`*Usage:* ${inCode(usage, 200)}`]),
    ...(environments === undefined || services === undefined ? [] : nameLines({ environments, services })),
  ]
}

function lines(said: readonly string[]): Message {
  return { text: fallback(said), blocks: [section(said)] }
}

/** One section a group. */
function grouped(groups: readonly (readonly string[])[]): Message {
  return { text: fallback(groups.flat()), blocks: groups.map((group) => section(group)) }
}

/** @param title for the text alone; null if the blocks begin with one */
function listed(blocks: readonly KnownBlock[], title: string | null): Message {
  const said = blocks.flatMap((block) => (block.type === 'section' && block.text ? [block.text.text] : []))
  return { text: fallback([title, ...said]), blocks }
}

function channel(id: string): string {
  return /^[CGD][A-Z0-9]{1,30}$/.test(id) ? `<#${id}>` : outside(id, 40)
}
