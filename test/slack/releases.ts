import type { ActiveDeployment } from '../../src/release/active-deployment.ts'
import { decide } from '../../src/release/decide.ts'
import type { Difference } from '../../src/release/difference.ts'
import type { Effect, ReleasePost, ThreadPost } from '../../src/release/effects.ts'
import type { Input } from '../../src/release/input.ts'
import type { Observation } from '../../src/release/look.ts'
import type { Target } from '../../src/release/names.ts'
import type { OtherRun } from '../../src/release/other-runs.ts'
import type { Policy } from '../../src/release/policy/approval.ts'
import type { Freeze } from '../../src/release/policy/freeze.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import { type Release, unfinished } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'
import type { ContainerImage, Revision } from '../../src/release/revision.ts'
import type {
  Hindrance,
  MigrationSighting,
  RolloutSighting,
  RunSighting,
  TargetSighting,
} from '../../src/release/sighting.ts'
import type { Commit, Subject } from '../../src/release/subject.ts'
import type { Progress } from '../../src/release/traffic.ts'
import { bindingRules, boundTo } from '../release/bound.ts'
import { click } from '../release/click.ts'
import { formattedWords } from './markup.ts'

/** Every text from outside that a release can contain. */
export type Words = {
  readonly title: string
  readonly author: string
  readonly reason: string
  /** The commits before the last one; absent: all have the same words. */
  readonly earlier?: readonly Pick<Commit, 'title' | 'author'>[]
  /** Jobs of the run that have not begun; absent: one. */
  readonly queued?: number
  /** ECS's words about a rollout; absent: the reason. */
  readonly rollouts?: Readonly<Record<RolloutSighting['verdict'], string>>
  /** What delays a rollout; absent: the reason. */
  readonly hindrance?: string
  /** Why a migration failed, a person rejected or ECS refused an update; absent: the reason. */
  readonly migration?: string
  readonly rejection?: string
  readonly refusal?: string
}

export const plainWords: Words = {
  title: 'Show drafts to their authors (#108)',
  author: 'Chloe',
  reason: 'job “deploy” failed at step “Roll out”',
  earlier: [
    { title: 'Send the weekly digest in the reader’s own time zone (#107)', author: 'Ana' },
    { title: 'Merge pull request #106 from myorg/slugs', author: 'Dai' },
    { title: 'Fix the time zone of scheduled posts', author: 'Ana' },
    { title: 'Update fast-xml to 5.2.1 (#104)', author: 'renovate[bot]' },
    { title: 'Keep the editor’s scroll position', author: '' },
    { title: 'Add an index on posts.slug (#103)', author: 'Dai' },
  ],
  rollouts: {
    moving: '1 of 4 tasks running, 3 pending',
    baking: 'it is live, and watched until the bake time ends and the old tasks are stopped',
    paused: 'it waits for a person before the next shift of production traffic',
    'rolling back': 'the ECS circuit breaker is rolling back blog-api:44 to blog-api:43 (3 tasks failed)',
    succeeded: 'blog-api:44 is live',
    failed:
      'the ECS circuit breaker stopped the rollout of blog-api:44 (3 tasks failed), but nothing was rolled back',
    'rolled back': 'the ECS circuit breaker rolled back blog-api:44 to blog-api:43 (3 tasks failed)',
    'rollback failed': 'the rollback to blog-api:43 failed: no task could be placed',
    superseded: 'a newer rollout replaced it',
    stopped: 'the rollout was stopped',
    unknown: 'ECS gave the rollout no status',
  },
  hindrance: 'the service was unable to place a task. Reason: Capacity is unavailable at this time',
  migration: 'api exited 3',
  rejection: 'Not on a Friday: the editors are on the air until six',
  refusal: 'task definition blog-api:42 is inactive',
}

/** The longest and most hostile texts of people and machines. */
export const extremeWords: Words = {
  title: `<!channel> :white_check_mark: *succeeded* ${formattedWords} <https://evil.example|approve> "${'ל'.repeat(600)}\u202e`,
  author: `شكرا _FAKE_ <@U0ELI> ${'🦄'.repeat(100)}`,
  reason: `${formattedWords} ${'<!here> & "quoted" \\ \n'.repeat(1_000)}`,
  queued: 30,
}

const start = Date.UTC(2026, 10, 23, 9)
export const target: Target = { cluster: 'blog-cluster-prod', service: 'blog-api' }
const revisionOf = (number: number, commit: string): Revision => ({
  name: `blog-api:${number}`,
  arn: `arn:aws:ecs:eu-central-1:123456789012:task-definition/blog-api:${number}`,
  commit,
})
const before = revisionOf(43, '1111111')
export const after = revisionOf(44, '3f2c1ab')
const sha = `3f2c1ab${'0'.repeat(33)}`

const policy: Policy = {
  required: 2,
  approvers: ['S0DEPLOYERS', 'U0APPROVER'],
  requesterMayApprove: false,
  authorsMayApprove: true,
  externalChannels: 'refused',
  expireAfterMs: 7_200_000,
  people: [],
}

