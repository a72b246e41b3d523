import type { ActiveDeployment } from '../../src/release/active-deployment.ts'
import type { AttemptSearch, LastAttempt } from '../../src/release/attempts.ts'
import type { Checks } from '../../src/release/checks.ts'
import type { AskOf, Look, LookName, Observation, SightingOf } from '../../src/release/look.ts'
import { type Target, targetName } from '../../src/release/names.ts'
import type { MissingFirst } from '../../src/release/order-sighting.ts'
import type { Beside, OtherRun } from '../../src/release/other-runs.ts'
import type { Eligibility } from '../../src/release/policy/approval.ts'
import type { ContainerImage, Revision } from '../../src/release/revision.ts'
import type {
  Beyond,
  ChangesSighting,
  GateSighting,
  HeadSighting,
  LaterAttempt,
  MigrationSighting,
  RollbackSighting,
  RolloutSighting,
  RunLogSighting,
  RunSearch,
  RunSighting,
  Seen,
  TargetSighting,
  TipSighting,
} from '../../src/release/sighting.ts'

export const start = Date.UTC(2026, 10, 23, 12)
export const commit = '3f2c1ab0c0ffee00c0ffee00c0ffee00c0ffee00'
export const oldCommit = '0dd0c0de0dd0c0de0dd0c0de0dd0c0de0dd0c0de'
export const target: Target = { cluster: 'blog-cluster-prod', service: 'blog-api' }

export const yes: Eligibility = { eligible: true, via: 'S0DEPLOYERS' }
export const no: Eligibility = {
  eligible: false,
  why: 'not_an_approver',
  sentence: 'not among the approvers',
}

/** What the container of `blog-api:41` ran. */
export const image: ContainerImage = {
  container: 'api',
  image: 'blog-api:41',
  digest: `sha256:${'a'.repeat(64)}`,
}

/** `blog-api:42` */
export function revision(number: number, carries: string | null = null): Revision {
  const name = `blog-api:${number}`
  return {
    name,
    arn: `arn:aws:ecs:ap-northeast-2:123456789012:task-definition/${name}`,
    commit: carries,
  }
}

export function seen<T>(value: T): Seen<T> {
  return { seen: true, value }
}

export function unseen(kind: 'passing' | 'terminal', reason = `${kind} trouble`): Trouble {
  return { seen: false, kind, reason }
}

export function runSighting(part: Partial<RunSighting> = {}): RunSighting {
  return {
    id: 501,
    attempt: 1,
    url: 'https://github.com/myorg/blog-api/actions/runs/501',
    headSha: commit,
    verdict: 'moving',
    reason: `the run ${part.verdict ?? 'is under way'}`,
    startedAt: null,
    endedAt: null,
    jobs: [],
    ...part,
  }
}

export function migrationSighting(part: Partial<MigrationSighting> = {}): MigrationSighting {
  return {
    taskArn: 'arn:task/1',
    startedBy: `deploy-${commit}`,
    createdAt: start,
    verdict: 'moving',
    exitCode: part.verdict === 'succeeded' ? 0 : null,
    reason: `the migration is ${part.verdict ?? 'moving'}`,
    durationMs: null,
    ...part,
  }
}

/** A rollout with the commit and without a release's tag, unless specified otherwise. */
export function rolloutSighting({
  arn = 'arn:rollout/43',
  ...part
}: Partial<RolloutSighting> = {}): RolloutSighting {
  return {
    arn,
    createdAt: start,
    revision: revision(43, commit),
    releaseTag: null,
    commits: [commit],
    carried: [],
    images: null,
    deploymentId: `ecs-svc/${arn.slice(arn.lastIndexOf('/') + 1)}`,
    verdict: 'moving',
    reason: `the rollout is ${part.verdict ?? 'moving'}`,
    counts: { requested: 2, running: 0, pending: 2, failed: 0 },
    ...part,
  }
}

export type Trouble = Extract<Seen<never>, { seen: false }>

