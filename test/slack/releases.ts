import type { Policy } from '../../src/release/approval.ts'
import { decide, type Input } from '../../src/release/decide.ts'
import type { Effect, Told } from '../../src/release/effects.ts'
import type {
  MigrationSighting,
  Observation,
  RolloutSighting,
  RunSighting,
  TargetSighting,
} from '../../src/release/observation.ts'
import type { Commit, Release, Subject, Target } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'

/** Text from outside, as a story has it everywhere. */
export type Words = { readonly title: string; readonly author: string; readonly reason: string }

export const plainWords: Words = {
  title: 'Show drafts to their authors (#108)',
  author: 'Chloe',
  reason: 'job “deploy” failed at step “Roll out”',
}

/** What people and machines would write if they meant harm, or only wrote a lot. */
export const extremeWords: Words = {
  title: `<!channel> :white_check_mark: *succeeded* <https://evil.example|approve> "${'ל'.repeat(9_000)}\u202e`,
  author: `شكرا <@U0ELI> ${'🦄'.repeat(3_000)}`,
  reason: `${'<!here> & "quoted" \\ \n'.repeat(1_000)}`,
}

const start = Date.UTC(2026, 10, 23, 9)
export const target: Target = { cluster: 'blog-cluster-prod', service: 'blog-api' }
const before = { name: 'blog-api:43', arn: 'arn:43', commit: '1111111' }
const after = { name: 'blog-api:44', arn: 'arn:44', commit: '3f2c1ab' }
const sha = `3f2c1ab${'0'.repeat(33)}`

const policy: Policy = {
  required: 2,
  approvers: ['S0DEPLOYERS', 'U0APPROVER'],
  requesterMayApprove: false,
  authorsMayApprove: true,
  expireAfterMs: 7_200_000,
  people: [],
}

export function commitOf({ title, author }: Words): Commit {
  return { sha, title, author, login: null }
}

/** A deploy of this many commits. */
export function deployOf(words: Words, total = 2): Subject {
  const commit = commitOf(words)
  return {
    kind: 'deploy',
    repository: 'myorg/blog-api',
    workflow: 'deploy.yml',
    branch: 'main',
    ref: null,
    commit,
    tip: sha,
    githubTree: '7ee0000',
    inputs: ['sha', 'release_id'],
    githubEnvironment: 'production',
    changes: {
      known: true,
      commits: Array.from({ length: total }, () => commit),
      total,
      direction: 'forward',
      url: 'https://github.com/myorg/blog-api/compare/1111111...3f2c1ab?a=1&b=2',
    },
  }
}

export const rollback: Subject = {
  kind: 'rollback',
  repository: 'myorg/blog-api',
  revision: { name: 'blog-api:42', arn: 'arn:42', commit: '2222222' },
}

/** A release as the core lets it happen: what it is now, and all that was told on the way. */
export class Play {
  release: Release
  readonly told: Told[] = []
  now = start

  constructor(differs: Partial<Request> = {}) {
    const requested = request({ ...asked, ...differs }, [], start)
    if ('refused' in requested) throw new Error(requested.refused.sentence)
    this.release = requested.release
    this.#keep(requested.effects)
  }

  on(input: Input, laterMs = 1_000): this {
    this.now += laterMs
    const decision = decide(this.release, input, { now: this.now, holders: [], today: this.release.policy })
    if ('refused' in decision) throw new Error(decision.refused.sentence)
    this.release = decision.next
    this.#keep(decision.effects)
    return this
  }

  look(seen: Observation, laterMs?: number): this {
    return this.on({ on: 'look', seen }, laterMs)
  }

  approvedBy(...people: readonly string[]): this {
    for (const id of people) this.on({ on: 'approve', by: approver(id), round: this.release.round })
    return this
  }