export function commitOf({ title, author }: Words): Commit {
  return { sha, title, author, login: null }
}

const inputsOf = boundTo(['sha', 'release_id'], { environment: 'production', sha, release_id: 'r-abc123' })

/** A deploy of this many commits, of which GitHub returns the oldest hundred. */
export function deployOf(words: Words, total = 2): Extract<Subject, { kind: 'deploy' }> {
  const commit = commitOf(words)
  const { earlier = [words] } = words
  const earlierOf = (at: number): Commit => {
    const { title, author } = earlier[at % earlier.length]!
    return { ...commit, title, author, sha: `${at + 1}`.padStart(7, '0').padEnd(40, 'a') }
  }
  const behind = Array.from({ length: total - 1 }, (_, at) => earlierOf(at)).toReversed()
  return {
    kind: 'deploy',
    repository: 'myorg/blog-api',
    workflow: 'deploy.yml',
    branch: 'main',
    ref: null,
    commit,
    tip: sha,
    githubTree: '7ee0000',
    paths: [],
    inputs: inputsOf,
    notes: [],
    githubEnvironment: 'production',
    changes: {
      known: true,
      commits: [...behind, commit].slice(0, 100),
      total,
      direction: 'forward',
      size: { files: 9, isCut: false, additions: 120, deletions: 48, migrations: 0, workflows: 0 },
      url: 'https://github.com/myorg/blog-api/compare/1111111...3f2c1ab?a=1&b=2',
    },
    authorship: { known: true, logins: ['dana'], since: ['1111111'] },
  }
}

const images: readonly ContainerImage[] = [
  { container: 'api', image: 'registry.example/blog-api:2222222', digest: `sha256:${'2'.repeat(64)}` },
]
const difference: Difference = {
  known: true,
  lines: [
    {
      what: 'image',
      container: 'api',
      key: null,
      change: 'changed',
      from: 'registry.example/blog-api:1111111',
      to: 'registry.example/blog-api:2222222',
    },
    { what: 'environment', container: 'api', key: 'DIGEST_HOUR', change: 'removed', from: null, to: null },
    { what: 'memory', container: null, key: null, change: 'changed', from: '1024', to: '512' },
  ],
  total: 3,
}

export const rollback: Subject = {
  kind: 'rollback',
  repository: 'myorg/blog-api',
  revision: revisionOf(42, '2222222'),
  images,
  difference,
}

/** The card's channel is internal to the organization. */
const requester: Observation['requester'] = { seen: true, value: { eligible: true, via: 'everyone' } }
const inside: Observation['channel'] = { seen: true, value: 'inside' }

/** A release driven through the core, with its current state and all its posts. */
export class DrivenRelease {
  release: Release
  readonly told: ReleasePost[] = []
  now = start
  readonly freeze: Freeze | null
  readonly lock: Lock | null
  holders: readonly Release[]
  /** What CodeDeploy deploys while it is looked at. */
  active: readonly ActiveDeployment[] = []

  /** @param freeze applies all the time, as does the lock */
  constructor(
    differs: Partial<Request> = {},
    freeze: Freeze | null = null,
    lock: Lock | null = null,
    holders: readonly Release[] = [],
  ) {
    this.holders = holders
    this.freeze = freeze
    this.lock = lock
    const requested = request({ ...asked, ...differs }, { holders, lock, freeze, currentRules: null }, start)
    if ('refused' in requested) throw new Error(requested.refused.sentence)
    this.release = requested.release
    this.#keep(requested.effects)
  }

  on(input: Input, laterMs = 30_000): this {
    this.now += laterMs
    const decision = decide(this.release, input, {
      now: this.now,
      holders: this.holders,
      currentRules: {
        policy: this.release.policy,
        requesters: 'everyone',
        waitMs: 0,
        requires: [],
        checks: null,
        rules: bindingRules(),
      },
      people: [],
      lock: this.lock,
      freeze: this.freeze,
      hasPendingStop: false,
      hasCard: true,
      nextSentAt: null,
    })
    if ('refused' in decision) throw new Error(decision.refused.sentence)
    this.release = decision.next
    this.#keep(decision.effects)
    return this
  }

  /** Reports no other changes, unless given. Everything but the run is read once more after the run has ended. */
  look(seen: Observation, laterMs?: number): this {
    const nothing = { seen: true, value: [] } as const
    const all = { beyond: nothing, otherRuns: nothing, ...seen }
    this.on({ on: 'look', seen: seen.run ? seen : all }, laterMs)
    const { stage, tracks } = this.release
    const isFollowed =
      stage.at === 'underway' || (unfinished(this.release).length > 0 && !tracks.migration.isComplete)
    if (!isFollowed || tracks.run?.endedAt == null) return this
    const { run: _, ...rest } = all
    const { tasks } = tracks.migration
    const migration = tasks.length > 0 ? { migration: { seen: true, value: tasks } as const } : {}
    return this.on({ on: 'look', seen: { ...rest, ...migration } }, 0)
  }

