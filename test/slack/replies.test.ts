import { describe, expect, it } from 'vitest'
import { checkBlocks } from '../../sandbox/slack/blocks.ts'
import type { Reply } from '../../src/messages/reply.ts'
import { foreign } from '../../src/release/foreign.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import { alreadyDecided } from '../../src/release/refusals/cards.ts'
import { replyMessage } from '../../src/slack/cards/reply.ts'
import { mrkdwnIn, strayMarkup } from './markup.ts'
import {
  commitOf,
  DrivenRelease,
  deployOf,
  extremeWords,
  plainWords,
  target,
  type Words,
} from './releases.ts'

const everything = {
  ask: 'history',
  service: null,
  environment: null,
  requester: 'U0ANA',
  from: null,
} as const

/** One answer of each kind, with these words in it, and this many rows. */
function every(words: Words, rows: number): Readonly<Record<Reply['reply'] | 'locked by another', Reply>> {
  const many = <T>(one: (index: number) => T) => Array.from({ length: rows }, (_, index) => one(index))
  const release = new DrivenRelease({ subject: deployOf(words) }).release
  const lock: Lock = {
    environment: 'prod',
    service: null,
    by: 'U0BEN',
    why: words.reason,
    since: 1_790_000_000_000,
    until: 1_790_003_600_000,
  }
  const revision = (index: number) => ({
    name: `blog-api:${index + 40}`,
    arn: `arn:${index}`,
    commit: '2222222',
  })
  return {
    refusal: {
      reply: 'refusal',
      refusal: {
        code: 'in_flight',
        sentence: `taken by <@U0ANA>: ${foreign(words.reason)}`,
        next: 'Type `/rollback blog-api`.',
      },
    },
    'locked by another': {
      reply: 'refusal',
      refusal: { code: 'locked', sentence: 'prod is locked.', next: 'Take it over.', said: words.reason },
      takeOver: {
        ask: 'lock',
        environment: 'prod',
        service: words.author.slice(0, 60),
        reason: words.reason.slice(0, 300),
        until: { day: '2026-11-24', time: '09:00' },
        as: { hold: 'take', shown: { by: 'U0BEN', since: 1_790_000_000_000 } },
      },
    },
    help: {
      reply: 'help',
      command: '/deploy',
      services: many(() => words.author),
      environments: many(() => 'prod'),
    },
    unclear: {
      reply: 'unclear',
      said: `/deploy \`${words.title}`,
      why: foreign(words.reason),
      nearest: '/deploy prod --emergency <reason>',
      command: '/deploy',
    },
    asked: {
      reply: 'asked',
      releaseId: 'r-abc123',
      headline: 'blog-api prod: awaiting approval',
      channel: 'C0DEPLOYS',
    },
    done: { reply: 'done', sentence: foreign(words.reason) },
    doctor: {
      reply: 'doctor',
      environment: 'prod',
      problems: Array.from({ length: 20 }, (_, index) => ({
        verdict: index === 0 ? ('error' as const) : ('not readable' as const),
        label: 'Free IP addresses',
        about: words.reason,
        evidence: words.reason.repeat(20),
        why: 'A task without an address does not start.',
        next: 'Run `aws ec2 create-subnet`.',
      })),
      ok: 30,
    },
    status: {
      reply: 'status',
      asked: { ask: 'status', service: 'blog-api', environment: null, page: 1 },
      rows: many((index) => ({
        service: words.author,
        environment: 'prod',
        targets: [target, { ...target, region: 'eu-west-1' }].map((each) =>
          index % 2
            ? { target: each, seen: 'no', why: words.reason }
            : {
                target: each,
                seen: 'yes',
                revision: 'blog-api:43',
                commit: '1111111',
                unread: words.reason,
                since: 1_790_000_000_000,
                by: { release: 'r-1', state: 'failed', requester: 'U0ANA', approvers: many(() => 'U0BEN') },
              },
        ),
        inFlight: many(() => release),
        unacknowledged: many(() => release),
        locks: many(() => lock),
        freeze: { until: 1_790_000_000_000, approvals: 3, reason: words.reason },
        policy:
          index % 2
            ? { held: 'none' }
            : {
                held: 'detected',
                gate: { gate: 'unseen', why: '<!channel> '.repeat(50) },
                at: { repository: words.title, githubEnvironment: words.title },
              },
      })),
      span: { first: 16, of: 300 },
      pages: {
        previous: { ask: 'status', service: 'blog-api', environment: null, page: 0 },
        next: { ask: 'status', service: 'blog-api', environment: null, page: 2 },
      },
      cards: {},
    },
    history: {
      reply: 'history',
      asked: { ...everything, service: 'blog-api' },
      releases: many(() => release),
      outside: many((index) => ({
        service: 'blog-api',
        environment: 'prod',
        target: { cluster: 'blog-cluster-prod', service: 'blog-api' },
        deploymentId: `ecs-svc/${index}`,
        revision: words.title,
        commit: words.title,
        at: release.requestedAt + index,
        run:
          index % 2
            ? null
            : {
                id: index,
                attempt: 2,
                url: words.title,
                workflow: words.title,
                event: words.title,
                login: words.title,
                branch: words.title,
                sha: words.title,
                startedAt: null,
              },
      })),
      pages: { previous: null, next: { ...everything, from: { go: 'older', requestedAt: 1, id: 'r-1' } } },
      cards: {},
    },
    revisions: {
      reply: 'revisions',
      service: 'blog-api',
      environment: 'prod',
      revisions: many((index) => ({
        revision: revision(index),
        at: 1_790_000_000_000,
        difference: { known: false, why: words.reason },
        commit: index % 2 ? null : { ...commitOf(words), date: '2026-11-13T11:15:00Z' },
      })),
      serving: 'blog-api:41',
    },
    'pick-cancel': { reply: 'pick-cancel', releases: many(() => release) },
  }
}

