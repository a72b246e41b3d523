import { describe, expect, it } from 'vitest'
import type { Announced, LockNotice, Notice, OutsideNotice } from '../../src/release/notice.ts'
import { newsOf } from '../../src/release/outside-changes.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import { notice } from '../../src/slack/cards/notice.ts'
import { channel, type OutboxHarness, openOutbox, until } from './harness.ts'
import { formattedWords, mrkdwnIn, strayMarkup } from './markup.ts'

const lock: Lock = {
  environment: 'prod',
  service: 'blog-api',
  by: 'U0ANA',
  why: `an <!channel> incident of <@U0ELI> :tada: ${formattedWords}`,
  since: Date.UTC(2026, 10, 24, 9),
  until: Date.UTC(2026, 10, 24, 11),
}

function announced(said: Notice): Announced {
  return { notice: said, chain: 'environment:prod', head: { seq: 7, hash: '0123456789abcdef'.repeat(4) } }
}

const said: readonly LockNotice[] = [
  { notice: 'locked', lock },
  { notice: 'taken-over', lock: { ...lock, by: 'U0BEN' }, from: lock },
  { notice: 'unlocked', lock, by: 'U0BEN' },
  { notice: 'lock-ended', lock },
  { notice: 'still-locked', lock: { ...lock, service: null, until: null } },
]

function announce(harness: OutboxHarness, ...notices: readonly Notice[]): Promise<void> {
  return harness.store.transact(async (tx) => {
    for (const each of notices) await tx.announce(channel, announced(each), Date.now())
  })
}

function noticesOf({ slack }: OutboxHarness) {
  return slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_notice')
}

