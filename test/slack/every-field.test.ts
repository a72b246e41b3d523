import { describe, expect, it } from 'vitest'
import type { Form } from '../../src/messages/form.ts'
import type { Announced, Notice } from '../../src/release/notice.ts'
import type { Changes } from '../../src/release/subject.ts'
import type { Message } from '../../src/slack/blocks.ts'
import { card } from '../../src/slack/cards/card.ts'
import { formView } from '../../src/slack/cards/form.ts'
import { notice } from '../../src/slack/cards/notice.ts'
import { threadPost } from '../../src/slack/cards/thread-post.ts'
import { formattedWords, mrkdwnIn, strayMarkup } from './markup.ts'
import {
  DrivenRelease,
  deployOf,
  everyDoubt,
  everyRollback,
  everyState,
  everyThreadPost,
  plainWords,
  rolledOutAfterEnd,
  rolledOutLate,
  startedAgain,
} from './releases.ts'

/** Text that would mention, link, format, quote or fake a status anywhere. */
const hostile = `> *FAKE* <@U0ELI> <!subteam^S0EVIL> <!channel> <https://evil.example|ok> :tada: ✅ ❌ 🔵 ${formattedWords}`

/** The path of every text in a value, as a list of names. */
function textsIn(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value === 'string') return [at]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => textsIn(part, [...at, name]))
}

/** The same value with another text at one path. */
function withText<T>(value: T, [name, ...rest]: readonly string[], text: string): T {
  if (name === undefined) return text as T
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
  copy[name] = withText((value as Record<string, unknown>)[name], rest, text)
  return copy as T
}

/** Paths whose text is one of twokey's own constants: a card with any other value cannot be drawn, so no reader gets one. */
const ours =
  /^(?:stage|at|outcome|verdict|kind|binding|from|tell|where|look|notice|evidence|gate|form|seen|status|state|action|what|track|checked|missing|direction|source|strategy|onTimeout)$/