  approvedBy(...people: readonly string[]): this {
    for (const id of people)
      this.on({ on: 'approve', by: approver(id), round: this.release.round, pressedAt: this.now })
    return this
  }

  /** Both approvals, the final checks, and a dispatch that is answered with a run. */
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

  /** Both approvals, the final checks, and GitHub refuses everything. */
  dispatchRefused({ reason }: Words): this {
    this.approvedBy('U0BEN', 'U0CHLOE').lookedAt()
    return this.on({ on: 'answer', answer: { to: 'dispatch', answer: 'refused', reason } })
  }

  /** Both approvals, the final checks, and GitHub asks to wait. */
  limited({ reason }: Words): this {
    this.approvedBy('U0BEN', 'U0CHLOE').lookedAt()
    const until = this.now + 60_000
    return this.on({ on: 'answer', answer: { to: 'dispatch', answer: 'limited', until, reason } })
  }

  /** The final checks before anything is sent. */
  lookedAt(): this {
    const standing = { eligible: true, via: 'S0DEPLOYERS' } as const
    return this.look({
      people: { seen: true, value: { U0BEN: standing, U0CHLOE: standing } },
      requester,
      channel: inside,
      tip: {
        seen: true,
        value: { sha, githubTree: '7ee0000', paths: [], commitOnBranch: true, inputs: inputsOf, notes: [] },
      },
      before: { seen: true, value: { at: this.now, targets: [sighting([], before)] } },
      rollbackTarget: {
        seen: true,
        value: { usable: true, active: this.active, images, serving: before, difference },
      },
    })
  }

  /** The release that it replaces has ended, and this revision serves. */
  freed(serving: Revision | null): this {
    this.holders = []
    return this.look({
      rollbackTarget: { seen: true, value: { usable: true, active: [], images, serving, difference } },
    })
  }

  #keep(effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.do === 'tell') this.told.push(effect)
  }
}

/** An emergency deploy in a freeze that approvals cannot lift. */
export function emergencyOf(words: Words): DrivenRelease {
  const emergency = { why: words.reason, usual: { ...asked.policy, required: 3 } }
  return new DrivenRelease({ subject: deployOf(words), emergency }, freezeOf(words, null))
}

/** A lock of the whole environment; a rollback is exempt. */
function lockOf({ reason }: Words): Lock {
  return { environment: 'prod', service: null, by: 'U0DAI', why: reason, since: start, until: start + 60_000 }
}

export function freezeOf({ reason }: Words, approvals: number | null): Freeze {
  return { until: start + 60 * 60_000, approvals, reason }
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
  serving: [before],
  eligible: 2,
  seen: {},
}

export function approver(id: string) {
  return { id, standing: { eligible: true, via: 'S0DEPLOYERS' } } as const
}

