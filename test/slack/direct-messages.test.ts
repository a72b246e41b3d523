import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { click } from '../release/click.ts'
import { channel, type OutboxHarness, openOutbox } from './harness.ts'
import { approver, DrivenRelease } from './releases.ts'

const directs = ({ slack }: OutboxHarness, user: string) =>
  slack.workspace.messages(slack.workspace.dm(user).id)

/** A release whose card is posted, and which asks these people for their approval. */
async function asking(harness: OutboxHarness, people: readonly string[]) {
  const driven = new DrivenRelease()
  await harness.save(driven.release)
  await harness.store.outbox.cardSent(driven.release.id, { ts: '1.1', version: 1, shown: '' })
  await harness.store.transact((tx) => tx.direct.askApprovers(driven.release.id, 1))
  const logged: Record<string, unknown>[] = []
  const log = pino({}, { write: (line) => logged.push(JSON.parse(line)) })
  return { driven, logged, start: () => harness.start({ log, approversToAsk: async () => people }) }
}

/** The direct messages that wait, after the people were looked up. */
async function waiting(harness: OutboxHarness) {
  const posts = await harness.store.outbox.duePosts(Date.now(), 99)
  return posts.flatMap(({ id, what }) => (what.kind === 'direct' ? [{ id, message: what.message }] : []))
}

/** Waits until every direct message was sent or given up. */
async function sent(harness: OutboxHarness): Promise<void> {
  while ((await waiting(harness)).length > 0) await pause(5)
  await harness.idle()
}

describe('a direct message', () => {
  it('asks nobody before the card is posted', async () => {
    const harness = await openOutbox()
    const driven = new DrivenRelease()
    await harness.save(driven.release)
    await harness.store.transact((tx) => tx.direct.askApprovers(driven.release.id, 1))
    expect(await waiting(harness)).toEqual([])
    await harness.store.outbox.cardSent(driven.release.id, { ts: '1.1', version: 1, shown: '' })
    expect(await waiting(harness)).toMatchObject([{ message: { direct: 'approvers' } }])
  })

  it('names the channel if the workspace has no address', async () => {
    const harness = await openOutbox()
    ;(await asking(harness, ['U0BEN'])).start()
    await harness.slack.until(() => directs(harness, 'U0BEN').length === 1)
    expect(JSON.stringify(directs(harness, 'U0BEN')[0]?.blocks)).toContain(`Its card is in <#${channel}>`)
  })

  it('sends a message once though the answer was lost', async () => {
    const harness = await openOutbox()
    harness.slack.faults.queue('chat.postMessage', { kind: 'lost' })
    const { logged, start } = await asking(harness, ['U0BEN'])
    start()
    await sent(harness)
    expect(directs(harness, 'U0BEN')).toHaveLength(1)
    expect(logged).toMatchObject([{ msg: 'a direct message was given up', user: 'U0BEN', level: 40 }])
  })

  it('never repeats a message after the process died while sending it', async () => {
    const harness = await openOutbox()
    const { driven, start } = await asking(harness, [])
    const [post] = await waiting(harness)
    await harness.store.direct.addressed(post!.id, ['U0BEN', 'U0CHLOE'], 2)
    const [first] = await waiting(harness)
    expect(first?.message).toMatchObject({ direct: 'approval', to: 'U0BEN' })
    await harness.store.outbox.postSending(first!.id, Date.now())
    start()
    await harness.slack.until(() => directs(harness, 'U0CHLOE').length === 1)
    await sent(harness)
    expect(directs(harness, 'U0BEN')).toEqual([])
    expect(driven.release.stage.at).toBe('approval')
  })

  it('sends a message after Slack’s rate limit has passed', async () => {
    const harness = await openOutbox()
    const limit = { kind: 'answer', status: 429, headers: { 'retry-after': '1' } } as const
    harness.slack.faults.queue('chat.postMessage', limit)
    ;(await asking(harness, ['U0BEN'])).start()
    await harness.slack.until(() => directs(harness, 'U0BEN').length === 1)
    expect(harness.slack.log.of('chat.postMessage')).toHaveLength(2)
  })

  it('reaches the others if one person has left, and logs that once', async () => {
    const harness = await openOutbox()
    const { logged, start } = await asking(harness, ['U0DORA', 'U0TWOKEY', 'U0CHLOE'])
    start()
    await harness.slack.until(() => directs(harness, 'U0CHLOE').length === 1)
    await sent(harness)
    const why = logged.map(({ user, why, level }) => [user, why, level])
    expect(why.toSorted()).toEqual([
      ['U0DORA', 'Slack answered channel_not_found', 30],
      ['U0TWOKEY', 'Slack answered cannot_dm_bot', 30],
    ])
    expect(harness.slack.log.of('chat.postMessage')).toHaveLength(3)
  })

  it('gives a message up, with what to do, while the app has no Messages tab', async () => {
    const harness = await openOutbox({ app: { messagesTab: false } })
    const { logged, start } = await asking(harness, ['U0BEN'])
    start()
    await sent(harness)
    expect(logged).toMatchObject([{ level: 40, why: expect.stringMatching(/Turn on the Messages Tab/) }])
  })

  it('asks nobody who has approved, and nobody once all approvals are in', async () => {
    const harness = await openOutbox()
    const { driven, start } = await asking(harness, [])
    const [post] = await waiting(harness)
    await harness.store.direct.addressed(post!.id, ['U0BEN', 'U0CHLOE'], 2)
    await harness.save(driven.approvedBy('U0BEN').release)
    start()
    await harness.slack.until(() => directs(harness, 'U0CHLOE').length === 1)
    await sent(harness)
    expect(directs(harness, 'U0BEN')).toEqual([])

    const late = await openOutbox()
    const other = await asking(late, ['U0BEN'])
    await late.save(other.driven.on(click('cancel', approver('U0ANA'))).release)
    other.start()
    await sent(late)
    expect(directs(late, 'U0BEN')).toEqual([])
  })

  it('sends nothing after the person turned direct messages off', async () => {
    const harness = await openOutbox()
    const { driven, start } = await asking(harness, [])
    const [post] = await waiting(harness)
    await harness.store.direct.addressed(post!.id, ['U0BEN', 'U0CHLOE'], 2)
    await harness.store.transact(async (tx) => {
      await tx.direct.sendOutcome(driven.release.id, { to: 'U0BEN', end: 'ended-1' }, 3)
      await tx.direct.choose(['U0BEN'], 'off', 3)
    })
    start()
    await harness.slack.until(() => directs(harness, 'U0CHLOE').length === 1)
    await sent(harness)
    expect(directs(harness, 'U0BEN')).toEqual([])
  })
})