  /** Both approvals, the last look, and the dispatch answered with a run. */
  dispatched(): this {
    this.approvedBy('U0BEN', 'U0CHLOE').lookedAt()
    return this.on({
      on: 'answer',
      answer: {
        to: 'dispatch',
        answer: 'run',
        runId: 123,
        url: 'https://github.com/myorg/blog-api/actions/runs/123',
      },
    })
  }

  /** The last look before anything is sent. */
  lookedAt(): this {
    const standing = { eligible: true, via: 'S0DEPLOYERS' } as const
    return this.look({
      people: { seen: true, value: { U0BEN: standing, U0CHLOE: standing } },
      tip: {
        seen: true,
        value: { sha, githubTree: '7ee0000', commitOnBranch: true, inputs: ['sha', 'release_id'] },
      },
      before: { seen: true, value: [sighting([], before)] },
    })
  }

  #keep(effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.do === 'tell') this.told.push(effect)
  }
}

const asked: Request = {
  id: 'r-abc123',
  service: 'blog-api',
  environment: 'prod',
  targets: [target],
  subject: deployOf(plainWords),
  requester: 'U0ANA',
  channel: 'C0DEPLOYS',
  policy,
  waitMs: 0,
  deadlines: { runMs: 3_600_000, rolloutMs: 1_800_000 },
  settleMs: 60_000,
  notify: ['S0ONCALL'],
  containers: ['api'],
  migration: { family: 'blog-api-migrate', cluster: 'blog-cluster-prod' },
  serving: before,
  eligible: 2,
}

export function approver(id: string) {
  return { id, standing: { eligible: true, via: 'S0DEPLOYERS' } } as const
}

export function run(verdict: RunSighting['verdict'], { reason, title }: Words): Observation['run'] {
  const job = { id: 1, startedAt: start, completedAt: start + 42_000, url: 'https://github.com/job/1' }
  return {
    seen: true,
    value: {
      found: 'one',
      run: {
        id: 123,
        attempt: 1,
        url: 'https://github.com/myorg/blog-api/actions/runs/123',
        headSha: sha,
        verdict,
        reason,
        startedAt: start,
        jobs: [
          { ...job, name: 'build', verdict: 'succeeded', step: null },
          { ...job, name: `deploy ${title}`, verdict, step: 'Roll out', completedAt: null },
          ...Array.from({ length: 30 }, (_, id) => ({
            ...job,
            id,
            name: title,
            verdict: 'queued' as const,
            startedAt: null,
            completedAt: null,
            step: null,
          })),
        ],
      },
    },
  }
}

export function migration(
  verdict: MigrationSighting['verdict'],
  { reason }: Words,
): Observation['migration'] {
  return {
    seen: true,
    value: [
      {
        taskArn: 'arn:task/1',
        startedBy: `deploy-${sha}-r-abc123`,
        createdAt: start,
        verdict,
        exitCode: verdict === 'failed' ? 3 : verdict === 'moving' ? null : 0,
        reason,
        durationMs: verdict === 'moving' ? null : 42_000,
      },
    ],
  }
}

export function rollouts(
  verdict: RolloutSighting['verdict'],
  { reason }: Words,
  revision = after,
): Observation['rollouts'] {
  const rollout: RolloutSighting = {
    arn: 'arn:deployment/1',
    createdAt: start + 2_000,
    revision,
    releaseTag: 'r-abc123',
    commits: [],
    deploymentId: 'ecs-svc/1',
    verdict,
    reason,
    counts: { requested: 2, running: 1, pending: 1, failed: 0 },
  }
  return { seen: true, value: [sighting([rollout], verdict === 'rolled back' ? before : revision)] }
}

function sighting(found: readonly RolloutSighting[], serving: typeof before): TargetSighting {
  return { target, primary: { id: 'ecs-svc/0', revision: serving }, serving, rollouts: found }
}

