import { expect } from 'vitest'
import type { Message } from '../../sandbox/slack/entities.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import type { Release } from '../../src/release/release.ts'
import { type AuditRow, environmentChain, type Store } from '../../src/store/store.ts'
import { dispatchRoute, rerunRoute } from '../scenarios/harness.ts'
import { verifyChain } from '../store/chain.ts'
import { type CrashHarness, postKeys } from './harness.ts'
import { rateLimited, type ScenarioName, scenarios } from './scenarios.ts'

/** A release after the crashes. */
export type Left = {
  readonly release: Release
  readonly audit: readonly AuditRow[]
  readonly outcome: string
  /** The dispatch, or the re-run, was marked, but GitHub received none: whether it was sent cannot be determined. */
  readonly isCutOff: boolean
}

/** A harness after its bot was stopped. */
export type Leftovers = {
  /** Oldest first. */
  readonly releases: readonly Left[]
  readonly locks: readonly Lock[]
  /** The notices that belong to no release, by their audit name, oldest first. */
  readonly notices: readonly string[]
}

/**
 * The invariants wherever a bot was killed: each release has one card whose thread has every post once, an approval
 * counts until it is withdrawn, nothing was dispatched twice, and only releases that ended as unknown hold their lane.
 * The channel has one notice for each audited event that belongs to no release, locks match the notices, and every
 * audit head that Slack shows is valid.
 */
export async function checkInvariants(harness: CrashHarness): Promise<Leftovers> {
  const store = await harness.stopAndOpenStore()
  isWrittenOnce(harness)
  isShownOnce(harness)
  const rows = await rowsWithNotice(store)
  expect(harness.notices().flatMap(headsIn)).toEqual(rows.map(headOf))
  return {
    releases: await releasesLeft(harness, store),
    locks: await locksLeft(harness, { store, rows }),
    notices: rows.map(({ what }) => what),
  }
}

/** Nobody got the same direct message twice. */
function isWrittenOnce({ sandbox }: CrashHarness): void {
  const { workspace } = sandbox.slack
  const texts = [...workspace.channels.values()]
    .filter(({ kind }) => kind === 'dm')
    .flatMap(({ id }) => workspace.messages(id).map(({ text }) => `${id} ${text}`))
  expect(texts).toEqual([...new Set(texts)])
}

/** GitHub has at most one deployment of each rollback. */
function isShownOnce({ sandbox }: CrashHarness): void {
  const shown = sandbox.github.world
    .repository()
    .deployments.filter(({ task }) => task === 'rollback')
    .map(({ description }) => description)
  expect(shown).toEqual([...new Set(shown)])
}

async function releasesLeft(harness: CrashHarness, store: Store): Promise<readonly Left[]> {
  const releases = (await store.history({ limit: 10 })).toReversed()
  const ids = releases.map(({ id }) => id)
  expect(harness.cards().map(({ metadata }) => metadata?.event_payload.release_id)).toEqual(ids)
  const dispatched = harness.sandbox.github.log
    .of(dispatchRoute)
    .filter(({ status }) => status !== rateLimited)
    .map(({ body }) => releaseIdOf(body))
  expect(dispatched).toEqual([...new Set(dispatched)])
  const reruns = harness.sandbox.github.log.of(rerunRoute).length
  expect(reruns).toBeLessThanOrEqual(releases.filter(({ subject }) => subject.kind === 'rerun').length)
  const left: Left[] = []
  for (const release of releases) {
    const audit = await store.auditOf(release.id)
    expect(verifyChain(audit)).toMatchObject({ intact: true })
    checkPosts(harness, release, audit)
    checkApprovals(release, audit)
    const isMarked = (effect: string) => audit.some(({ what }) => what === `${effect} marked`)
    const { stage } = release
    left.push({
      release,
      audit,
      outcome: stage.at === 'ended' ? stage.outcome : stage.at,
      isCutOff:
        (isMarked('dispatch') && !dispatched.includes(release.id)) || (isMarked('rerun') && reruns === 0),
    })
  }
  const held = (await store.inFlight()).map(({ id }) => id)
  expect(held).toEqual(releases.filter(isUnknown).map(({ id }) => id))
  return left
}

/** All posts are there once and in order; the end contains the audit head of that time. */
function checkPosts(harness: CrashHarness, { id, told }: Release, audit: readonly AuditRow[]): void {
  const card = harness.cards().find(({ metadata }) => metadata?.event_payload.release_id === id)
  const keys = card && postKeys(card).filter((key) => !/^(?:card-replaced|was-down)-/.test(key))
  expect([...(harness.keysOfDeletedCards.get(id) ?? []), ...(keys ?? [])]).toEqual(told)
  expect(new Set(card && postKeys(card)).size).toBe(card?.replies.length)
  const heads = audit.map(headOf)
  for (const reply of card?.replies ?? []) {
    const shown = headsIn(reply)
    expect(heads).toEqual(expect.arrayContaining([...shown]))
    if (String(reply.metadata?.event_payload.key).startsWith('ended-')) expect(shown).toHaveLength(1)
  }
}

