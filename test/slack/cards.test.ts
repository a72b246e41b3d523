import { describe, expect, it } from 'vitest'
import { actionsOf, type State, stateOf } from '../../src/release/state.ts'
import { checkBlocks } from '../../src/sandbox/slack/blocks.ts'
import type { Message } from '../../src/slack/blocks.ts'
import { card } from '../../src/slack/cards/card.ts'
import { type LogTail, story } from '../../src/slack/cards/story.ts'
import { deployOf, everyState, everyStory, extremeWords, Play, plainWords, rollback } from './releases.ts'

const states = Object.keys(everyState(plainWords)) as State[]

/** That Slack takes it, with room to spare. */
function expectSendable({ text, blocks }: Message): void {
  expect(checkBlocks(blocks, 'message')).toEqual([])
  expect(JSON.stringify(blocks).length).toBeLessThan(13_000)
  expect(text.length).toBeGreaterThan(0)
  expect(text.length).toBeLessThan(4_000)
}

/** That nothing from outside mentions, links, fakes a status or runs backwards. */
function expectHarmless(message: Message): void {
  const shown = JSON.stringify({ text: message.text, mrkdwn: mrkdwnOf(message.blocks) })
  expect(shown).not.toMatch(/<!(channel|here|everyone)|<https:\/\/evil|<@U0ELI>|\u202e/)
  expect(shown).not.toMatch(/(?<!\d ):white_check_mark: \*succeeded\*/)
}

function mrkdwnOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnOf)
  if (typeof value !== 'object' || value === null) return []
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)]
  return Object.values(value).flatMap(mrkdwnOf)
}

function buttonsOf({ blocks }: Message) {
  return blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.flatMap((each) => (each.type === 'button' ? [each] : [])) : [],
  )
}

const shownOf = (message: Message) => mrkdwnOf(message.blocks).join('\n')

describe('the card', () => {
  it.each(states)('says %s in its first words', (state) => {
    const { release } = everyState(plainWords)[state]!
    expect(stateOf(release)).toBe(state)
    const shown = card(release)
    expectSendable(shown)
    expect(shown.text.split('\n')[0]).toBe(`blog-api prod: ${state}`)
    expect(shownOf(shown).split('\n')[0]).toMatch(
      new RegExp(`^:[a-z_]+: \\*blog-api prod: ${state}\\* · 3f2c1ab of main · <@U0ANA>$`),
    )
    expect(shown.metadata).toEqual({
      event_type: 'twokey_release',
      event_payload: { release_id: 'r-abc123' },
    })
  })

  it.each(states)('shows only what may be done when %s, each button with its target', (state) => {
    const { release } = everyState(plainWords)[state]!
    const buttons = buttonsOf(card(release))
    expect(buttons.map(({ action_id }) => action_id)).toEqual(
      actionsOf(release).map((action) => `twokey:${action}`),
    )
    expect(buttons.filter(({ style }) => style === 'primary').length).toBeLessThanOrEqual(1)
    for (const button of buttons) {
      expect(button.value).toMatch(/^r-abc123:\d+$/)
      expect(button.accessibility_label).toContain('blog-api')
      const asksFirst = ['twokey:cancel', 'twokey:roll-back', 'twokey:settle'].includes(
        button.action_id ?? '',
      )
      expect(button.confirm !== undefined).toBe(asksFirst)
      if (button.confirm) expect(JSON.stringify(button.confirm)).toContain('blog-api in prod')
    }
  })

  it.each(states)('is the same sober card when %s, whatever the words from outside', (state) => {
    const shown = card(everyState(extremeWords)[state]!.release)
    expectSendable(shown)
    expectHarmless(shown)
    expect(shown.text.split('\n')[0]).toBe(`blog-api prod: ${state}`)
  })

  it('holds a release of extreme size', () => {
    const many = Array.from({ length: 40 }, (_, id) => ({
      cluster: 'c'.repeat(255),
      service: `${'s'.repeat(250)}${id}`,
    }))
    const { release } = new Play({
      service: 's'.repeat(300),
      environment: '<!channel>'.repeat(30),
      targets: many,
      subject: deployOf(extremeWords, 2_000),
      policy: {
        ...new Play().release.policy,
        approvers: Array.from({ length: 300 }, (_, id) => `S0GROUP${id}`),
      },
    })
    const shown = card(release)
    expectSendable(shown)
    expectHarmless(shown)
    expect(shownOf(shown)).toContain('1995 of them not shown')
  })

  it('names who must act and who has acted, and shows the workflow that is approved', () => {
    const shown = shownOf(card(everyState(plainWords)['awaiting approval']!.release))
    expect(shown).toContain('1 of 2 – <@U0BEN> <!date^')
    expect(shown).toContain('1 approval of <!subteam^S0DEPLOYERS>, <@U0APPROVER>')
    expect(shown).toContain('deploy.yml of 3f2c1ab, `.github` tree 7ee0000')
    expect(shown).toContain(
      '<https://github.com/myorg/blog-api/compare/1111111...3f2c1ab?a=1&amp;b=2|Compare>',
    )
    expect(shown).toContain('*Serving now:* blog-api:43 (1111111)')
  })

  it('tells how far run, migration and rollout are', () => {
    const shown = shownOf(card(everyState(plainWords)['rolling out']!.release))
    expect(shown).toContain('exit code 0, 42 s')
    expect(shown).toContain('1 of 2 running, 1 starting, 0 failed')
    expect(shown).toContain('at “Roll out”')
  })

  it('says at the end what is serving and what to do', () => {
    const shown = shownOf(card(everyState(plainWords)['rolled back']!.release))
    expect(shown).toContain('*Serving:* blog-api:43 (1111111)')
    expect(shown).toContain('*Next:*')
  })

  it('shows titles where nothing is parsed', () => {
    const { blocks } = card(everyState(extremeWords)['awaiting approval']!.release)
    const titles = blocks.filter(({ type }) => type === 'rich_text')
    expect(JSON.stringify(titles)).toContain('<!channel> :white_check_mark: *succeeded*')
    expect(mrkdwnOf(blocks).join()).not.toContain('succeeded')
  })

  it('of a rollback names the revision', () => {
    const shown = card(new Play({ subject: rollback, migration: null }).release)
    expectSendable(shown)
    expect(shownOf(shown).split('\n')[0]).toContain('back to blog-api:42 (2222222)')
  })

  it('names whoever rejected, and nobody whom they wrote of', () => {
    const { release } = new Play().on({
      on: 'reject',
      by: { id: 'U0BEN', standing: { eligible: true, via: 'S0DEPLOYERS' } },
      reason: 'ask <@U0ELI> <!channel> :white_check_mark: *succeeded*',
    })
    const shown = shownOf(card(release))
    expect(shown).toContain('Rejected by <@U0BEN>.')
    expect(shown).toContain('*Why:* ask &lt;@U0ELI&gt; &lt;!channel&gt;')
    expect(shown).not.toContain(':white_check_mark:')
  })
})