/** A release in every state that a card can show, with these words in it. */
export function everyState(words: Words): Readonly<Record<string, Play>> {
  const play = (differs: Partial<Request> = {}) => new Play({ subject: deployOf(words, 5), ...differs })
  const dispatched = () => play().dispatched()
  const migrated = () =>
    dispatched().look({ run: run('moving', words), migration: migration('succeeded', words) })
  const rolling = () => migrated().look({ run: run('moving', words), rollouts: rollouts('moving', words) })
  const unseen = () => play().approvedBy('U0BEN', 'U0CHLOE').lookedAt().look(noRun, 120_000)
  return {
    'awaiting approval': play().approvedBy('U0BEN'),
    waiting: play({ waitMs: 300_000 }).approvedBy('U0BEN', 'U0CHLOE'),
    dispatching: play().approvedBy('U0BEN', 'U0CHLOE').lookedAt(),
    running: dispatched().look({ run: run('moving', words) }),
    migrating: dispatched().look({ run: run('moving', words), migration: migration('moving', words) }),
    'rolling out': rolling(),
    baking: rolling().look({ rollouts: rollouts('baking', words) }),
    paused: rolling().look({ rollouts: rollouts('paused', words) }),
    'rolling back': rolling().look({ run: run('failed', words), rollouts: rollouts('rolling back', words) }),
    succeeded: rolling().look({ run: run('succeeded', words), rollouts: rollouts('succeeded', words) }),
    failed: dispatched()
      .look({ run: run('failed', words), migration: migration('failed', words) })
      .look({ rollouts: none }, 120_000),
    'rolled back': rolling().look({ run: run('failed', words), rollouts: rollouts('rolled back', words) }),
    'rollback failed': rolling().look({ rollouts: rollouts('rollback failed', words) }),
    unchanged: dispatched()
      .look({ run: run('succeeded', words), migration: migration('succeeded', words) })
      .look({ rollouts: none }, 120_000),
    rejected: play().on({ on: 'reject', by: approver('U0BEN'), reason: words.reason }),
    cancelled: play().on({ on: 'cancel', by: approver('U0ANA') }),
    expired: play().look({}, 8_000_000),
    superseded: play().on({ on: 'supersede', by: { id: 'r-def456', requester: 'U0CHLOE' } }),
    stopped: rolling().look({ rollouts: rollouts('stopped', words) }),
    unknown: unseen(),
  }
}

const noRun: Observation = { run: { seen: true, value: { found: 'none' } } }
const none: Observation['rollouts'] = { seen: true, value: [sighting([], before)] }

/** What is told beside the ends, each from a release that came to it. */
export function everyStory(words: Words): readonly Play[] {
  const play = () => new Play({ subject: deployOf(words, 5) })
  const rolling = () =>
    play()
      .dispatched()
      .look({ run: run('moving', words), rollouts: rollouts('moving', words) })
  const guest = { eligible: false, why: 'not_a_member', sentence: words.reason } as const
  const blind = { seen: false, kind: 'passing', reason: words.reason } as const
  return [
    ...Object.values(everyState(words)),
    play()
      .approvedBy('U0BEN', 'U0CHLOE')
      .look({ people: { seen: true, value: { U0BEN: guest } } }),
    play()
      .approvedBy('U0BEN', 'U0CHLOE')
      .look({
        people: { seen: true, value: { U0BEN: approver('').standing, U0CHLOE: approver('').standing } },
        tip: {
          seen: true,
          value: { sha, githubTree: 'changed', commitOnBranch: true, inputs: ['sha', 'release_id'] },
        },
      }),
    rolling().look({ run: run('failed', words), rollouts: rollouts('moving', words) }),
    rolling().look({ run: run('moving', words), rollouts: rollouts('moving', words) }, 4_000_000),
    rolling().on({ on: 'cancel', by: approver('U0BEN') }),
    rolling().on({ on: 'supersede', by: { id: 'r-def456', requester: 'U0CHLOE' } }),
    [1, 2, 3, 4, 5, 6].reduce((blinded) => blinded.look({ run: blind, rollouts: blind }, 60_000), rolling()),
    everyState(words).unknown!.on({ on: 'settle', by: approver('U0BEN') }),
  ]
}