export function run(
  verdict: RunSighting['verdict'],
  { reason, title, queued = 1 }: Words,
): Observation['run'] {
  const started = start + 125_000
  const job = {
    id: 1,
    startedAt: started,
    completedAt: started + 18_000,
    url: 'https://github.com/myorg/blog-api/actions/runs/123/job/1',
  }
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
        startedAt: started,
        endedAt: null,
        jobs: [
          { ...job, name: 'build', verdict: 'succeeded', step: null },
          {
            ...job,
            name: title === plainWords.title ? 'deploy' : `deploy ${title}`,
            verdict,
            step: 'Roll out',
            completedAt: verdict === 'moving' ? null : started + 80_000,
          },
          ...Array.from({ length: queued }, (_, id) => ({
            ...job,
            id,
            name: title,
            verdict: verdict === 'succeeded' ? ('skipped' as const) : ('queued' as const),
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
  { reason, migration: why = reason }: Words,
): Observation['migration'] {
  return {
    seen: true,
    value: [
      {
        taskArn: `arn:aws:ecs:eu-central-1:123456789012:task/blog-cluster-prod/${'0a1b'.repeat(8)}`,
        startedBy: `deploy-${sha}-r-abc123`,
        createdAt: start + 128_000,
        verdict,
        exitCode: verdict === 'failed' ? 3 : verdict === 'moving' ? null : 0,
        reason: why,
        durationMs: verdict === 'moving' ? null : 42_000,
      },
    ],
  }
}

/** A push's run while that of the release is in progress. */
function otherRun({ title }: Words): OtherRun {
  return {
    id: 122,
    attempt: 2,
    url: 'https://github.com/myorg/blog-api/actions/runs/122',
    workflow: title,
    event: 'push',
    login: 'dana',
    branch: 'main',
    sha,
    startedAt: start + 5_000,
  }
}

/**
 * Deploys whose run succeeded, with tasks that may belong to another release: it is open which of them are the migration, or
 * none counts.
 */
export function everyDoubt(
  words: Words,
): Readonly<Record<'several' | 'a schedule’s alone' | 'beside its own', DrivenRelease>> {
  const task = (id: string, verdict: MigrationSighting['verdict'], startedBy?: string) => {
    const shown = migration(verdict, words)
    const [sighting] = shown?.seen ? shown.value : []
    const taskArn = sighting!.taskArn.replace(/[^/]+$/, id.repeat(8))
    return { ...sighting!, taskArn, ...(startedBy !== undefined && { startedBy }) }
  }
  const ended = (...value: readonly MigrationSighting[]) => {
    const otherRuns = { seen: true, value: [otherRun(words)] } as const
    const seen = { migration: { seen: true, value }, otherRuns } as const
    return new DrivenRelease({ subject: deployOf(words) })
      .dispatched()
      .look({ run: run('moving', words), ...seen }, 60_000)
      .look({ run: run('succeeded', words), ...seen })
      .look({ ...seen, rollouts: rollouts('succeeded', words) }, 90_000)
  }
  return {
    several: ended(task('0a1b', 'failed', 'GitHub-Actions'), task('4e5f', 'succeeded', '')),
    'a schedule’s alone': ended(task('0a1b', 'failed', 'events-rule/nightly')),
    'beside its own': ended(
      task('7c8d', 'succeeded'),
      task('0a1b', 'failed', 'dana'),
      task('4e5f', 'failed', 'events-rule/nightly'),
      task('6a6b', 'succeeded', 'dana'),
    ),
  }
}

export function rollouts(
  verdict: RolloutSighting['verdict'],
  { reason, rollouts: words }: Words,
  revision = after,
): Observation['rollouts'] {
  const isDone = !['moving', 'baking', 'paused', 'rolling back'].includes(verdict)
  const rollout: RolloutSighting = {
    arn: 'arn:aws:ecs:eu-central-1:123456789012:service-deployment/blog-cluster-prod/blog-api/1',
    createdAt: start + 165_000,
    ...(isDone && { finishedAt: start + 205_000 }),
    revision,
    releaseTag: 'r-abc123',
    commits: [],
    carried: [],
    images: null,
    deploymentId: 'ecs-svc/1',
    verdict,
    reason: words?.[verdict] ?? reason,
    counts:
      verdict === 'succeeded' || verdict === 'baking'
        ? { requested: 4, running: 4, pending: 0, failed: 0 }
        : {
            requested: 4,
            running: verdict === 'paused' ? 4 : 1,
            pending: verdict === 'paused' ? 0 : 3,
            failed: isDone ? 3 : 0,
          },
    ...shifts[verdict],
  }
  return { seen: true, value: [sighting([rollout], verdict === 'rolled back' ? before : revision)] }
}

/** How far a canary is while it waits for a person, and while it bakes. */
const shifts: Partial<Record<RolloutSighting['verdict'], Progress>> = {
  paused: {
    stage: 'POST_PRODUCTION_TRAFFIC_SHIFT',
    shift: { strategy: 'canary', production: 10, test: 100 },
    pause: { hookId: 'ecs-pause-1', until: start + 86_400_000, onTimeout: 'rolls back' },
  },
  baking: { stage: 'BAKE_TIME', shift: { strategy: 'canary', production: 100, lastsMs: 600_000 } },
}

/** A canary that waits for a person, and what people, and ECS, do about it. */
function everyPause(words: Words): readonly DrivenRelease[] {
  const waiting = () =>
    new DrivenRelease({ subject: deployOf(words, 7) })
      .dispatched()
      .look({ run: run('moving', words), rollouts: rollouts('paused', words) })
  const continued = () => {
    const driven = waiting()
    for (const id of ['U0BEN', 'U0CHLOE'])
      driven.on({ ...click('continue', approver(id)), round: driven.release.round })
    const { standing } = approver('')
    const people = { seen: true, value: { U0BEN: standing, U0CHLOE: standing } } as const
    return driven.look({ people, run: run('moving', words), rollouts: rollouts('paused', words) }, 0)
  }
  const stopping = () => waiting().on(click('stop-rollout', approver('U0ANA')))
  const refused = { target, answer: 'refused', reason: words.refusal ?? words.reason } as const
  return [
    continued().on({ on: 'answer', answer: { to: 'continue-rollout', ...refused } }),
    stopping().on({ on: 'answer', answer: { to: 'stop-rollout', ...refused } }),
  ]
}

const hindrances: readonly Hindrance['kind'][] = [
  'gate',
  'runner',
  'concurrency',
  'allowance',
  'queue',
  'ecs',
]

function ecsHolds({ hindrance, reason }: Words): Hindrance {
  return { kind: 'ecs', words: hindrance ?? reason }
}

/** A run that GitHub delays. */
export function heldRun(words: Words, kind: Hindrance['kind']): Observation['run'] {
  const seen = run('moving', words)
  if (!seen?.seen || seen.value.found !== 'one') throw new Error('this run is seen')
  const heldBy = {
    kind,
    words: words.hindrance ?? words.reason,
    since: start + 130_000,
    until: start + 900_000,
  }
  return { seen: true, value: { found: 'one', run: { ...seen.value.run, heldBy } } }
}

/** A migration that ECS has not started yet. */
export function heldMigration(words: Words): Observation['migration'] {
  const seen = migration('moving', words)
  if (!seen?.seen) throw new Error('this migration is seen')
  return { seen: true, value: seen.value.map((each) => ({ ...each, heldBy: ecsHolds(words) })) }
}

/** A rollout that ECS delays. */
export function heldRollouts(words: Words): Observation['rollouts'] {
  return eachRollout(rollouts('moving', words), (rollout) => ({ ...rollout, heldBy: ecsHolds(words) }))
}

function sighting(found: readonly RolloutSighting[], serving: Revision): TargetSighting {
  return {
    target,
    primary: { id: 'ecs-svc/0', revision: serving },
    serving,
    deployments: [],
    rollouts: found,
  }
}

/** A release in every state that a card can show, with these words in it. */
export function everyState(words: Words): Readonly<Record<string, DrivenRelease>> {
  const driven = (differs: Partial<Request> = {}) =>
    new DrivenRelease({ subject: deployOf(words, 7), ...differs })
  const dispatched = () => driven().dispatched()
  const migrated = () =>
    dispatched().look({ run: run('moving', words), migration: migration('succeeded', words) })
  const rolling = () => migrated().look({ run: run('moving', words), rollouts: rollouts('moving', words) })
  const unseen = () => driven().approvedBy('U0BEN', 'U0CHLOE').lookedAt().look(noRun, 120_000)
  return {
    'awaiting approval': driven().approvedBy('U0BEN'),
    waiting: driven({ waitMs: 300_000 }).approvedBy('U0BEN', 'U0CHLOE'),
    dispatching: driven().approvedBy('U0BEN', 'U0CHLOE').lookedAt(),
    running: dispatched().look({ run: run('moving', words) }),
    migrating: dispatched().look({ run: run('moving', words), migration: migration('moving', words) }),
    'rolling out': rolling(),
    baking: rolling().look({ rollouts: rollouts('baking', words) }),
    paused: rolling().look({ rollouts: rollouts('paused', words) }),
    'rolling back': rolling().look({ run: run('failed', words), rollouts: rollouts('rolling back', words) }),
    succeeded: rolling().look({ run: run('succeeded', words), rollouts: rollouts('succeeded', words) }),
    failed: dispatched()
      .look({ run: run('failed', words), migration: migration('failed', words) }, 90_000)
      .look({ rollouts: none }, 120_000),
    'rolled back': rolling().look({ run: run('failed', words), rollouts: rollouts('rolled back', words) }),
    'rollback failed': rolling().look({ rollouts: rollouts('rollback failed', words) }),
    unchanged: dispatched()
      .look({ run: run('succeeded', words), migration: migration('succeeded', words) }, 90_000)
      .look({ rollouts: none }, 120_000),
    rejected: driven()
      .on(click('reject', approver('U0BEN')))
      .on({ on: 'explain', by: approver('U0BEN'), why: words.rejection ?? words.reason }),
    cancelled: driven().on(click('cancel', approver('U0ANA'))),
    expired: driven().look({}, 8_000_000),
    superseded: driven().on({
      on: 'supersede',
      by: { id: 'r-def456', requester: 'U0CHLOE', subject: rollback },
    }),
    stopped: rolling().look({ rollouts: rollouts('stopped', words) }),
    unknown: unseen(),
  }
}

/**
 * A deploy that a person stopped in ECS during its run: at its end, being cancelled, unavailable, late, settled, and after its
 * run.
 */
export function everyOpenRun(words: Words): Readonly<Record<string, DrivenRelease>> {
  const stopped = () => everyState(words).stopped!
  const denied = { seen: false, kind: 'terminal', reason: words.reason } as const
  const unavailable = () => [1, 2, 3, 4].reduce((blinded) => blinded.look({ run: denied }, 60_000), stopped())
  return {
    'run in progress': stopped(),
    'run being cancelled': stopped().on(click('cancel', approver('U0BEN'))),
    'run unavailable': unavailable(),
    'run late': stopped().look({ run: run('moving', words) }, 4_000_000),
    settled: unavailable().on(click('settle', approver('U0BEN'))),
    'run ended': stopped().look({ run: run('cancelled', words) }),
  }
}

/** A deploy that a person stopped in ECS, and whose run then rolls something out, of its own or possibly of another release. */
export function rolledOutAfterEnd(words: Words, evidence: 'own' | 'time'): DrivenRelease {
  const driven = everyOpenRun(words)['run in progress']!
  const seen = rollouts('moving', words, evidence === 'own' ? after : revisionOf(45, '4444444'))
  if (!seen?.seen) throw new Error('these rollouts are seen')
  const began = {
    deploymentId: 'ecs-svc/2',
    createdAt: driven.now,
    ...(evidence === 'time' && { releaseTag: null }),
  }
  const value = seen.value.map((each) => ({
    ...each,
    rollouts: each.rollouts.map((rollout) => ({ ...rollout, ...began })),
  }))
  return driven.look({ run: run('moving', words), rollouts: { seen: true, value } })
}

/** A deploy whose run only started something elsewhere, which rolled out its commit after the end. */
export function rolledOutLate(words: Words, verdict: RolloutSighting['verdict']): DrivenRelease {
  const driven = new DrivenRelease({ subject: deployOf(words, 7), migration: null })
    .dispatched()
    .look({ run: run('succeeded', words), rollouts: none })
    .look({ rollouts: none }, 120_000)
  const seen = rollouts(verdict, words, after)
  if (!seen?.seen) throw new Error('these rollouts are seen')
  const value = seen.value.map((each) => ({
    ...each,
    rollouts: each.rollouts.map((rollout) => ({ ...rollout, createdAt: driven.now })),
  }))
  return driven.look({ rollouts: { seen: true, value } }, 300_000)
}

/** The same, with more rollouts than are kept. */
function rolledOutLateTooOften(words: Words): DrivenRelease {
  const driven = rolledOutLate(words, 'failed')
  const seen = rollouts('failed', words, after)
  if (!seen?.seen) throw new Error('these rollouts are seen')
  const value = seen.value.map((each) => ({
    ...each,
    rollouts: each.rollouts.flatMap((rollout) =>
      [2, 3, 4].map((number) => ({
        ...rollout,
        arn: `${rollout.arn}-${number}`,
        deploymentId: `ecs-svc/${number}`,
        createdAt: driven.now,
      })),
    ),
  }))
  return driven.look({ rollouts: { seen: true, value } }, 300_000)
}

/** A deploy that ECS rolled back during run and migration, both of which are settled: first the run, then the migration. */
function settledAfterEnd(words: Words): DrivenRelease {
  const moving = migration('moving', words)
  return new DrivenRelease({ subject: deployOf(words, 7) })
    .dispatched()
    .look({ run: run('moving', words), migration: moving })
    .look({ run: run('moving', words), migration: moving, rollouts: rollouts('rolled back', words) })
    .look({ run: run('moving', words), migration: moving }, 4_000_000)
    .on(click('settle', approver('U0BEN')))
    .look({ migration: moving }, 4_000_000)
    .on(click('settle', approver('U0BEN')))
}

/** A deploy whose run failed and was re-run on GitHub: during the re-run, and after it. */
export function startedAgain(words: Words): Readonly<Record<'running' | 'failed', DrivenRelease>> {
  const attempt = (verdict: RunSighting['verdict']): Observation['laterAttempt'] => {
    const seen = run(verdict, words)
    if (!seen?.seen || seen.value.found !== 'one') throw new Error('this run is seen')
    return { seen: true, value: { run: { ...seen.value.run, attempt: 2 }, login: words.title } }
  }
  const running = () =>
    new DrivenRelease({ subject: deployOf(words, 7), migration: null })
      .dispatched()
      .look({ run: run('failed', words), rollouts: none })
      .look({ rollouts: none }, 120_000)
      .look({ rollouts: none, laterAttempt: attempt('moving') })
  return {
    running: running(),
    failed: running().look({ rollouts: none, laterAttempt: attempt('failed') }, 300_000),
  }
}

/** A deploy that ECS rolled back during its migration: at the end, once the migration is late, and once it is unavailable. */
export function everyOpenMigration(
  words: Words,
): Readonly<Record<'running' | 'late' | 'unavailable', DrivenRelease>> {
  const moving = migration('moving', words)
  const rolledBack = () =>
    new DrivenRelease({ subject: deployOf(words, 7) })
      .dispatched()
      .look({ run: run('moving', words), migration: moving })
      .look({ run: run('failed', words), migration: moving, rollouts: rollouts('rolled back', words) })
      .look({ migration: moving }, 90_000)
  const denied = { seen: false, kind: 'terminal', reason: words.reason } as const
  return {
    running: rolledBack(),
    late: rolledBack().look({ migration: moving }, 4_000_000),
    unavailable: [1, 2, 3].reduce((driven) => driven.look({ migration: denied }, 60_000), rolledBack()),
  }
}

/** A deploy whose run succeeded, and whose migration continues so long afterwards that it is late. */
export function migrationHangs(words: Words): DrivenRelease {
  const moving = migration('moving', words)
  return new DrivenRelease({ subject: deployOf(words, 7) })
    .dispatched()
    .look({ run: run('moving', words), migration: moving })
    .look({ run: run('succeeded', words), migration: moving })
    .look({ migration: moving }, 4_000_000)
}

/** Its end once a person says that the migration is not running. */
export function migrationSettled(words: Words): DrivenRelease {
  return migrationHangs(words)
    .on(click('settle', approver('U0BEN')))
    .look({}, 120_000)
}

/** A rollback that awaits two approvals while the deploy that it replaces is in progress. */
export function backBehind(words: Words): DrivenRelease {
  const { release } = new DrivenRelease({ id: 'r-def456', subject: deployOf(words) }).dispatched()
  return new DrivenRelease({ subject: rollback, migration: null }, null, null, [release])
}

/** A rollback that stops a deployment of CodeDeploy, which CodeDeploy refuses to stop. */
export function backOverCodeDeploy(words: Words): DrivenRelease {
  const active = { target, deploymentId: 'd-A1B2C3D4E', revision: after.name, is: 'stoppable' } as const
  const subject = { ...rollback, kind: 'rollback', stops: [active] } as Subject
  const driven = new DrivenRelease({ subject, migration: null }).approvedBy('U0BEN', 'U0CHLOE')
  driven.active = [active]
  return driven.lookedAt().on({
    on: 'answer',
    answer: { to: 'stop-rollout', target, answer: 'refused', reason: words.refusal ?? words.reason },
  })
}

/** A deploy whose run started on another workflow than approved, and is in progress. */
export function foreignRun(words: Words): DrivenRelease {
  const seen = run('moving', words)
  if (!seen?.seen || seen.value.found !== 'one') throw new Error('this run is seen')
  const elsewhere = { found: 'one', run: { ...seen.value.run, headSha: 'e'.repeat(40) } } as const
  const headTree = { seen: true, value: { githubTree: 'changed', paths: [], onBranch: true } } as const
  return new DrivenRelease({ subject: deployOf(words) })
    .dispatched()
    .look({ run: { seen: true, value: elsewhere }, headTree, rollouts: rollouts('moving', words) })
}

/** A rollback whose containers run other images than approved. */
export function backToAnother(words: Words, verdict: 'moving' | 'succeeded' = 'succeeded'): DrivenRelease {
  const seen = rollouts(verdict, words, before)
  if (!seen?.seen) throw new Error('these rollouts are seen')
  const others = images.map((image) => ({ ...image, digest: `sha256:${'e'.repeat(64)}` }))
  const value = seen.value.map((each) => ({
    ...each,
    rollouts: each.rollouts.map((rollout) => ({ ...rollout, images: others })),
  }))
  return new DrivenRelease({ subject: rollback, migration: null, policy: { ...policy, required: 1 } })
    .approvedBy('U0BEN')
    .lookedAt()
    .on({
      on: 'answer',
      answer: { to: 'update', answer: 'accepted', target, deploymentId: 'ecs-svc/1' },
    })
    .look({ rollouts: { seen: true, value } })
}

/** A rollback in every state in which its card differs from a deploy's. */
export function everyRollback(words: Words): Readonly<Record<string, DrivenRelease>> {
  const back = rollback.kind === 'rollback' ? rollback.revision : after
  const driven = () =>
    new DrivenRelease({ subject: rollback, migration: null, policy: { ...policy, required: 1 } })
  const sending = () => driven().approvedBy('U0BEN').lookedAt()
  const sent = () =>
    sending().on({
      on: 'answer',
      answer: { to: 'update', answer: 'accepted', target, deploymentId: 'ecs-svc/1' },
    })
  const seen = (verdict: RolloutSighting['verdict']) =>
    sent().look({ rollouts: rolloutsBack(verdict, words, back) })
  return {
    'awaiting approval': backBehind(words),
    dispatching: sending(),
    'rolling out': seen('moving'),
    'rolling back': seen('rolling back'),
    succeeded: seen('succeeded'),
    failed: sending().on({
      on: 'answer',
      answer: { to: 'update', answer: 'refused', target, reason: words.refusal ?? words.reason },
    }),
    'rolled back': seen('rolled back'),
    'rollback failed': seen('rollback failed'),
    superseded: seen('superseded'),
    stopped: seen('stopped'),
  }
}

/** Rollouts of the earlier revision, with its images. */
function rolloutsBack(
  verdict: RolloutSighting['verdict'],
  words: Words,
  back: Revision,
): Observation['rollouts'] {
  return eachRollout(rollouts(verdict, words, back), (rollout) => ({
    ...rollout,
    images,
    reason: rollout.reason.replaceAll(after.name, back.name),
  }))
}

/** The same rollouts as deployments of CodeDeploy. */
export function byCodeDeploy(seen: Observation['rollouts']): Observation['rollouts'] {
  const deploymentId = 'd-8FKQZ3XTC'
  return eachRollout(seen, (rollout) => ({ ...rollout, arn: deploymentId, deploymentId }))
}

function eachRollout(
  seen: Observation['rollouts'],
  changed: (rollout: RolloutSighting) => RolloutSighting,
): Observation['rollouts'] {
  if (!seen?.seen) throw new Error('these rollouts are seen')
  const value = seen.value.map((each) => ({ ...each, rollouts: each.rollouts.map(changed) }))
  return { seen: true, value }
}

const noRun: Observation = { findRun: { seen: true, value: { found: 'none' } } }
const none: Observation['rollouts'] = { seen: true, value: [sighting([], before)] }

/** Posts of older versions that may still be sent after an upgrade, one about a refused click, and one about a downtime. */
function withOtherPosts(driven: DrivenRelease, words: Words): DrivenRelease {
  const { run: runTrack, rollouts: tracks } = driven.release.tracks
  const { target: where, seen } = tracks[0]!
  const posts: readonly ThreadPost[] = [
    { tell: 'approved', by: 'U0BEN', missing: 1 },
    { tell: 'discounted', by: 'U0FAY', why: words.reason },
    { tell: 'run', run: runTrack!.seen! },
    { tell: 'was-down', from: driven.now - 120_000, to: driven.now },
    { tell: 'rollout', target: where, rollout: seen!, from: before },
    {
      tell: 'gate-opened-outside',
      by: [words.reason],
      missing: 1,
      required: 2,
      mention: ['U0BEN'],
      run: 'goes on',
    },
    { tell: 'gate-opened-late', mention: ['U0BEN'] },
    { tell: 'gate-reviewed', review: { by: words.reason, environment: words.reason, verdict: 'rejected' } },
  ]
  for (const story of posts) driven.told.push({ key: `other-${story.tell}`, story, where: 'thread' })
  return driven
}

/** Posts other than ends, each from a release that came to it. */
export function everyThreadPost(words: Words): readonly DrivenRelease[] {
  const driven = () => new DrivenRelease({ subject: deployOf(words, 7) })
  const rolling = () =>
    driven()
      .dispatched()
      .look({ run: run('moving', words), rollouts: rollouts('moving', words) })
  const guest = { eligible: false, why: 'not_a_member', sentence: words.reason } as const
  const blind = { seen: false, kind: 'passing', reason: words.reason } as const
  return [
    ...Object.values(everyState(words)),
    withOtherPosts(rolling(), words),
    driven()
      .approvedBy('U0BEN', 'U0CHLOE')
      .look({ requester, channel: inside, people: { seen: true, value: { U0BEN: guest } } }),
    driven()
      .approvedBy('U0BEN', 'U0CHLOE')
      .look({
        requester,
        channel: inside,
        people: { seen: true, value: { U0BEN: approver('').standing, U0CHLOE: approver('').standing } },
        tip: {
          seen: true,
          value: { sha, githubTree: 'changed', paths: [], commitOnBranch: true, inputs: inputsOf, notes: [] },
        },
      }),
    rolling().look({ run: run('failed', words), rollouts: rollouts('moving', words) }),
    ...hindrances.map((kind) =>
      driven()
        .dispatched()
        .look({ run: heldRun(words, kind) })
        .look({ run: heldRun(words, kind) }, 4_000_000),
    ),
    rolling().look({ run: run('moving', words), rollouts: rollouts('moving', words) }, 4_000_000),
    driven()
      .dispatched()
      .look({ run: run('moving', words), migration: heldMigration(words) }, 300_000),
    rolling()
      .look({ rollouts: heldRollouts(words) })
      .look({ rollouts: heldRollouts(words) }, 120_000)
      .look({ rollouts: heldRollouts(words) }, 4_000_000),
    ...everyPause(words),
    rolling().on(click('cancel', approver('U0BEN'))),
    rolling()
      .look({ run: run('moving', words), rollouts: rollouts('moving', words) }, 4_000_000)
      .on(click('settle', approver('U0BEN'))),
    rolling().on({ on: 'supersede', by: { id: 'r-def456', requester: 'U0CHLOE', subject: rollback } }),
    [1, 2, 3, 4, 5, 6].reduce((blinded) => blinded.look({ run: blind, rollouts: blind }, 60_000), rolling()),
    everyState(words).unknown!.on(click('settle', approver('U0BEN'))),
    everyState(words).stopped!.look({ run: run('cancelled', words) }),
    everyOpenMigration(words).late.look({ migration: migration('failed', words) }),
    migrationSettled(words),
    everyOpenMigration(words).running.look({ migration: migration('succeeded', words) }),
    driven().limited(words),
    emergencyOf(words)
      .dispatchRefused(words)
      .look({}, 5 * 60 * 60_000)
      .on(click('acknowledge', approver('U0APPROVER'))),
    new DrivenRelease({ subject: deployOf(words) }, freezeOf(words, 2)),
    new DrivenRelease(
      { subject: deployOf(words), policy: { ...asked.policy, required: 1 } },
      freezeOf(words, 2),
    ),
    new DrivenRelease({ subject: rollback, migration: null }, null, lockOf(words)),
    backToAnother(words, 'moving'),
    foreignRun(words),
    rolledOutAfterEnd(words, 'own'),
    rolledOutAfterEnd(words, 'time'),
    rolledOutLate(words, 'succeeded'),
    rolledOutLate(words, 'rolled back'),
    rolledOutLateTooOften(words),
    startedAgain(words).failed,
    startedAgain(words).running.look({ rollouts: none }, 100_000_000),
    settledAfterEnd(words).look({ migration: migration('moving', words) }, 100_000_000),
    backBehind(words).freed(before),
    backBehind(words).freed(null),
    backOverCodeDeploy(words),
    backBehind(words).approvedBy('U0BEN').freed(after),
  ]
}