const kinds = Object.keys(every(plainWords, 1)) as Reply['reply'][]

describe('an answer to one person', () => {
  for (const [name, words, rows] of [
    ['a few plain', plainWords, 2],
    ['no', plainWords, 0],
    ['200 extreme', extremeWords, 200],
  ] as const)
    it.each(kinds)(`an answer of ${name} rows stays within Slack’s limits and harmless: %s`, (kind) => {
      const { text, blocks } = replyMessage(every(words, rows)[kind])
      expect(checkBlocks(blocks, 'message')).toEqual([])
      expect(JSON.stringify(blocks).length).toBeLessThan(13_000)
      expect(text.length).toBeGreaterThan(0)
      expect(text.length).toBeLessThan(4_000)
      // Slack shows nobody the value of a button.
      const shown = JSON.stringify(blocks, (key, part) => (key === 'value' ? undefined : part))
      expect(text + shown).not.toMatch(/<!(channel|here|everyone)|<https:\/\/evil|\u202e/)
      expect(mrkdwnIn({ text, blocks }).flatMap(strayMarkup)).toEqual([])
    })

  it('a refusal shows what, why, the next step and the code', () => {
    const { text } = replyMessage({
      reply: 'refusal',
      refusal: {
        code: 'in_flight',
        sentence: 'taken: release r-1 of <@U0ANA> is running',
        next: 'Wait, or `/rollback blog-api`.',
      },
    })
    expect(text).toContain('release r-1 of <@U0ANA> is running')
    expect(text).toContain('`/rollback blog-api`')
    expect(text).toContain('in_flight')
  })

  it('an answer mentions the person who ended a release, and nobody whom their words name', () => {
    const ended = {
      since: 1_790_000_000_000,
      reason: 'locked by <@U0BEN>: ask <@U0ELI> *FAKE*; nothing was sent',
    }
    const place = { service: 'blog-api', environment: 'prod', state: 'cancelled' }
    const { text } = replyMessage({ reply: 'refusal', refusal: alreadyDecided(place, ended, []) })
    expect(text).toContain('locked by <@U0BEN>: ask &lt;@U0ELI&gt; ∗FAKE∗')
  })

  it('shows the usage and the existing names if no command is near', () => {
    const { text } = replyMessage({
      reply: 'unclear',
      said: '/deploy blog-api',
      why: 'the environment is missing: add dev or prod',
      nearest: null,
      command: '/deploy',
      usage: '/deploy <environment> [<service>]',
      services: ['blog-api'],
      environments: ['dev', 'prod'],
    })
    expect(text).toContain('`/deploy &lt;environment&gt; [&lt;service&gt;]`')
    expect(text).toContain('*Environments:* dev, prod')
    expect(text).not.toContain('Did you mean')
  })

  it('help names one command a line, under what a person wants', () => {
    const { blocks } = replyMessage({
      reply: 'help',
      command: '/deploy',
      services: ['blog-api'],
      environments: ['dev', 'prod'],
    })
    const groups = blocks.map((block) => (block.type === 'section' && block.text?.text.split('\n')) || [])
    const titles = groups.map(([title]) => title)
    expect(titles.slice(0, 6)).toEqual([
      '*Deploy*',
      '*Roll back*',
      '*Look*',
      '*Lock*',
      '*Cancel*',
      '*Notify*',
    ])
    for (const line of groups.slice(0, 5).flatMap(([, ...lines]) => lines))
      expect(line).toMatch(/^`\/(deploy|rollback)[^`]*` – /)
  })

  it('shows the nearest command, and the help of the typed command', () => {
    const { text } = replyMessage({
      reply: 'unclear',
      said: '/deploy prd',
      why: '“prd” is no environment',
      nearest: '/deploy prod',
      command: '/deploy',
    })
    expect(text).toContain('`/deploy prod`')
    expect(text).toContain('`/deploy help`')
  })

  it('offers each revision but the one that serves, by a button that names it', () => {
    const { blocks } = replyMessage(every(plainWords, 3).revisions)
    const values = blocks.flatMap((block) =>
      block.type === 'section' && block.accessory?.type === 'button' ? [block.accessory.value] : [],
    )
    expect(values.map((value) => JSON.parse(value ?? ''))).toEqual([
      { service: 'blog-api', environment: 'prod', revision: 40 },
      { service: 'blog-api', environment: 'prod', revision: 42 },
    ])
  })

  it('offers to cancel each release in progress', () => {
    const { blocks } = replyMessage(every(plainWords, 2)['pick-cancel'])
    expect(JSON.stringify(blocks).match(/twokey:pick-cancel/g)).toHaveLength(2)
  })
})