describe('the story in the thread', () => {
  const log: LogTail = {
    read: true,
    lines: ['```', '<!channel>', ...Array.from({ length: 500 }, () => 'x'.repeat(5_000))],
  }

  for (const [name, words] of [
    ['plain', plainWords],
    ['extreme', extremeWords],
  ] as const) {
    const told = everyStory(words).flatMap((play) => play.told.map((each) => ({ play, each })))

    it(`has every kind of post, in ${name} words`, () => {
      expect(new Set(told.map(({ each }) => each.story.tell))).toEqual(
        new Set([
          'asked',
          'approved',
          'dismissed',
          'voided',
          'run',
          'run-ended-early',
          'migration',
          'rollout',
          'rolling-back',
          'cancelling',
          'superseding',
          'blind',
          'late',
          'settled',
          'explained',
          'ended',
        ]),
      )
    })

    it(`is short and harmless in ${name} words, with a log and without`, () => {
      for (const { play, each } of told)
        for (const tail of [null, log, { read: false, why: words.reason } as const]) {
          const post = story(play.release, each, each.story.tell === 'ended' ? tail : null)
          expectSendable(post)
          expectHarmless(post)
          expect(post.metadata).toEqual({
            event_type: 'twokey_story',
            event_payload: { release_id: 'r-abc123', key: each.key },
          })
        }
    })
  }

  it('of a bad end is for the channel: cause, serving, the log’s end, and who must act', () => {
    const play = everyState(plainWords).failed!
    const end = play.told.find(({ story: { tell } }) => tell === 'ended')!
    const post = story(play.release, end, { read: true, lines: ['first', 'last'] })
    expect(end.where).toBe('channel')
    expect(post.text).toContain('blog-api prod: failed')
    expect(post.text).toContain('exit code 3, 42 s')
    expect(post.text).toContain('<@U0ANA>, <!subteam^S0ONCALL>')
    expect(post.blocks.at(-1)).toMatchObject({
      elements: [{ type: 'rich_text_preformatted', elements: [{ text: 'first\nlast' }] }],
    })
  })

  it('of a good end mentions nobody', () => {
    const play = everyState(plainWords).succeeded!
    const end = play.told.find(({ story: { tell } }) => tell === 'ended')!
    expect(story(play.release, end, null).text).not.toMatch(/<@|<!subteam/)
  })

  it('asks the approvers again once the approvals are void', () => {
    const voided = everyStory(plainWords)
      .flatMap((play) => play.told.map((each) => story(play.release, each, null)))
      .find(({ text }) => text.includes('void'))
    expect(voided?.text).toContain('<!subteam^S0DEPLOYERS>')
  })
})
