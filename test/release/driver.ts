import type { Answer } from '../../src/release/answer.ts'
import type { Clicker, Context } from '../../src/release/context.ts'
import { type Decision, decide } from '../../src/release/decide.ts'
import type { AuditEntry, Effect, ThreadPost } from '../../src/release/effects.ts'
import type { Input } from '../../src/release/input.ts'
import type { Requesters } from '../../src/release/look.ts'
import type { PersonId, Time } from '../../src/release/names.ts'
import { looks } from '../../src/release/next-look.ts'
import type { Person, Policy } from '../../src/release/policy/approval.ts'
import type { ChecksRule } from '../../src/release/policy/checks-rule.ts'
import type { CurrentRules } from '../../src/release/policy/current-rules.ts'
import type { Freeze } from '../../src/release/policy/freeze.ts'
import type { Lock } from '../../src/release/policy/lock.ts'
import type { Facts } from '../../src/release/preconditions/precondition.ts'
import type { Refusal } from '../../src/release/refusal.ts'
import type { Release } from '../../src/release/release.ts'
import { type Request, request } from '../../src/release/request.ts'
import type { ContainerImage } from '../../src/release/revision.ts'
import type { TipSighting } from '../../src/release/sighting.ts'
import type { Outcome } from '../../src/release/stage.ts'
import { stateOf } from '../../src/release/state.ts'
import type { Subject } from '../../src/release/subject.ts'
import { isBeyondDue } from '../../src/release/tracks/beyond.ts'
import { bindingRules, boundTo } from './bound.ts'
import { click } from './click.ts'
import { commit, image, no, oldCommit, revision, runSighting, start, target, World, yes } from './world.ts'

export const ana = 'U0ANA'
export const ben = 'U0BEN'
export const chloe = 'U0CHLOE'
export const eli = 'U0ELI'

const second = 1_000
export const minute = 60 * second

export const prodPolicy: Policy = {
  required: 2,
  approvers: ['S0DEPLOYERS', 'U0APPROVER'],
  requesterMayApprove: false,
  authorsMayApprove: true,
  externalChannels: 'refused',
  expireAfterMs: 120 * minute,
  people: [{ slack: ['U0APPROVER'], github: 'approver-login' }],
}

export function policy(part: Partial<Policy> = {}): Policy {
  return { ...prodPolicy, ...part }
}

export type DeploySubject = Extract<Subject, { kind: 'deploy' }>

/** Inputs of the release `r1` by their default names. */
export function bound(...names: readonly ('environment' | 'sha' | 'release_id')[]) {
  return boundTo(names, { environment: 'production', sha: commit, release_id: 'r1' })
}

export function deploySubject(part: Partial<DeploySubject> = {}): DeploySubject {
  return {
    kind: 'deploy',
    repository: 'myorg/blog-api',
    workflow: 'deploy.yml',
    branch: 'main',
    ref: null,
    commit: { sha: commit, title: 'Show drafts', author: 'Dana', login: 'dana' },
    tip: commit,
    githubTree: 'tree-1',
    paths: [],
    inputs: bound('environment', 'sha', 'release_id'),
    notes: [],
    githubEnvironment: 'production',
    changes: { known: true, commits: [], total: 0, direction: 'forward', url: '' },
    authorship: { known: true, logins: ['dana'], since: [oldCommit] },
    ...part,
  }
}

/** A push of Dana's, whose run waits at the gate of production. */
export function gateSubject(attempt = 1): Subject {
  const { kind: _, ...shipped } = deploySubject({ inputs: [] })
  const { id, url } = runSighting()
  return { ...shipped, kind: 'gate', run: { id, attempt, url, event: 'push', login: 'dana' } }
}

export type RerunSubject = Extract<Subject, { kind: 'rerun' }>

/** The failed jobs of run 501, which the release `r1` dispatched, as its attempt 2. */
export function rerunSubject(run: Partial<RerunSubject['run']> = {}): RerunSubject {
  const { id, url, attempt } = runSighting()
  return {
    ...deploySubject(),
    kind: 'rerun',
    run: {
      id,
      url,
      attempt,
      first: { release: 'r1', kind: 'deploy' },
      failed: { count: 1, names: ['deploy'] },
      migration: 'none',
      rolledOut: [],
      ...run,
    },
  }
}

/** A rollback to `blog-api:41`, while 42 serves. */
export function rollbackSubject(
  number = 41,
  images: readonly ContainerImage[] = [image],
): Extract<Subject, { kind: 'rollback' }> {
  return {
    kind: 'rollback',
    repository: 'myorg/blog-api',
    revision: revision(number),
    images,
    difference: { known: true, lines: [], total: 0 },
  }
}

