import type { KnownBlock } from '@slack/types'
import type { Reply } from '../../shepherd/reply.ts'
import { fallback, type Message, section } from '../blocks.ts'
import { outside, sentence } from '../escape.ts'
import { helpLines } from './help.ts'
import { historyBlocks, statusBlocks } from './overview.ts'
import { pickCancelBlocks, revisionBlocks } from './picks.ts'

/** An answer to one person alone. */
export function replyMessage(reply: Reply): Message {
  switch (reply.reply) {
    case 'refusal': {
      const { sentence: what, next, code } = reply.refusal
      return lines([sentence(what), `*Next:* ${sentence(next)}`, `_${outside(code, 60)}_`])
    }
    case 'help':
      return lines(helpLines(reply))
    case 'unclear':
      return lines([
        `\`${outside(reply.said.replaceAll('`', ''), 120)}\` was not understood, and nothing was done: ${sentence(reply.why)}.`,
        reply.nearest === null
          ? `*Next:* \`${outside(reply.command, 20)} help\``
          : `*Did you mean* \`${outside(reply.nearest, 200)}\`? \`${outside(reply.command, 20)} help\` shows the rest.`,
      ])
    case 'asked':
      return lines([
        `*${outside(reply.headline)}*`,
        `Its card is in ${channel(reply.channel)}: release ${outside(reply.releaseId, 60)}.`,
      ])
    case 'done':
      return lines([sentence(reply.sentence)])
    case 'status':
      return listed(statusBlocks(reply.rows), 'What runs where')
    case 'history':
      return listed(historyBlocks(reply.releases), 'What happened')
    case 'revisions':
      return listed(revisionBlocks(reply), `Revisions of ${outside(reply.service, 60)}`)
    case 'pick-cancel':
      return listed(pickCancelBlocks(reply.releases), 'Which one is to be cancelled?')
  }
}

function lines(said: readonly string[]): Message {
  return { text: fallback(said), blocks: [section(said)] }
}

function listed(blocks: readonly KnownBlock[], title: string): Message {
  const said = blocks.flatMap((block) => (block.type === 'section' && block.text ? [block.text.text] : []))
  return { text: fallback([title, ...said]), blocks }
}

function channel(id: string): string {
  return /^[CGD][A-Z0-9]{1,30}$/.test(id) ? `<#${id}>` : outside(id, 40)
}