/** The outside services in their current state. `trouble` makes a part of them unavailable. */
export class World {
  people: Record<string, Eligibility> = {}
  requester: Eligibility = yes
  channel: 'inside' | 'outside' = 'inside'
  tip: TipSighting
  /** The environment in which the commit has to succeed first, and has not, and its last release there. */
  missing: string | null = null
  lastThere: MissingFirst['last'] = null
  head: HeadSighting = { githubTree: 'tree-1', paths: [], onBranch: true }
  /** What the commit would change now, if that differs from the request. */
  changesNow: ChangesSighting | 'off branch' | null = null
  /** The gate at which a run waits. */
  gate: GateSighting = { gate: 'waiting', may: 'review' }
  /** The result of a search by the release's id, and of a look at the run. */
  run: RunSearch = { found: 'none' }
  /** The last attempt of a run whose failed jobs are to be run again. */
  failedRun: LastAttempt = {
    found: 'run',
    attempt: 1,
    verdict: 'failed',
    login: 'twokey-bot',
    createdAt: start,
  }
  /** The attempts after it. */
  attempts: AttemptSearch = { found: 'none' }
  /** The re-run of the run after its end. */
  laterAttempt: LaterAttempt | null = null
  migrations: readonly MigrationSighting[] = []
  /** Tasks of the migration's family before the dispatch. */
  tasksBefore: readonly string[] = []
  /** The names in the logs of the run. */
  runLog: RunLogSighting = { names: [], extent: 'whole' }
  /** The other service environments that the run changed. */
  beyond: readonly Beyond[] = []
  /** Other runs: in progress before the dispatch, and beside the run. */
  otherRuns: Record<Beside['at'], readonly OtherRun[]> = { dispatch: [], run: [] }
  rollbackTarget: RollbackSighting = {
    usable: true,
    active: [],
    images: [image],
    serving: revision(42, oldCommit),
    difference: { known: true, lines: [], total: 0 },
  }
  /** What CI made of the commit. */
  checks: Checks = { source: 'checks', passed: 3, pending: 0, failed: 0, failing: [] }
  targets: TargetSighting[]
  /** How far AWS's clock is ahead of ours, ms. */
  awsAheadMs = 0
  trouble: Partial<Record<keyof Observation, Trouble>> = {}

  constructor(targets: readonly Target[], inputs: TipSighting['inputs']) {
    this.tip = { sha: commit, githubTree: 'tree-1', paths: [], commitOnBranch: true, inputs, notes: [] }
    this.targets = targets.map((each) => ({
      target: each,
      primary: { id: 'ecs-svc/42', revision: revision(42, oldCommit) },
      serving: revision(42, oldCommit),
      deployments: ['ecs-svc/42'],
      rollouts: [],
    }))
  }

  /** CodeDeploy has these deployments in progress. */
  deploys(...active: readonly ActiveDeployment[]): void {
    if (this.rollbackTarget.usable) this.rollbackTarget = { ...this.rollbackTarget, active }
  }

  /** Adds or updates a service deployment by its ARN; its revision becomes PRIMARY unless it is rolled back. */
  rollout(part: Partial<RolloutSighting> = {}, of: Target = target): void {
    const sighting = rolloutSighting(part)
    const back = ['rolling back', 'rolled back', 'rollback failed'].includes(sighting.verdict)
    this.targets = this.targets.map((each) =>
      targetName(each.target) === targetName(of)
        ? {
            ...each,
            primary: back ? each.primary : { id: sighting.deploymentId, revision: sighting.revision },
            serving: back ? each.serving : sighting.revision,
            rollouts: [...each.rollouts.filter(({ arn }) => arn !== sighting.arn), sighting],
          }
        : each,
    )
  }

  serves(revision: Revision, of: Target = target): void {
    this.targets = this.targets.map((each) =>
      targetName(each.target) === targetName(of)
        ? { ...each, primary: { id: `ecs-svc/${revision.name}`, revision }, serving: revision }
        : each,
    )
  }

  runs(part: Partial<RunSighting> = {}): void {
    this.run = { found: 'one', run: runSighting(part) }
  }

  /** Answers exactly the requested looks. @param now by our clock */
  observe(looks: readonly Look[], now: number): Observation {
    return Object.assign({}, ...looks.map((look) => this.#one(look, now)))
  }

  /** Like ECS: a task that is not listed is shown only if it is followed. */
  #migrations({ since, followed }: AskOf<'migration'>): readonly MigrationSighting[] {
    return this.migrations.filter(({ taskArn }) => since !== null || followed.includes(taskArn))
  }

  #one<Name extends LookName>(look: Look<Name>, now: number): Observation {
    // If GitHub does not show runs, none is found either.
    const isRun = look.look === 'findRun' || look.look === 'findAttempt'
    const trouble = this.trouble[isRun ? 'run' : look.look]
    return { [look.look]: trouble ?? seen(this.#sees[look.look](look, now)) }
  }

  readonly #sees: { readonly [Name in LookName]: (ask: AskOf<Name>, now: number) => SightingOf<Name> } = {
    people: ({ ids }) => Object.fromEntries(ids.map((id) => [id, this.people[id] ?? yes])),
    requester: () => this.requester,
    channel: () => this.channel,
    tip: () => this.tip,
    order: () => ({
      missing: this.missing === null ? null : { environment: this.missing, last: this.lastThere },
    }),
    before: (_, now) => ({ at: now + this.awsAheadMs, targets: this.targets }),
    tasksBefore: () => this.tasksBefore,
    rollbackTarget: () => this.rollbackTarget,
    checks: () => this.checks,
    changesNow: () => this.changesNow,
    gate: () => this.gate,
    failedRun: () => this.failedRun,
    findAttempt: () => this.attempts,
    findRun: () => this.run,
    run: () => this.run,
    laterAttempt: () => this.laterAttempt,
    headTree: () => this.head,
    migration: (ask) => this.#migrations(ask),
    rollouts: () => this.targets,
    runLog: () => this.runLog,
    beyond: () => this.beyond,
    otherRuns: ({ beside }) => this.otherRuns[beside.at],
  }
}