/** The paths whose text does harm. Only distinct ends of paths, so that hundreds of rows of one list count once. */
function harmed<T>(value: T, drawn: (value: T) => unknown): readonly string[] {
  const places = textsIn(value).filter((path) => !ours.test(path.at(-1) ?? ''))
  expect(places.length).toBeGreaterThan(0)
  return places
    .filter((path) => {
      const shown = drawn(withText(value, path, hostile))
      const mrkdwn = mrkdwnIn(shown)
      return mrkdwn.some(
        (text) =>
          strayMarkup(text).length > 0 ||
          /<@U0ELI>|S0EVIL>|<!channel|<https:\/\/evil|:tada:/.test(text) ||
          // A name in code, with which no card begins a line, stays unchanged so that people can copy it.
          /[✅❌🔵]/u.test(text.replaceAll(/`[^`\n]*`/g, '')),
      )
    })
    .map((path) => path.join('.'))
}

const releases = {
  'rolled out after the end': rolledOutAfterEnd(plainWords, 'own'),
  'rolled out late': rolledOutLate(plainWords, 'rolled back'),
  'started again, running': startedAgain(plainWords).running,
  'started again': startedAgain(plainWords).failed,
  ...everyState(plainWords),
  ...Object.fromEntries(
    Object.entries(everyRollback(plainWords)).map(([name, driven]) => [`rollback ${name}`, driven]),
  ),
}

/** A deploy with names that ECS does not have. */
const misnamed = new DrivenRelease({
  subject: {
    ...deployOf(plainWords),
    missing: [
      { missing: 'migration family', family: 'blog-api-migrat' },
      {
        missing: 'migration container',
        container: 'migrate',
        in: { definition: 'blog-api:43', has: ['api', 'nginx'] },
      },
      { missing: 'containers', containers: ['web'], in: [{ definition: 'blog-api:43', has: ['api'] }] },
    ],
  },
})

/** A deploy of which everything is known that approvers are shown. */
const at = Date.UTC(2026, 10, 23)
const link = { release: 'r-1', card: { channel: 'C0DEPLOYS', ts: '1795411450.885000' } }
const informed = new DrivenRelease({
  subject: { ...deployOf(plainWords), changes: removing(deployOf(plainWords).changes) },
  facts: {
    checks: {
      source: 'checks',
      passed: 1,
      pending: 1,
      failed: 1,
      failing: ['lint'],
      unread: 'GitHub answered 403',
    },
    succeededIn: [{ environment: 'dev', at }],
    contains: {
      last: [{ ...link, commit: '1e677e4', outcome: 'failed', by: null, at, reason: 'the migration failed' }],
      more: 1,
    },
    setbacks: { failures: 2, since: at, last: { ...link, outcome: 'taken back', by: 'U0ANA', at } },
    retryOf: link,
    workflow: { isChanged: true, since: 'a'.repeat(40) },
  },
})

/** The same changes on a branch that diverged. */
function removing(changes: Changes): Changes {
  if (!changes.known) return changes
  const removed = { commits: changes.commits, total: 9, migrations: 1 }
  return { ...changes, direction: 'aside', removed }
}

describe('hostile text in every field', () => {
  it.each(Object.entries({ ...releases, ...everyDoubt(plainWords), misnamed, informed }))(
    'stays text on the card: %s',
    (_, { release }) => {
      expect(harmed(release, (changed): Message => card(changed, 'https://blog.slack.com'))).toEqual([])
    },
  )

  it.each(
    everyThreadPost(plainWords).flatMap(({ release, told }) =>
      told.map((each) => [each.story.tell, release, each] as const),
    ),
  )('stays text in the thread: %s', (_, release, told) => {
    expect(harmed(told, (changed) => threadPost(release, changed, { read: true, lines: [hostile] }))).toEqual(
      [],
    )
  })

  const head = { seq: 7, hash: '0123456789abcdef'.repeat(4) }
  const at = { service: 'blog-api', environment: 'prod' }
  const lock = { ...at, by: 'U0ANA', why: 'an incident', since: 1, until: null }
  const run = {
    id: 1,
    attempt: 1,
    url: 'https://github.com/x',
    event: 'push',
    branch: 'main',
    sha: 'c0ffee',
    login: 'eve',
  }
  const notices: readonly Announced['notice'][] = [
    { notice: 'locked', lock },
    { notice: 'taken-over', lock, from: { ...lock, why: 'another' } },
    { notice: 'unlocked', lock, by: 'U0BEN' },
    { notice: 'still-locked', lock },
    {
      notice: 'started-on-github',
      environment: 'prod',
      services: ['blog-api'],
      workflow: 'deploy.yml',
      required: 2,
      run: { ...run, attempt: 2 },
    },
    {
      notice: 'started-on-github',
      environment: 'prod',
      services: ['blog-api'],
      workflow: 'deploy.yml',
      required: 2,
      pastGate: 'failed',
      run: { ...run, branch: null, login: null },
    },
    {
      notice: 'superseded-before-gate',
      environment: 'prod',
      workflow: 'deploy.yml',
      run,
      newer: {
        id: 3,
        url: 'https://github.com/y',
        group: 'ship',
        holder: { id: 2, number: 56, url: 'https://github.com/z' },
      },
    },
    {
      notice: 'not-asked-at-gate',
      environment: 'prod',
      workflow: 'deploy.yml',
      why: 'the cluster does not exist',
      run,
    },
    {
      notice: 'changed-beyond-approval',
      ...at,
      revision: { name: 'blog-api:44', arn: 'arn:44', commit: 'c0ffee' },
      evidence: 'log',
      by: { ...at, release: 'r-1', requester: 'U0ANA', run: { id: 1, url: 'https://github.com/x' } },
      mention: ['S0OPS', 'U0BEN'],
    },
    ...(['began', 'rolled back'] as const).map(
      (news): Notice => ({
        notice: 'outside',
        ...at,
        news,
        target: { cluster: 'blog-cluster-prod', service: 'blog-api' },
        rollout: {
          revision: { name: 'blog-api:44', arn: 'arn:44', commit: 'c0ffee' },
          verdict: 'rolling back',
          reason: 'the circuit breaker is rolling it back',
          createdAt: 0,
          images: [{ container: 'api', image: 'registry.example/blog-api:44', digest: null }],
        },
        origin: { registeredBy: 'arn:aws:iam::123456789012:user/eve', creator: 'user' },
        run: null,
        mention: ['S0OPS'],
      }),
    ),
    {
      notice: 'tasks-failing',
      ...at,
      target: { cluster: 'blog-cluster-prod', service: 'blog-api' },
      count: 3,
      withinMs: 900_000,
      revision: 'blog-api:44',
      why: 'container api exited 1',
      mention: ['S0OPS'],
    },
  ]
  it.each(notices.map((said) => [said.notice, said] as const))('stays text in a notice: %s', (_, said) => {
    const announced: Announced = { notice: said, chain: 'environment:prod', head }
    expect(harmed(announced, (changed) => notice(1, changed))).toEqual([])
  })

  const forms: readonly Form[] = [
    {
      form: 'deploy',
      services: ['blog-api', 'shop'],
      environments: ['dev', 'prod'],
      ...at,
      branch: 'main',
      serving: { seen: 'yes', revision: { name: 'blog-api:43', commit: 'c0ffee' } },
    },
    { form: 'rollback', ...at, revisions: null },
    { form: 'reason', releaseId: 'r-1', ...at },
  ]
  it.each(forms.map((form) => [form.form, form] as const))('stays text in a form: %s', (_, form) => {
    expect(harmed(form, (changed) => formView(changed, 'C0DEPLOYS'))).toEqual([])
  })
})