describe('a notice', () => {
  it.each(said.map((each) => [each.notice, each] as const))(
    'the notice %s names service environment and people, shows the reason as text, and the end of the audit chain',
    (_, each) => {
      const message = JSON.stringify(notice(12, announced(each)))
      expect(message).toContain('prod')
      expect(message).toContain(`<@${each.lock.by}>`)
      expect(message).toContain('environment:prod:7:0123456789abcdef0123')
      expect(message).not.toContain('0123456789abcdef01234')
      expect(message).not.toContain('<!channel>')
      expect(message).not.toContain('<@U0ELI>')
      expect(message).not.toContain(':tada:')
      expect(mrkdwnIn(notice(12, announced(each))).flatMap(strayMarkup)).toEqual([])
    },
  )

  it.each<[OutsideNotice['rollout']['verdict'], string]>([
    ['moving', 'is in progress'],
    ['succeeded', 'has completed'],
    ['stopped', 'was stopped'],
    ['superseded', 'was replaced by another'],
    ['unknown', 'has an unknown outcome'],
  ])('a report of a rollout outside twokey says what became of it: %s', (verdict, words) => {
    const rollout = {
      revision: { name: 'blog-api:44', arn: 'arn:44', commit: '3f2c1ab' },
      verdict,
      reason: 'CodeDeploy does not show it',
      images: null,
      createdAt: Date.UTC(2026, 10, 24, 9),
    }
    const where = { service: 'blog-api', environment: 'prod' }
    const target = { cluster: 'blog-cluster-prod', service: 'blog-api' }
    const { text } = notice(
      12,
      announced({
        notice: 'outside',
        ...where,
        news: newsOf(rollout),
        target,
        rollout,
        origin: null,
        run: null,
        mention: [],
      }),
    )
    expect(text).toMatch(/rollout of blog-api:44 \(3f2c1ab\) began/)
    expect(text).toContain(` and ${words}.`)
  })

  it('shows problems of the setup as text, at most as many as fit in a post, with what to do', () => {
    const problem = {
      about: 'myorg/<!channel>',
      says: `GitHub answered ${formattedWords} <@U0ELI> :tada: ${'x'.repeat(500)}`,
      next: 'Type `/invite @twokey` in <#C0DEPLOYS>.',
    }
    const problems = Array.from({ length: 5 }, () => problem)
    const drawn = notice(12, announced({ notice: 'setup-wrong', problems, more: 7 }))
    const message = JSON.stringify(drawn)
    expect(drawn.text).toContain('twokey check --online')
    expect(message).toContain('`/invite @twokey`')
    expect(message).toContain('… and 7 more, in the log.')
    expect(message).not.toContain('<!channel>')
    expect(message).not.toContain('<@U0ELI>')
    expect(message).not.toContain(':tada:')
    expect(mrkdwnIn(drawn).flatMap(strayMarkup)).toEqual([])
  })

  it('shows the end of another chain that has no post of its own', () => {
    const also = { chain: 'strays', head: { seq: 4, hash: 'fedcba9876543210'.repeat(4) } }
    const message = JSON.stringify(notice(12, { ...announced(said[0]!), also }))
    expect(message).toContain('environment:prod:7:0123456789abcdef0123')
    expect(message).toContain('strays:4:fedcba9876543210fedc')
  })

  it('describes a lock that was taken over like a new one', () => {
    const [locked, takenOver] = said.map((each) => notice(12, announced(each)).text)
    const holds = /Deploys to blog-api in prod are blocked.*/
    expect(holds.exec(locked!)?.[0]).toContain('rollbacks still work')
    expect(holds.exec(takenOver!)?.[0]).toBe(holds.exec(locked!)?.[0])
    expect(takenOver).toContain('/deploy unlock prod blog-api')
  })

  it('explains that a lock without an end stays, and how to add an end', () => {
    const endless = notice(12, announced({ notice: 'locked', lock: { ...lock, until: null } })).text
    expect(endless).toContain(
      'No end time: it stays until someone removes it. `/deploy lock prod blog-api for 2h &lt;reason&gt;`',
    )
    expect(notice(12, announced(said[0]!)).text).not.toContain('No end time')
  })

  it('posts notices in the channel in order, and reminds the person who set the lock', async () => {
    const harness = await openOutbox()
    await announce(harness, { notice: 'locked', lock }, { notice: 'still-locked', lock })
    harness.start()
    await harness.slack.until(() => noticesOf(harness).length === 2)
    expect(noticesOf(harness).map(({ text }) => text.includes('still active'))).toEqual([false, true])
    expect(harness.slack.workspace.notifications('U0ANA')).toHaveLength(2)
    expect(harness.slack.workspace.notifications('U0ELI')).toEqual([])
  })

  it('posts a notice once though the answer to the post was lost', async () => {
    const harness = await openOutbox()
    harness.slack.faults.queue('chat.postMessage', { kind: 'lost' })
    await announce(harness, { notice: 'locked', lock }, { notice: 'unlocked', lock, by: 'U0BEN' })
    harness.start()
    await harness.slack.until(() => noticesOf(harness).length === 2)
    await harness.idle()
    expect(harness.slack.log.of('conversations.history')).toHaveLength(1)
    expect(harness.slack.log.of('chat.postMessage')).toHaveLength(2)
  })

  it('finds a notice after the process died while posting it', async () => {
    const harness = await openOutbox()
    await announce(harness, { notice: 'locked', lock })
    const [due] = await harness.store.outbox.duePosts(Date.now(), 1)
    if (due?.what.kind !== 'notice') throw new Error('no notice is due')
    await harness.store.outbox.postSending(due.id, Date.now())
    const { text, blocks, metadata } = notice(due.id, due.what.announced)
    const user = harness.slack.workspace.app.userId
    harness.slack.workspace.post({ channel, user, text, blocks, metadata: metadata ?? null })
    harness.start()
    await until(() => harness.slack.log.of('conversations.history').length === 1)
    await harness.idle()
    expect(harness.slack.log.of('chat.postMessage')).toEqual([])
    expect(await harness.store.outbox.duePosts(Date.now(), 1)).toEqual([])
  })

  it('posts a notice again that never arrived, though a similar one is in the channel', async () => {
    const harness = await openOutbox()
    await announce(harness, { notice: 'still-locked', lock })
    harness.start()
    await harness.slack.until(() => noticesOf(harness).length === 1)
    await harness.idle()
    harness.slack.faults.queue('chat.postMessage', { kind: 'reset' })
    await announce(harness, { notice: 'still-locked', lock })
    await harness.slack.until(() => noticesOf(harness).length === 2)
  })
})
