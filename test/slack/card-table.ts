import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { totalLimit } from '../../sandbox/slack/blocks.ts'
import type { Message } from '../../src/slack/blocks.ts'
import { card } from '../../src/slack/cards/card.ts'
import {
  type DrivenRelease,
  everyRollback,
  everyState,
  extremeWords,
  plainWords,
  type Words,
} from './releases.ts'

/** Writes the table of docs/cards.md: the size of each card compared with Slack's limits. `npm run cards` does so too. */

/**
 * Slack's limit for each. `text` is the limit of an edit. Source: docs.slack.dev; the limit of all blocks was measured by
 * others (bolt-js #2509).
 */
const limits = { blocks: 50, section: 3_000, all: totalLimit, text: 4_000, buttons: 25 } as const

type Size = Readonly<Record<keyof typeof limits, number>>

/** The lines around the table in the page. */
export const page = fileURLToPath(new URL('../../docs/cards.md', import.meta.url))

/** The page with a table of the current cards. */
export function upToDate(markdown: string): string {
  return markdown.replace(
    /(<!-- sizes -->)[\s\S]*?(<!-- \/sizes -->)/,
    (_all, open, close) => `${open}\n\n${table()}\n\n${close}`,
  )
}

/** Every card by its name, drawn with these words. */
export function everyCard(words: Words): ReadonlyMap<string, DrivenRelease> {
  const named = (kind: string, releases: Readonly<Record<string, DrivenRelease>>) =>
    Object.entries(releases).map(([state, driven]) => [`${kind}, ${state}`, driven] as const)
  return new Map([...named('deploy', everyState(words)), ...named('rollback', everyRollback(words))])
}

function table(): string {
  const extreme = everyCard(extremeWords)
  const rows = [...everyCard(plainWords)].map(([name, driven]) => {
    const size = sizeOf(card(driven.release))
    const worst = sizeOf(card(extreme.get(name)!.release))
    const cells = [
      size.blocks,
      size.section,
      size.all,
      size.text,
      size.buttons,
      fullest(size),
      fullest(worst),
    ]
    return `| ${name} | ${cells.join(' | ')} |`
  })
  return [
    '| card | blocks | longest section | characters of all blocks | characters of `text` | buttons | fullest | fullest, extreme words |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    `| _Slack’s limit_ | ${Object.values(limits).join(' | ')} | | |`,
    ...rows,
  ].join('\n')
}

function sizeOf({ text, blocks }: Message): Size {
  const sections = blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text.length ?? 0] : []))
  const buttons = blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []))
  return {
    blocks: blocks.length,
    section: Math.max(...sections),
    all: JSON.stringify(blocks).length,
    text: text.length,
    buttons: buttons.length,
  }
}

/** The limit that is closest, and how close. */
function fullest(size: Size): string {
  const [[name, share] = ['blocks', 0]] = Object.entries(limits)
    .map(([name, limit]) => [name, size[name as keyof Size] / limit] as const)
    .toSorted(([, one], [, other]) => other - one)
  return `${Math.round(share * 100)} % of ${name}`
}

/** Writes the table. */
export function writeTable(): void {
  writeFileSync(page, upToDate(readFileSync(page, 'utf8')))
}

if (import.meta.main) writeTable()
