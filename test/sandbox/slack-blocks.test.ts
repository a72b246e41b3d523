import { describe, expect, test } from 'vitest'
import { checkBlocks, checkView, isTooLong, type Surface, totalLimit } from '../../sandbox/slack/blocks.ts'

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) })
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) })
const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n))
const button = (more: object = {}) => ({ type: 'button', text: plain(4), ...more })
const actions = (...elements: object[]) => ({ type: 'actions', elements })
const section = (more: object) => ({ type: 'section', text: mrkdwn(4), ...more })
const option = (value: string, text = plain(3)) => ({ text, value })
const select = (more: object) => ({ type: 'static_select', ...more })
const input = (element: object, more: object = {}) => ({ type: 'input', label: plain(4), element, ...more })
const rich = (...elements: object[]) => ({ type: 'rich_text', elements })
const preformatted = (text: string) => ({
  type: 'rich_text_preformatted',
  elements: [{ type: 'text', text }],
})
const table = (rows: number, cells: number) => ({
  type: 'table',
  rows: times(rows, () => times(cells, () => ({ type: 'raw_text', text: 'x' }))),
})
const card = (more: object) => ({ type: 'card', ...more })
const task = (status: string) => ({ type: 'task_card', task_id: 't', title: 'x', status })

/** For each limit, a block at the limit and the same one above it. */
const limits: [string, Surface, object, object][] = [
  ['section text', 'message', section({ text: mrkdwn(3000) }), section({ text: mrkdwn(3001) })],
  ['section text, at least one', 'message', section({ text: mrkdwn(1) }), section({ text: mrkdwn(0) })],
  [
    'section fields',
    'message',
    section({ fields: times(10, () => mrkdwn(2000)) }),
    section({ fields: times(11, () => mrkdwn(1)) }),
  ],
  ['field text', 'message', section({ fields: [plain(2000)] }), section({ fields: [plain(2001)] })],
  ['header', 'message', { type: 'header', text: plain(150) }, { type: 'header', text: plain(151) }],
  [
    'context elements',
    'message',
    { type: 'context', elements: times(10, () => mrkdwn(3)) },
    { type: 'context', elements: times(11, () => mrkdwn(3)) },
  ],
  [
    'actions elements',
    'message',
    actions(...times(25, () => button())),
    actions(...times(26, () => button())),
  ],
  ['actions, at least one', 'message', actions(button()), actions()],
  ['button text', 'message', actions(button({ text: plain(75) })), actions(button({ text: plain(76) }))],
  [
    'button value',
    'message',
    actions(button({ value: 'x'.repeat(2000) })),
    actions(button({ value: 'x'.repeat(2001) })),
  ],
  [
    'button url',
    'message',
    actions(button({ url: `https://a.test/${'x'.repeat(2985)}` })),
    actions(button({ url: `https://a.test/${'x'.repeat(2986)}` })),
  ],
  [
    'accessibility_label',
    'message',
    actions(button({ accessibility_label: 'x'.repeat(75) })),
    actions(button({ accessibility_label: 'x'.repeat(76) })),
  ],
  [
    'action_id',
    'message',
    actions(button({ action_id: 'x'.repeat(255) })),
    actions(button({ action_id: 'x'.repeat(256) })),
  ],
  ['block_id', 'message', section({ block_id: 'x'.repeat(255) }), section({ block_id: 'x'.repeat(256) })],
  [
    'options',
    'message',
    actions(select({ options: times(100, (n) => option(`${n}`)) })),
    actions(select({ options: times(101, (n) => option(`${n}`)) })),
  ],
  [
    'option text',
    'message',
    actions(select({ options: [option('a', plain(75))] })),
    actions(select({ options: [option('a', plain(76))] })),
  ],
  [
    'option value',
    'message',
    actions(select({ options: [option('x'.repeat(150))] })),
    actions(select({ options: [option('x'.repeat(151))] })),
  ],
  [
    'placeholder',
    'message',
    actions({ type: 'users_select', placeholder: plain(150) }),
    actions({ type: 'users_select', placeholder: plain(151) }),
  ],
  [
    'overflow options',
    'message',
    actions({ type: 'overflow', options: times(5, (n) => option(`${n}`)) }),
    actions({ type: 'overflow', options: times(6, (n) => option(`${n}`)) }),
  ],
  [
    'confirm title',
    'message',
    actions(button({ confirm: { title: plain(100), text: plain(1) } })),
    actions(button({ confirm: { title: plain(101), text: plain(1) } })),
  ],
  [
    'confirm text',
    'message',
    actions(button({ confirm: { text: plain(300) } })),
    actions(button({ confirm: { text: plain(301) } })),
  ],
  [
    'confirm buttons',
    'message',
    actions(button({ confirm: { text: plain(1), confirm: plain(30), deny: plain(30) } })),
    actions(button({ confirm: { text: plain(1), confirm: plain(31), deny: plain(31) } })),
  ],
  [
    'alt_text',
    'message',
    { type: 'image', image_url: 'https://a.test/i.png', alt_text: 'x'.repeat(2000) },
    { type: 'image', image_url: 'https://a.test/i.png', alt_text: 'x'.repeat(2001) },
  ],
  [
    'markdown',
    'message',
    { type: 'markdown', text: 'x'.repeat(12_000) },
    { type: 'markdown', text: 'x'.repeat(12_001) },
  ],
  ['table rows', 'message', table(100, 1), table(101, 1)],
  ['table cells', 'message', table(1, 20), table(1, 21)],
  ['card title', 'message', card({ title: mrkdwn(150) }), card({ title: mrkdwn(151) })],
  ['card body', 'message', card({ body: mrkdwn(200) }), card({ body: mrkdwn(201) })],
  [
    'carousel',
    'message',
    { type: 'carousel', elements: times(10, () => card({ title: mrkdwn(1) })) },
    { type: 'carousel', elements: times(11, () => card({ title: mrkdwn(1) })) },
  ],
  [
    'container',
    'message',
    { type: 'container', title: plain(3), child_blocks: times(10, () => section({})) },
    { type: 'container', title: plain(3), child_blocks: times(11, () => section({})) },
  ],
  ['task status', 'message', task('in_progress'), task('running')],
  ['alert', 'modal', { type: 'alert', text: plain(200) }, { type: 'alert', text: plain(201) }],
  [
    'input label',
    'modal',
    input({ type: 'plain_text_input' }, { label: plain(2000) }),
    input({ type: 'plain_text_input' }, { label: plain(2001) }),
  ],
]