/** An approval counts once until it is withdrawn or void, and nothing was sent without enough of them. */
function checkApprovals({ approvals, policy }: Release, audit: readonly AuditRow[]): void {
  let keys: readonly string[] = []
  for (const { actor, what } of audit) {
    if (what === 'approved') {
      expect(keys).not.toContain(actor)
      keys = [...keys, actor]
    }
    if (what === 'withdrew') keys = keys.filter((by) => by !== actor)
    if (what === 'approvals voided') keys = []
    if (what === 'dispatch marked' || what === 'rerun marked' || what === 'update marked')
      expect(keys.length).toBeGreaterThanOrEqual(policy.required)
  }
  expect(approvals.map(({ by }) => by)).toEqual(keys)
  const times = (name: string) => audit.filter(({ what }) => what === name).length
  expect(times('dispatch marked')).toBeLessThanOrEqual(1 + times('dispatch limited'))
  expect(times('rerun marked')).toBeLessThanOrEqual(1)
}

/** The notices that belong to no release, with the symbol that each begins with. */
const signs: Readonly<Record<string, string>> = {
  locked: ':lock:',
  'locked again': ':lock:',
  'lock taken over': ':lock:',
  'lock reminded': ':lock:',
  unlocked: ':unlock:',
  'lock ended': ':unlock:',
  'started on GitHub': ':warning:',
  'deployed outside twokey': ':warning:',
  'tasks keep failing': ':rotating_light:',
}

/** The audit rows that have a notice, of all environments, oldest first. */
async function rowsWithNotice(store: Store): Promise<readonly AuditRow[]> {
  const chains = await Promise.all(
    ['dev', 'prod'].map((environment) => store.auditOf(environmentChain(environment))),
  )
  for (const rows of chains) expect(verifyChain(rows)).toMatchObject({ intact: true })
  return chains
    .flat()
    .filter(({ what }) => what in signs)
    .sort((one, other) => one.at - other.at)
}

/** The locks, which match the notices. */
async function locksLeft(
  harness: CrashHarness,
  { store, rows }: { readonly store: Store; readonly rows: readonly AuditRow[] },
): Promise<readonly Lock[]> {
  expect(harness.notices().map(({ text }) => /^:[a-z_]+:/.exec(text)?.[0])).toEqual(
    rows.map(({ what }) => signs[what]),
  )
  const held = new Map<string, object>()
  for (const row of rows) {
    const { actor: by, what, detail } = row
    const place = `${row.chain} ${detail.service}`
    if (signs[what] === ':unlock:') held.delete(place)
    if (what.startsWith('lock') && signs[what] === ':lock:' && what !== 'lock reminded')
      held.set(place, { by, why: detail.why, until: detail.until })
  }
  const locks = await store.locks()
  const left = locks.map(({ environment, service, by, why, until }): [string, object] => [
    `${environmentChain(environment)} ${service}`,
    { by, why, until },
  ])
  expect(new Map(left)).toEqual(held)
  return locks
}

/** An audit head as messages show it. */
function headOf({ chain, seq, hash }: AuditRow): string {
  return `${chain}:${seq}:${hash.slice(0, 20)}`
}

function headsIn({ blocks }: Message): readonly string[] {
  const shown = JSON.stringify(blocks).replaceAll('\u2060', '')
  return [...shown.matchAll(/"((?:environment:)?[\w-]+:\d+:[0-9a-f]{20})"/g)].map(([, head = '']) => head)
}

function isUnknown({ stage }: Release): boolean {
  return stage.at === 'ended' && stage.outcome === 'unknown' && stage.settledBy === null
}

function releaseIdOf(body: unknown): unknown {
  return (body as { inputs?: { release_id?: unknown } }).inputs?.release_id
}

/** The end of the scenario, or `unknown` if its dispatch was cut off: then nothing of it was rolled out. */
export function checkEnd(name: ScenarioName, harness: CrashHarness, left: Leftovers): void {
  const { releases, locks } = left
  const { ends = [], rollsOut = [], notices = [], locked = [] } = scenarios[name]
  expect(releases.map(({ outcome }) => outcome)).toEqual(
    ends.map((end, index) => (releases[index]?.isCutOff ? 'unknown' : end)),
  )
  const isCutOff = releases.some((each) => each.isCutOff)
  expect(harness.rolledOut()).toEqual(isCutOff ? rollsOut.filter((name) => name !== 'blog-api:44') : rollsOut)
  expect(locks.map(({ environment, service, by }) => [environment, service, by])).toEqual(locked)
  // A person who saw no answer tries again, and may hold the lock already.
  expect(left.notices.filter((what) => what !== 'locked again')).toEqual(notices)
}

/**
 * Eli got an answer each time. Slack cannot be asked whether it showed an answer to one person, so an answer that was
 * cut off is sent again: there are at most as many as were begun.
 */
export function checkAnswers({ sandbox, bot }: CrashHarness, answers = 0): void {
  const shown = sandbox.slack.workspace.ephemerals('U0ELI').filter(({ from }) => from !== 'slackbot').length
  expect(shown).toBeGreaterThanOrEqual(answers)
  expect(shown).toBeLessThanOrEqual(bot.passed.filter((name) => name === 'reply marked').length)
}