/** Ana requests a deploy of blog-api to prod. */
export function requestOf(part: Partial<Request> = {}): Request {
  return {
    id: 'r1',
    service: 'blog-api',
    environment: 'prod',
    targets: [target],
    subject: deploySubject(),
    requester: ana,
    channel: 'C0DEPLOYS',
    policy: prodPolicy,
    waitMs: 0,
    deadlines: { runMs: 60 * minute, rolloutMs: 30 * minute },
    settleMs: minute,
    notify: ['S0ONCALL'],
    containers: ['api'],
    migration: { family: 'blog-api-migrate', cluster: 'blog-cluster-prod' },
    serving: [revision(42, oldCommit)],
    eligible: 2,
    seen: {},
    ...part,
  }
}

export function clicker(id: PersonId): Clicker {
  return { id, standing: id === eli ? no : yes }
}

/** Drives one release, input by input, and records its effects and audit entries. */
export class ReleaseDriver {
  now = start
  release: Release
  holders: readonly Release[] = []
  /** The policy of the current config; null if it no longer ships this there. */
  currentRules: Policy | null
  /** Accounts that the current config joins to one person. */
  people: readonly Person[] = []
  /** Who approves by the current config that a paused rollout continues; absent: as `currentRules`. */
  pausePolicy: Policy | undefined
  requesters: Requesters = 'everyone'
  requires: readonly string[] = []
  /** The rule of the current config for the checks of a commit. */
  checks: ChecksRule | null
  waitMs = 0
  lock: Lock | null
  freeze: Freeze | null
  hasPendingStop = false
  hasCard = true
  /** When the next release of the same target was sent. */
  nextSentAt: Time | null = null
  readonly world: World
  readonly effects: Effect[] = []
  readonly audit: AuditEntry[] = []
  /** The effects of the last input only. */
  last: readonly Effect[] = []

  /** @param met the lock and the freeze at the request */
  constructor(
    part: Partial<Request> = {},
    holders: readonly Release[] = [],
    met: { readonly lock?: Lock; readonly freeze?: Freeze } = {},
  ) {
    this.lock = met.lock ?? null
    this.freeze = met.freeze ?? null
    const wanted = requestOf(part)
    const requested = request(
      wanted,
      { holders, lock: this.lock, freeze: this.freeze, currentRules: null },
      this.now,
    )
    if ('refused' in requested) throw new Error(`refused: ${requested.refused.code}`)
    this.release = requested.release
    this.holders = holders
    this.currentRules = wanted.policy
    this.pausePolicy = wanted.pausePolicy
    this.checks = wanted.checksRule ?? null
    this.effects.push(...requested.effects)
    this.audit.push(...requested.audit)
    this.world = new World(wanted.targets, wanted.subject.kind === 'deploy' ? wanted.subject.inputs : [])
  }

  config(): CurrentRules | null {
    const { currentRules: policy, requesters, requires, checks, waitMs } = this
    const rules = this.release.subject.kind === 'deploy' ? bindingRules() : null
    const pause = this.pausePolicy && { pausePolicy: this.pausePolicy }
    return policy && { policy, ...pause, requesters, requires, checks, waitMs, rules }
  }

  context(): Context {
    return {
      now: this.now,
      holders: this.holders,
      currentRules: this.config(),
      people: this.people,
      lock: this.lock,
      freeze: this.freeze,
      hasPendingStop: this.hasPendingStop,
      hasCard: this.hasCard,
      nextSentAt: this.nextSentAt,
    }
  }

  /** What the next look decides on. */
  facts(): Facts {
    const seen = this.world.observe(looks(this.release, this.config()), this.now)
    return { release: this.release, seen, context: this.context() }
  }

  /** Returns the refusal, if there is one. */
  input(input: Input): Refusal | null {
    const decision: Decision = decide(this.release, input, this.context())
    this.audit.push(...decision.audit)
    this.last = decision.effects
    this.release = decision.next
    this.effects.push(...decision.effects)
    return 'refused' in decision ? decision.refused : null
  }

  /** @param round of the card that is clicked; default: the one shown now */
  approve(id: PersonId, round: number | null = this.release.round): Refusal | null {
    return this.input(click('approve', clicker(id), { round, pressedAt: this.now }))
  }

  /** @param pressedAt when it was clicked, however late it is handled; default: now */
  withdraw(id: PersonId, pressedAt = this.now): Refusal | null {
    return this.input(click('withdraw', clicker(id), { pressedAt }))
  }

