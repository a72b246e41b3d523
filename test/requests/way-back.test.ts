import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Action } from '../../src/release/actions/actions.ts'
import type { Release } from '../../src/release/release.ts'
import type { Revision } from '../../src/release/revision.ts'
import { clickedButton } from '../../src/requests/button.ts'
import type { AnswerDeps } from '../../src/requests/complete.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { policy, ReleaseDriver, rollbackSubject, sendingBack, underway } from '../release/driver.ts'
import { image, no, oldCommit, revision, start, target, yes } from '../release/world.ts'
import { serviceEnvironment, settingsOf } from '../settings/service-environment.ts'

const card = { channel: 'C0DEPLOYS', ts: '1.0' }
const free = policy({ required: 0 })

/** The service has moved to another family, which has a revision of the same number that ran well. */
const renamed = ({ name, arn, commit }: Revision): Revision => ({
  name: name.replace('blog-api', 'blog-api-v2'),
  arn: arn.replace('blog-api', 'blog-api-v2'),
  commit,
})

/** A deploy after which Roll back would request `blog-api:42`. */
function deployed(): Release {
  const driver = underway()
  driver.world.rollout({ verdict: 'succeeded' })
  driver.look()
  return driver.release
}

/** A rollback to `blog-api:41` that nobody approved in time. */
function rolledBack(): Release {
  const ended = { at: 'ended', since: start, outcome: 'expired', reason: 'late', settledBy: null } as const
  return { ...new ReleaseDriver({ subject: rollbackSubject(), policy: free }).release, stage: ended }
}

/** A rollback to `blog-api:41` that rolled out this image, while `blog-api:42` served. */
function brought(digest: string): Release {
  const driver = sendingBack()
  driver.answer({ to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/99' })
  const images = [{ ...image, digest }]
  const rollout = { arn: 'arn:rollout/99', revision: revision(41), commits: [], images } as const
  driver.world.rollout({ ...rollout, verdict: 'succeeded' })
  driver.look()
  return driver.release
}

const broughtAnother = () => brought(`sha256:${'c'.repeat(64)}`)
const broughtApproved = () => brought(image.digest ?? '')

describe('a button with a revision', () => {
  let folder: string
  let store: Store

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'twokey-back-'))
    store = await openSqliteStore({ folder })
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function pressed(action: Action, release: Release, found: Revision): Promise<string> {
    await store.transact(async (tx) => {
      await tx.create(release, 'current')
      await tx.save(release, null)
    })
    await store.outbox.cardSent(release.id, { ts: card.ts, version: 1, shown: '' })
    const place = serviceEnvironment({
      channel: card.channel,
      policy: { ...free, externalChannels: 'allowed' },
      rollback: { policy: { ...free, externalChannels: 'allowed' }, waitMs: 0 },
    })
    const serving = renamed(revision(7, oldCommit))
    const needs = {
      store,
      settings: settingsOf([place]),
      outside: {
        people: {
          requester: async () => yes,
          standing: async () => no,
          knownName: () => null,
          eligibleApprovers: async () => ({ persons: 0, accounts: [], groups: [], looked: 0, candidates: 0 }),
        },
        ecs: {
          before: async () => [
            { target, primary: { id: 'ecs-svc/7', revision: serving }, serving, rollouts: [] },
          ],
          inspect: async () => ({
            revision: found,
            images: [image],
            difference: { known: true, lines: [], total: 0 },
          }),
        },
      },
      clock: () => start,
      newId: () => 'r-new',
      checkpoint: () => {},
    } as unknown as AnswerDeps
    const from = { user: 'U0ANA', team: 'T0TEAM', channel: card.channel, responseUrl: null }
    const click = { ask: 'action', action, releaseId: release.id, round: 0, card } as const
    const item = { id: 'i1', asked: click, from, receivedAt: start }
    await store.receive(item)
    await clickedButton(needs, item)
    const begun = await store.release('r-new')
    if (begun) return begun.subject.kind === 'rollback' ? begun.subject.revision.name : begun.subject.kind
    const posts = await store.outbox.duePosts(start, 9)
    const replies = posts.flatMap(({ what }) => (what.kind === 'reply' ? [what.reply] : []))
    return replies[0]?.reply === 'refusal' ? replies[0].refusal.code : 'nothing'
  }

  test.each<readonly [string, Action, () => Release, Revision, string]>([
    ['Roll back', 'roll-back', deployed, revision(42), 'blog-api:42'],
    [
      'Roll back, after the family changed',
      'roll-back',
      deployed,
      renamed(revision(42)),
      'revision_other_family',
    ],
    ['Roll back on a rollback to another image', 'roll-back', broughtAnother, revision(42), 'blog-api:42'],
    [
      'Roll back on a rollback to another image, after the family changed',
      'roll-back',
      broughtAnother,
      renamed(revision(42)),
      'revision_other_family',
    ],
    ['Retry on a rollback to another image', 'retry', broughtAnother, revision(41), 'blog-api:41'],
    [
      'Roll back on a rollback to the approved image',
      'roll-back',
      broughtApproved,
      revision(42),
      'nothing_to_deploy',
    ],
    ['Retry', 'retry', rolledBack, revision(41), 'blog-api:41'],
    ['Retry after the family changed', 'retry', rolledBack, renamed(revision(41)), 'revision_other_family'],
  ])(
    'rolls back to the revision that the card named, or refuses: %s',
    async (_, action, release, found, expected) => {
      expect(await pressed(action, release(), found)).toBe(expected)
    },
  )
})
