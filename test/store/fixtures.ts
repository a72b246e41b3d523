import type { InboxItem, Origin } from '../../src/messages/intent.ts'
import type { ReleasePost } from '../../src/release/effects.ts'
import type { Target, Time } from '../../src/release/names.ts'
import type { Policy } from '../../src/release/policy/approval.ts'
import type { Release } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'
import type { Outcome } from '../../src/release/stage.ts'
import type { Subject } from '../../src/release/subject.ts'
import type { Store } from '../../src/store/store.ts'

export const blog: Target = { cluster: 'prod', service: 'blog-api' }
export const worker: Target = { cluster: 'prod', service: 'blog-worker' }

export const ana: Origin = { user: 'U0ANA', team: 'T0TEAM', channel: 'C0SHIP', responseUrl: null }

const policy: Policy = {
  required: 1,
  approvers: ['S0OPS'],
  requesterMayApprove: false,
  authorsMayApprove: true,
  externalChannels: 'refused',
  expireAfterMs: 3_600_000,
  people: [],
}

const deploy: Subject = {
  kind: 'deploy',
  repository: 'house/blog',
  workflow: 'deploy.yml',
  branch: 'main',
  ref: null,
  commit: { sha: 'c0ffee', title: 'Say hello', author: 'Ana', login: null },
  tip: 'c0ffee',
  githubTree: '7ree',
  paths: [],
  inputs: [{ name: 'sha', from: 'sha', value: 'c0ffee' }],
  notes: [],
  githubEnvironment: 'prod',
  changes: { known: false, why: 'nothing runs yet' },
  authorship: { known: false, why: 'nothing runs yet' },
}

const rollback: Subject = {
  kind: 'rollback',
  repository: 'house/blog',
  revision: { name: 'blog-api:42', arn: 'arn:42', commit: null },
  images: [],
  difference: { known: true, lines: [], total: 0 },
}

/** A release as it is requested: Ana deploys blog-api to prod at the time 1000. */
export function requestedDeploy(id: string, differs: Partial<Request> & { at?: Time } = {}): Release {
  const { at = 1_000, ...rest } = differs
  const requested = request(
    {
      id,
      service: 'blog-api',
      environment: 'prod',
      targets: [blog],
      subject: deploy,
      requester: ana.user,
      channel: 'C0SHIP',
      policy,
      waitMs: 0,
      deadlines: { runMs: 1, rolloutMs: 1 },
      settleMs: 1,
      notify: [],
      containers: ['app'],
      migration: null,
      serving: [],
      eligible: 2,
      seen: {},
      ...rest,
    },
    { holders: [], lock: null, freeze: null, currentRules: null },
    at,
  )
  if ('refused' in requested) throw new Error(requested.refused.sentence)
  return requested.release
}

export function requestedRollback(id: string, differs: Partial<Request> = {}): Release {
  return requestedDeploy(id, { subject: rollback, ...differs })
}

export function ended(release: Release, outcome: Outcome, since: Time = 9_000): Release {
  return { ...release, stage: { at: 'ended', since, outcome, reason: outcome, settledBy: null } }
}

/** The same with a run, which has ended at that time or is still in progress. */
export function withRun(release: Release, endedAt: Time | null): Release {
  const run = {
    id: 7,
    attempt: 1,
    url: '',
    seen: null,
    head: 'approved',
    inProgressAt: null,
    endedAt,
  } as const
  return { ...release, tracks: { ...release.tracks, run } }
}

export function settled(release: Release, by: string): Release {
  const { stage } = release
  return stage.at === 'ended' ? { ...release, stage: { ...stage, settledBy: by } } : release
}

/** The release after another change. */
export function moved(release: Release, since: Time): Release {
  return { ...release, stage: { at: 'underway', since } }
}

export function story(key: string): ReleasePost {
  return { key, story: { tell: 'voided', why: key }, where: 'thread' }
}

export function item(id: string, receivedAt: Time = 1_000): InboxItem {
  return { id, asked: { ask: 'status', service: null, environment: null, page: 0 }, from: ana, receivedAt }
}

/** Starts releases, each in its own transaction. */
export async function start(store: Store, ...releases: readonly Release[]): Promise<void> {
  for (const release of releases) await store.transact((tx) => tx.create(release, 'current'))
}

export async function save(store: Store, release: Release, wakeAt: Time | null = null): Promise<void> {
  await store.transact((tx) => tx.save(release, wakeAt))
}

/** Claims everything due, each release at most once, and returns the leases. */
export async function dueIds(store: Store, now: Time): Promise<readonly string[]> {
  const ids: string[] = []
  for (;;) {
    const claim = await store.claim({ owner: 'reader', now, leaseMs: 1 })
    if (claim === null) return ids
    if (ids.includes(claim.release.id)) throw new Error(`${claim.release.id} is due twice`)
    ids.push(claim.release.id)
    await store.releaseLease(claim.lease)
  }
}
