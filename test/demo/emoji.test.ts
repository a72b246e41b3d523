import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { emojiOf } from '../../sandbox/page/web/emoji.ts'
import type { State } from '../../src/release/stage.ts'
import { type Mark, stepLine } from '../../src/slack/cards/marks.ts'
import { stateEmoji } from '../../src/slack/cards/state-words.ts'
import { literal, outside } from '../../src/slack/escape.ts'

const states = Object.keys({
  'awaiting approval': 0,
  queued: 0,
  waiting: 0,
  dispatching: 0,
  running: 0,
  migrating: 0,
  'rolling out': 0,
  baking: 0,
  paused: 0,
  'rolling back': 0,
  succeeded: 0,
  failed: 0,
  'rolled back': 0,
  'rollback failed': 0,
  unchanged: 0,
  rejected: 0,
  cancelled: 0,
  expired: 0,
  superseded: 0,
  stopped: 0,
  unknown: 0,
} satisfies Record<State, 0>) as State[]

const slack = fileURLToPath(new URL('../../src/slack/', import.meta.url))
const written = globSync('**/*.ts', { cwd: slack }).flatMap((file) => {
  const text = readFileSync(slack + file, 'utf8')
  return [...text.matchAll(/[`'"\s(]:([a-z][\w+-]*):/g)].map(([, name = '']) => name)
})

const steps = (['done', 'under way', 'ahead', 'failed', 'stopped', 'unclear'] satisfies Mark[]).map(
  (mark) => stepLine({ mark, name: 'Run' }).split(' ')[0] ?? '',
)

const glyph = /^\p{RGI_Emoji}$/v

describe('emoji that twokey sends', () => {
  it.each(states.map((state) => [state, stateEmoji(state).slice(1, -1)]))(
    'the emoji of the state %s is known: %s',
    (_, name) => {
      expect(emojiOf(name)).toMatch(glyph)
    },
  )

  it.each([...new Set(written)])('an emoji of a card is known: %s', (name) => {
    expect(emojiOf(name)).toMatch(glyph)
  })

  it.each([...new Set([...states.map(stateEmoji), ...steps, ...written.map((name) => `:${name}:`)])])(
    'text of people cannot produce the emoji %s',
    (name) => {
      const character = emojiOf(name.slice(1, -1)) ?? ''
      for (const shown of [outside(`done ${character}`), literal(`done ${character}`)])
        expect([...shown].filter((each) => character.includes(each))).toEqual([])
    },
  )

  it('two states share an emoji only if they mean the same: a deploy that ECS rolled back has failed', () => {
    const byEmoji = Map.groupBy(states, (state) => emojiOf(stateEmoji(state).slice(1, -1)))
    expect([...byEmoji.values()].filter(({ length }) => length > 1)).toEqual([['failed', 'rolled back']])
  })
})