/** Blocks and elements in a position where they are invalid. */
const wrong: [string, Surface, object][] = [
  ['an unknown block', 'message', { type: 'sectoin', text: mrkdwn(3) }],
  ['an unknown element', 'message', actions({ type: 'buton', text: plain(3) })],
  ['an unknown property of a block', 'message', section({ txt: 'x' })],
  ['an unknown property of an element', 'message', actions(button({ colour: 'red' }))],
  ['an unknown property of a text', 'message', section({ text: { ...mrkdwn(3), emoji: true } })],
  ['a header as mrkdwn', 'message', { type: 'header', text: mrkdwn(3) }],
  ['a button text as mrkdwn', 'message', actions(button({ text: mrkdwn(3) }))],
  ['a text that is no object', 'message', section({ text: 'plain' })],
  ['verbatim on plain_text', 'message', section({ text: { ...plain(3), verbatim: true } })],
  ['a style that is none', 'message', actions(button({ style: 'default' }))],
  ['a confirm without a text', 'message', actions(button({ confirm: { title: plain(3) } }))],
  ['a section without anything', 'message', { type: 'section' }],
  ['a url that is none', 'message', actions(button({ url: 'javascript:alert(1)' }))],
  ['a menu without options', 'message', actions(select({}))],
  [
    'options and groups at once',
    'message',
    actions(select({ options: [option('a')], option_groups: [{ label: plain(1), options: [option('a')] }] })),
  ],
  ['an input element in actions', 'message', actions({ type: 'plain_text_input' })],
  ['a button as input', 'modal', input(button())],
  ['a button in context', 'message', { type: 'context', elements: [button()] }],
  ['alert on a message', 'message', { type: 'alert', text: plain(3) }],
  ['table in a modal', 'modal', table(1, 1)],
  ['markdown in Home', 'home', { type: 'markdown', text: 'x' }],
  ['plan in Home', 'home', { type: 'plan', title: 'x' }],
  ['a card in a modal', 'modal', card({ title: mrkdwn(1) })],
  [
    'a mention in preformatted',
    'message',
    rich({ type: 'rich_text_preformatted', elements: [{ type: 'user', user_id: 'U0ANA' }] }),
  ],
  ['rich text outside a section', 'message', rich({ type: 'text', text: 'x' })],
  [
    'an unknown style of rich text',
    'message',
    rich({ type: 'rich_text_section', elements: [{ type: 'text', text: 'x', style: { colour: true } }] }),
  ],
  [
    'two actions of one id in a block',
    'message',
    actions(button({ action_id: 'a' }), button({ action_id: 'a' })),
  ],
]

