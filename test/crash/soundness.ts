import { expect } from 'vitest'
import type { Release } from '../../src/release/release.ts'
import { verifyChain } from '../../src/store/audit.ts'
import type { AuditRow } from '../../src/store/store.ts'
import { dispatchRoute } from '../scenarios/town.ts'
import { type StoryName, stories } from './stories.ts'
import { type CrashTown, toldKeys } from './town.ts'

/** A release as it was left. */
export type Left = {
  readonly release: Release
  readonly audit: readonly AuditRow[]
  readonly outcome: string
  /** The dispatch was marked, and GitHub never heard of it: whether it was sent cannot be told. */
  readonly isCutOff: boolean
}

/**
 * What holds wherever a bot was killed: each release has one card whose thread tells everything once, each key
 * counts once, nothing was dispatched twice, and only what ended as unknown holds its lane. Gives the releases, the
 * oldest first.
 */
export async function soundlyLeft(town: CrashTown): Promise<readonly Left[]> {
  const store = await town.leaves()
  const releases = (await store.history({ limit: 10 })).toReversed()
  const ids = releases.map(({ id }) => id)
  expect(town.cards().map(({ metadata }) => metadata?.event_payload.release_id)).toEqual(ids)
  const dispatched = town.sandbox.github.log.of(dispatchRoute).map(({ body }) => releaseIdOf(body))
  expect(dispatched).toEqual([...new Set(dispatched)])
  const left: Left[] = []
  for (const release of releases) {
    const audit = await store.auditOf(release.id)
    expect(verifyChain(audit)).toMatchObject({ intact: true })
    isToldOnce(town, release)
    keysCountOnce(release, audit)
    const isMarked = audit.some(({ what }) => what === 'dispatch marked')
    const { stage } = release
    left.push({
      release,
      audit,
      outcome: stage.at === 'ended' ? stage.outcome : stage.at,
      isCutOff: isMarked && !dispatched.includes(release.id),
    })
  }
  const held = (await store.inFlight()).map(({ id }) => id)
  expect(held).toEqual(releases.filter(isUnknown).map(({ id }) => id))
  return left
}

function isToldOnce(town: CrashTown, { id, told }: Release): void {
  const card = town.cards().find(({ metadata }) => metadata?.event_payload.release_id === id)
  expect(card && toldKeys(card)).toEqual(told)
}

function keysCountOnce({ approvals }: Release, audit: readonly AuditRow[]): void {
  const keys = audit.filter(({ what }) => what === 'approved').map(({ actor }) => actor)
  expect(keys).toEqual([...new Set(keys)])
  expect(approvals.map(({ by }) => by)).toEqual(keys)
}

function isUnknown({ stage }: Release): boolean {
  return stage.at === 'ended' && stage.outcome === 'unknown' && stage.settledBy === null
}

function releaseIdOf(body: unknown): unknown {
  return (body as { inputs?: { release_id?: unknown } }).inputs?.release_id
}

/** As the story ends, and `unknown` where its dispatch was cut off: then nothing of it was rolled out. */
export function hasRightEnd(name: StoryName, town: CrashTown, left: readonly Left[]): void {
  const { ends, rollsOut } = stories[name]
  expect(left.map(({ outcome }) => outcome)).toEqual(
    ends.map((end, index) => (left[index]?.isCutOff ? 'unknown' : end)),
  )
  const isCutOff = left.some((each) => each.isCutOff)
  expect(town.rolledOut()).toEqual(isCutOff ? rollsOut.filter((name) => name !== 'blog-api:44') : rollsOut)
}

/**
 * Eli was answered each time. Whether Slack showed an answer to one person alone cannot be asked of it:
 * one that was cut off is given again, so there are at most as many as were begun.
 */
export function isAnswered({ sandbox, bot }: CrashTown, answers: number): void {
  const shown = sandbox.slack.workspace.ephemerals('U0ELI').filter(({ from }) => from !== 'slackbot').length
  expect(shown).toBeGreaterThanOrEqual(answers)
  expect(shown).toBeLessThanOrEqual(bot.passed.filter((name) => name === 'reply marked').length)
}
