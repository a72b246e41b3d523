import { expect, test } from 'vitest'
import type { BoundInput } from '../../src/release/inputs.ts'
import { totalLimit } from '../../src/sandbox/slack/blocks.ts'
import { card } from '../../src/slack/cards/card.ts'
import { everyState, plainWords } from './releases.ts'

const awaiting = everyState(plainWords)['awaiting approval']!.release

function cardWith(inputs: readonly BoundInput[]) {
  const { subject } = awaiting
  if (subject.kind === 'rollback') throw new Error('a rollback has no inputs')
  return card({ ...awaiting, subject: { ...subject, inputs } })
}

const input = (name: string, value: string, from: BoundInput['from'] = 'literal'): BoundInput => ({
  name,
  from,
  value,
})

test('a card lists what is sent, and what is left to the workflow', () => {
  const { text } = cardWith([
    input('app', 'blog-api'),
    input('size', 'large', 'default'),
    input('by', 'U0ANA', 'requester'),
    input('note', ''),
  ])
  for (const words of [
    'app = blog-api',
    'size = large (the workflow’s default)',
    'by = <@U0ANA>',
    'note = empty',
  ])
    expect(text).toContain(words)
})

test('of a long value the begin and the end are shown: accounts differ in either', () => {
  const { text } = cardWith([input('role', `arn:aws:iam::123456789012:role/${'x'.repeat(90)}-prod`)])
  expect(text).toContain('role = arn')
  expect(text).toContain('x-prod')
})

test('as many inputs as GitHub takes, of the longest and worst, leave the card its buttons', () => {
  const inputs = Array.from({ length: 25 }, (_, at) => input(`${'n'.repeat(58)}${at}`, '<&>'.repeat(400)))
  const { blocks } = cardWith(inputs)
  expect(JSON.stringify(blocks).length).toBeLessThan(totalLimit)
  expect(blocks.some(({ type }) => type === 'actions')).toBe(true)
  for (const { name } of inputs) expect(JSON.stringify(blocks)).toContain(name)
})