const right: [string, Surface, object][] = [
  ['a log', 'message', rich(preformatted('ERROR: relation "posts" does not exist'))],
  [
    'a quote and a list',
    'message',
    rich(
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'x' }] },
      {
        type: 'rich_text_list',
        style: 'bullet',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'link', url: 'https://a.test' }] }],
      },
    ),
  ],
  [
    'a mention',
    'message',
    rich({
      type: 'rich_text_section',
      elements: [
        { type: 'user', user_id: 'U0ANA' },
        { type: 'usergroup', usergroup_id: 'S0ONCALL' },
      ],
    }),
  ],
  [
    'a section with a menu',
    'home',
    section({ accessory: select({ options: [option('a')], initial_option: option('a') }) }),
  ],
  ['a divider', 'home', { type: 'divider' }],
  [
    'a dangerous button with a dialog',
    'message',
    actions(
      button({
        style: 'danger',
        confirm: { title: plain(3), text: mrkdwn(3), confirm: plain(3), deny: plain(3), style: 'danger' },
      }),
    ),
  ],
  [
    'grouped options',
    'modal',
    input(select({ option_groups: [{ label: plain(3), options: [option('a')] }] })),
  ],
]

describe('a block', () => {
  test.each(limits)('Block Kit limits are enforced: %s', (_, surface, within, over) => {
    expect(checkBlocks([within], surface)).toEqual([])
    expect(checkBlocks([over], surface)).not.toEqual([])
  })

  test.each(wrong)('invalid Block Kit is refused: %s', (_, surface, block) => {
    expect(checkBlocks([block], surface)).not.toEqual([])
  })

  test.each(right)('valid Block Kit is accepted: %s', (_, surface, block) => {
    expect(checkBlocks([block], surface)).toEqual([])
  })

  test('a Block Kit problem has a message and a JSON pointer', () => {
    expect(checkBlocks([section({}), { type: 'header', text: plain(151) }], 'message')).toEqual([
      'must be less than 151 characters [json-pointer:/blocks/1/text/text]',
    ])
  })
})

describe('blocks together', () => {
  test.each<[Surface, number]>([
    ['message', 50],
    ['modal', 100],
    ['home', 100],
  ])('a %s may have %i blocks', (surface, most) => {
    expect(
      checkBlocks(
        times(most, () => section({})),
        surface,
      ),
    ).toEqual([])
    expect(
      checkBlocks(
        times(most + 1, () => section({})),
        surface,
      ),
    ).not.toEqual([])
  })

  test('duplicate block ids are refused', () => {
    expect(checkBlocks([section({ block_id: 'a' }), section({ block_id: 'a' })], 'message')).toHaveLength(1)
  })

  test('two blocks may have the same action id', () => {
    expect(
      checkBlocks([actions(button({ action_id: 'a' })), actions(button({ action_id: 'a' }))], 'message'),
    ).toEqual([])
  })

  test('a message may have one table', () => {
    expect(checkBlocks([table(1, 1), table(1, 1)], 'message')).toHaveLength(1)
  })

  test('markdown blocks share one length limit', () => {
    const half = { type: 'markdown', text: 'x'.repeat(6001) }
    expect(checkBlocks([half, half], 'message')).toHaveLength(1)
  })

  test('all blocks of a message share one length limit', () => {
    expect(isTooLong(times(4, () => section({ text: mrkdwn(3000) })))).toBe(false)
    expect(isTooLong(times(5, () => section({ text: mrkdwn(3000) })))).toBe(true)
    expect(totalLimit).toBe(13_200)
  })

  test('an empty list of blocks is accepted, a value that is not a list is refused', () => {
    expect(checkBlocks([], 'message')).toEqual([])
    expect(checkBlocks('[]', 'message')).not.toEqual([])
    expect(checkBlocks([null], 'message')).not.toEqual([])
  })
})

describe('a view', () => {
  const modal = {
    type: 'modal',
    title: plain(24),
    submit: plain(24),
    close: plain(24),
    blocks: [input({ type: 'plain_text_input' })],
  }

  test.each<[string, object]>([
    ['title', { title: plain(25) }],
    ['title as mrkdwn', { title: mrkdwn(3) }],
    ['submit', { submit: plain(25) }],
    ['close', { close: plain(25) }],
    ['private_metadata', { private_metadata: 'x'.repeat(3001) }],
    ['callback_id', { callback_id: 'x'.repeat(256) }],
    ['blocks', { blocks: undefined }],
    ['submit of a form', { submit: undefined }],
    ['an unknown property', { subtitle: plain(3) }],
    [
      'two that want the cursor',
      { blocks: times(2, () => input({ type: 'plain_text_input', focus_on_load: true })) },
    ],
  ])('the limits of a modal are enforced: %s', (_, change) => {
    expect(checkView(modal)).toEqual([])
    expect(checkView({ ...modal, ...change })).not.toEqual([])
  })

  test('the App Home must not have a title', () => {
    expect(checkView({ type: 'home', blocks: [section({})] })).toEqual([])
    expect(checkView({ type: 'home', title: plain(3), blocks: [] })).not.toEqual([])
  })

  test('a view must be a modal or the App Home', () => {
    expect(checkView({ type: 'message', blocks: [] })).not.toEqual([])
    expect(checkView('modal')).not.toEqual([])
  })
})