  reject(id: PersonId): Refusal | null {
    return this.input(click('reject', clicker(id)))
  }

  explain(id: PersonId, why: string): Refusal | null {
    return this.input({ on: 'explain', by: clicker(id), why })
  }

  cancel(id: PersonId): Refusal | null {
    return this.input(click('cancel', clicker(id)))
  }

  settle(id: PersonId): Refusal | null {
    return this.input(click('settle', clicker(id)))
  }

  lookAgain(id: PersonId): Refusal | null {
    return this.input(click('look-again', clicker(id)))
  }

  /** A rollback replaces the release; default: one to `blog-api:41`. */
  supersede(by: Pick<Release, 'id' | 'requester'> & { readonly subject?: Subject }): void {
    this.input({ on: 'supersede', by: { subject: rollbackSubject(), ...by } })
  }

  answer(answer: Answer): void {
    this.input({ on: 'answer', answer })
  }

  /** Makes the looks of the release in the current world; a cancellation request is answered. */
  look(): void {
    const wasWaiting = this.#isWaiting
    this.lookWithoutEffects()
    // What else a run changed is read as soon as it ends, and everything as soon as a wait without looks is over.
    const isOver = wasWaiting && this.release.stage.at === 'ready' && !this.#isWaiting
    if (isBeyondDue(this.release) || isOver) this.lookWithoutEffects()
    const wanted = this.last
    if (!wanted.some((effect) => effect.do === 'cancel-run')) return
    this.answer({ to: 'cancel-run', answer: 'accepted', reason: 'GitHub was asked to cancel the run' })
    this.last = wanted
  }

  get #isWaiting(): boolean {
    const { stage } = this.release
    return stage.at === 'ready' && stage.waiting !== undefined
  }

  /** Like `look`, but no effect is performed: twokey is killed. */
  lookWithoutEffects(): void {
    this.input({ on: 'look', seen: this.world.observe(looks(this.release, this.config()), this.now) })
  }

  /** The clock is set back, and twokey notices that. */
  setBack(byMs: number): void {
    this.now -= byMs
    this.input({ on: 'clock-set-back', byMs })
  }

  /** Time passes, and one look follows. */
  later(ms: number): void {
    this.now += ms
    this.look()
  }

  /** Looks every few seconds, for this long. */
  watch(ms: number, everyMs = 5 * second): void {
    for (let passed = 0; passed < ms; passed += everyMs) this.later(everyMs)
  }

  get state(): string {
    return stateOf(this.release)
  }

  get outcome(): Outcome | null {
    const { stage } = this.release
    return stage.at === 'ended' ? stage.outcome : null
  }

  get reason(): string {
    const { stage } = this.release
    return stage.at === 'ended' ? stage.reason : ''
  }

  posts<Kind extends ThreadPost['tell']>(kind: Kind): readonly Extract<ThreadPost, { tell: Kind }>[] {
    return this.effects.flatMap((effect) =>
      effect.do === 'tell' && isPost(effect.story, kind) ? [effect.story] : [],
    )
  }

  effectsOf<Kind extends Effect['do']>(kind: Kind): readonly Extract<Effect, { do: Kind }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { do: Kind }> => effect.do === kind)
  }
}

function isPost<Kind extends ThreadPost['tell']>(
  story: ThreadPost,
  kind: Kind,
): story is Extract<ThreadPost, { tell: Kind }> {
  return story.tell === kind
}

/** A release with two approvals after its last look, which is being sent. @param tip overrides what that look saw */
export function sending(part: Partial<Request> = {}, tip: Partial<TipSighting> = {}): ReleaseDriver {
  const driver = new ReleaseDriver(part)
  driver.world.tip = { ...driver.world.tip, ...tip }
  if (driver.state === 'awaiting approval') {
    driver.approve(ben)
    driver.approve(chloe)
  }
  driver.look()
  return driver
}

/** A release whose dispatch was answered with run 501, which is in progress. */
export function underway(part: Partial<Request> = {}): ReleaseDriver {
  const driver = sending(part)
  driver.answer({ to: 'dispatch', answer: 'run', runId: 501, url: runSighting().url })
  driver.world.runs()
  driver.look()
  return driver
}

/** A rollback to 41 that needs no approval, being sent. */
export function sendingBack(part: Partial<Request> = {}): ReleaseDriver {
  return sending({ subject: rollbackSubject(), policy: policy({ required: 0 }), eligible: 0, ...part })
}
