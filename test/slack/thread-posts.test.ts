import { describe, expect, it } from 'vitest'
import type { ReleasePost } from '../../src/release/effects.ts'
import { threadPost } from '../../src/slack/cards/thread-post.ts'
import { cardsOf, openOutbox } from './harness.ts'
import { DrivenRelease, everyState, plainWords } from './releases.ts'

describe('posts in a card’s thread', () => {
  const texts = (told: readonly ReleasePost[]) => told.map(({ key }) => key)

  it('sends thread posts in order, each once', async () => {
    const harness = await openOutbox()
    const driven = new DrivenRelease().approvedBy('U0BEN', 'U0CHLOE')
    await harness.save(driven.release, driven.told)
    await harness.save(driven.release, driven.told)
    harness.start()
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.replies.length === 2)
    const keys = cardsOf(harness.slack)[0]?.replies.map(({ metadata }) => metadata?.event_payload.key)
    expect(keys).toEqual(texts(driven.told))
  })

  it('keeps the order and number of thread posts though an answer was lost', async () => {
    const harness = await openOutbox()
    const driven = new DrivenRelease().approvedBy('U0BEN', 'U0CHLOE')
    await harness.save(driven.release, driven.told)
    harness.slack.faults.queue('chat.postMessage', { kind: 'lost' }, { skip: 1 })
    harness.start()
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.replies.length === 2)
    const keys = cardsOf(harness.slack)[0]?.replies.map(({ metadata }) => metadata?.event_payload.key)
    expect(keys).toEqual(texts(driven.told))
    expect(harness.slack.log.of('conversations.replies')).toHaveLength(1)
  })

  it('posts a bad end in the channel with the log’s end, and mentions the people who must act', async () => {
    const harness = await openOutbox()
    const driven = everyState(plainWords).failed!
    const end = driven.told.filter(({ story }) => story.tell === 'ended')
    await harness.save(driven.release, end)
    const asked: unknown[] = []
    harness.start({
      readLog: async (pointer, lines) => {
        asked.push([pointer.log, lines])
        return ['ERROR relation "posts" does not exist', '<!channel>']
      },
    })
    const told = await harness.slack.until(() => cardsOf(harness.slack)[0]?.replies[0])
    expect(asked).toEqual([['migration', 20]])
    expect(told.broadcast).toBe(true)
    expect(JSON.stringify(told.blocks)).toContain('relation')
    expect(harness.slack.workspace.notifications('U0ANA').map(({ ts }) => ts)).toContain(told.ts)
    expect(harness.slack.workspace.notifications('U0CHLOE').map(({ ts }) => ts)).toContain(told.ts)
    expect(harness.slack.workspace.notifications('U0ELI')).toEqual([])
  })

  it('posts the end of the audit chain only with the end of a release, to copy', () => {
    const { release, told } = everyState(plainWords).failed!
    const head = { seq: 100, hash: '0123456789abcdef'.repeat(4) }
    const shown = (each: ReleasePost) => JSON.stringify(threadPost(release, each, null).blocks)
    const end = told.find(({ story: { tell } }) => tell === 'ended')!
    expect(shown({ ...end, head })).toContain(`"text":"${release.id}:100:0123456789abcdef0123"`)
    for (const each of told) expect(shown(each)).not.toContain('Audit')
  })

  it('posts an end without a log that cannot be read, with the reason', async () => {
    const harness = await openOutbox()
    const driven = everyState(plainWords).failed!
    await harness.save(
      driven.release,
      driven.told.filter(({ story }) => story.tell === 'ended'),
    )
    harness.start({ readLog: () => Promise.reject(new Error('the log group is gone')) })
    await harness.slack.until(() => cardsOf(harness.slack)[0]?.replies.length === 1)
    expect(JSON.stringify(cardsOf(harness.slack)[0]?.replies)).toContain('the log group is gone')
  })

  it('sends all thread posts of many releases within Slack’s limits', async () => {
    const harness = await openOutbox()
    for (const id of ['r-1', 'r-2', 'r-3']) {
      const driven = new DrivenRelease({ id, targets: [{ cluster: id, service: 's' }] })
      await harness.save(driven.release, driven.told)
    }
    harness.start()
    await harness.slack.until(
      () =>
        cardsOf(harness.slack).length === 3 &&
        cardsOf(harness.slack).every(({ replies }) => replies.length === 1),
    )
    expect(harness.slack.log.exchanges.filter(({ status }) => status === 429)).toEqual([])
  })
})
