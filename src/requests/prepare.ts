import { lookAtOrder } from '../engine/order.ts'
import type { Origin } from '../messages/intent.ts'
import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import type { Checks } from '../release/checks.ts'
import { commitSource } from '../release/commit-source.ts'
import type { CrossedMigrations } from '../release/crossed-migrations.ts'
import { eachOnce } from '../release/images.ts'
import type { Observation, Requesters } from '../release/look.ts'
import { migrationsSince } from '../release/migrations-since.ts'
import { locationOf } from '../release/names.ts'
import { withRedCommit } from '../release/policy/checks-rule.ts'
import { eligibleApproversAsk, unsatisfiable } from '../release/policy/eligible-approvers.ts'
import { effectOf, underFreeze } from '../release/policy/freeze.ts'
import { channel } from '../release/preconditions/channel.ts'
import { order } from '../release/preconditions/order.ts'
import { refusalBy } from '../release/preconditions/precondition.ts'
import { requester } from '../release/preconditions/requester.ts'
import type { Refusal } from '../release/refusal.ts'
import { becauseFrozen } from '../release/refusals/freezes.ts'
import { differentServices, otherFamilyByNow } from '../release/refusals/revisions.ts'
import { type PartialRequest, type Request, refusalSoFar } from '../release/request.ts'
import { slowest } from '../release/rollout-time.ts'
import type { Subject } from '../release/subject.ts'
import { requestRulesOf } from '../settings/request-rules.ts'
import {
  bindingRules,
  currentFreeze,
  currentRules,
  pausePolicyOf,
  type ServiceEnvironment,
  type Settings,
  targetsOf,
} from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { channelHereRefusal, lookAtChannel } from './channel-check.ts'
import { pastFacts, retryFacts } from './facts.ts'
import { requireChecksRead, tooFewForRed } from './required-checks.ts'
import { beforeLook, missingIn, servingOf } from './services-before.ts'
import { strictestAtGate } from './shared-gate.ts'

export type PrepareDeps = {
  readonly outside: Outside
  readonly settings: Settings
  readonly store: Store
  readonly clock: Clock
  readonly newId: () => string
}

export type Prepared = { readonly request: Request } | { readonly refused: Refusal }

/** A request for a service environment. `from`: the person and channel. */
type Ask = { readonly serviceEnvironment: ServiceEnvironment; readonly from: Origin }

/** How many of the last releases are looked through for a rollback. */
const looked = 100

/** Looks up everything that a deploy needs before approvals are requested. */
export async function prepareDeploy(
  deps: PrepareDeps,
  ask: Ask & {
    readonly ref: string | null
    /** The reason of the emergency. */
    readonly emergency?: string
    /** The release whose Retry was clicked. */
    readonly retryOf?: string
  },
): Promise<Prepared> {
  const { serviceEnvironment, from, ref } = ask
  const id = deps.newId()
  const rules = requestRulesOf(serviceEnvironment, ask.emergency)
  const usual = { policy: serviceEnvironment.policy, waitMs: serviceEnvironment.waitMs }
  const { requesters, ...terms } = 'refused' in rules ? { ...usual, requesters: rules.requesters } : rules
  const ownBasis = basisOf(deps, serviceEnvironment, { id, requester: from.user, ...terms })
  const person = await lookAtRequester(deps, { ...ownBasis, kind: 'deploy' }, { from, requesters })
  if ('refused' in person) return person
  if ('refused' in rules) return rules
  // An emergency has its own terms.
  const strictest =
    ask.emergency === undefined
      ? await strictestAtGate(deps, serviceEnvironment)
      : { serviceEnvironment, isGateShared: false }
  if ('refused' in strictest) return strictest
  const { policy, waitMs, checks: checksRule } = strictest.serviceEnvironment
  const basis = strictest.isGateShared
    ? { ...ownBasis, policy, waitMs, ...(checksRule && { checksRule }) }
    : ownBasis
  const sightings = await deps.outside.ecs.before(beforeLook(serviceEnvironment))
  const serving = servingOf(serviceEnvironment, sightings)
  if ('refused' in serving) return serving
  const inspecting = deps.outside.github.inspect({
    repository: serviceEnvironment.repository,
    workflow: serviceEnvironment.workflow,
    branch: serviceEnvironment.branch,
    ref,
    running: serving.running,
    migrationPaths: serviceEnvironment.migrationPaths,
    rules: (sha) =>
      bindingRules(deps.settings, serviceEnvironment, { sha, releaseId: id, requester: from.user }),
    ...(basis.checksRule && { checks: 'required' }),
  })
  const [inspected, missing] = await Promise.all([
    inspecting,
    missingIn(deps.outside, serviceEnvironment, serving.primary),
  ])
  if ('refused' in inspected) return inspected
  const { commit, tip, changes, authorship, checks } = inspected
  const subject: Subject = {
    kind: 'deploy',
    repository: serviceEnvironment.repository,
    workflow: serviceEnvironment.workflow,
    branch: serviceEnvironment.branch,
    ref,
    commit,
    tip: tip.sha,
    githubTree: tip.githubTree,
    paths: tip.paths,
    inputs: tip.inputs,
    notes: tip.notes,
    missing,
    githubEnvironment: serviceEnvironment.githubEnvironment,
    ...(strictest.isGateShared && { isGateShared: true }),
    changes,
    authorship,
  }
  const seen = { ...person.seen, tip: { seen: true, value: tip } } as const
  const asked = { ...basis, subject, serving: serving.running, seen }
  const judged = await judgeCommit(deps, asked, checks)
  if ('refused' in judged) return judged
  const past = await pastFacts(deps, serviceEnvironment, subject, ask.retryOf)
  return completed(deps, { ...judged, facts: { checks, ...past } })
}

/** Looks up everything that a rollback needs: the revision exists, is ACTIVE and deployed successfully in each target. */
export async function prepareRollback(
  deps: PrepareDeps,
  ask: Ask & {
    readonly number: number
    /** The revision of the button; absent: the one with the number in the running family. */
    readonly named?: string
    /** The release whose Retry was clicked. */
    readonly retryOf?: string
  },
): Promise<Prepared> {
  const { serviceEnvironment, from, number, named } = ask
  const { policy, waitMs } = serviceEnvironment.rollback
  const id = deps.newId()
  const basis = basisOf(deps, serviceEnvironment, { id, requester: from.user, policy, waitMs })
  const { requesters } = serviceEnvironment
  const person = await lookAtRequester(deps, { ...basis, kind: 'rollback' }, { from, requesters })
  if ('refused' in person) return person
  const { ecs } = deps.outside
  const serving = servingOf(serviceEnvironment, await ecs.before(beforeLook(serviceEnvironment)))
  if ('refused' in serving) return serving
  const ranWell = await ranWellHere(deps.store, serviceEnvironment)
  const found = await Promise.all(
    targetsOf(serviceEnvironment).map((target) =>
      ecs.inspect({
        serviceEnvironment,
        target,
        number,
        source: commitSource(serviceEnvironment),
        ranWell,
        serving: serving.primary[0] ?? null,
      }),
    ),
  )
  const no = found.find((each) => 'refused' in each)
  if (no) return no
  const revisions = found.flatMap((each) => ('revision' in each ? [each] : []))
  const [first] = revisions
  if (!first || revisions.some(({ revision }) => revision.arn !== first.revision.arn))
    return { refused: differentServices(serviceEnvironment) }
  const { name } = first.revision
  if (named !== undefined && named !== name)
    return { refused: otherFamilyByNow(serviceEnvironment, { shown: named, revision: name }) }
  const time = slowest(revisions.flatMap((each) => each.time ?? []))
  const migrations = await migrationsCrossed(deps.store, serviceEnvironment, name)
  const unread = revisions.find(({ imagesUnread }) => imagesUnread !== undefined)
  const stops = revisions.flatMap(({ stops: each }) => each ?? [])
  const subject: Subject = {
    kind: 'rollback',
    repository: serviceEnvironment.repository,
    githubEnvironment: serviceEnvironment.githubEnvironment,
    revision: first.revision,
    images: eachOnce(revisions.flatMap(({ images }) => images)),
    ...(migrations && { migrations }),
    ...(unread && { imagesUnread: unread.imagesUnread }),
    difference: first.difference,
    ...(time && { time }),
    ...(stops.length > 0 && { stops }),
  }
  const facts = await retryFacts(deps.store, ask.retryOf)
  const { seen } = person
  return completed(deps, { ...basis, subject, serving: serving.primary, seen, ...(facts && { facts }) })
}

/** What is known of a request before anything is read for it. */
export type Basis = Omit<PartialRequest, 'subject' | 'facts' | 'serving' | 'seen' | 'eligible'>

/** @param terms who requests it, and under which rules */
export function basisOf(
  { settings }: Pick<PrepareDeps, 'settings'>,
  serviceEnvironment: ServiceEnvironment,
  terms: Pick<Request, 'id' | 'requester' | 'policy' | 'checksRule' | 'waitMs' | 'emergency'>,
): Basis {
  const { service, environment, channel, deadlines, notify, containers, commitFrom, migration } =
    serviceEnvironment
  return {
    ...terms,
    ...(terms.emergency === undefined && pausePolicyOf(serviceEnvironment)),
    service,
    environment,
    targets: targetsOf(serviceEnvironment),
    channel,
    deadlines,
    settleMs: settings.polling.settleMs,
    notify,
    containers,
    ...(commitFrom && { commitFrom }),
    migration: migration ? { ...migration, ...locationOf(serviceEnvironment) } : null,
  }
}

/** Looks up the person and the channels before anything else is read, and refuses those who may not request it. */
export async function lookAtRequester(
  { outside, clock }: PrepareDeps,
  { kind, ...basis }: Basis & { readonly kind: Subject['kind'] },
  { from, requesters }: { readonly from: Origin; readonly requesters: Requesters },
): Promise<{ readonly seen: Observation } | { readonly refused: Refusal }> {
  const release = { ...basis, subject: { kind } }
  const context = { now: clock() }
  const standing = await outside.people.requester(from, requesters)
  const person: Observation = { requester: { seen: true, value: standing } }
  const mayNot = refusalBy(requester, { release, seen: person, context })
  if (mayNot) return { refused: mayNot }
  if (!channel.appliesTo(release, null)) return { seen: person }
  const seen: Observation = { ...person, channel: await lookAtChannel(outside.channels, basis.channel) }
  const { environment, channel: home } = basis
  const refused =
    refusalBy(channel, { release, seen, context }) ??
    (await channelHereRefusal(outside.channels, { environment, home, channel: from.channel }))
  return refused ? { refused } : { seen }
}

/** Evaluates the preconditions of the commit, each as soon as it was read: whether it can be sent, its order and its checks. */
export async function judgeCommit(
  deps: PrepareDeps,
  asked: PartialRequest,
  checks: Checks,
): Promise<PartialRequest | { readonly refused: Refusal }> {
  const { settings, clock } = deps
  const rules = currentRules(settings, asked)
  const refusal = (known: PartialRequest) => refusalSoFar(known, rules, clock())
  const unsendable = refusal(asked)
  if (unsendable) return { refused: unsendable }
  const [ask] = order.appliesTo(asked, rules) ? order.looks(asked) : []
  const ordered = ask
    ? {
        ...asked,
        seen: { ...asked.seen, order: { seen: true, value: await lookAtOrder(ask, deps) } as const },
      }
    : asked
  const early = refusal(ordered)
  if (early) return { refused: early }
  requireChecksRead(checks, asked.checksRule)
  const checked = { ...ordered, facts: { checks } }
  const failed = refusal(checked)
  return failed ? { refused: failed } : checked
}

/** The request, once nothing refuses it. Refuses a policy that nobody could satisfy. */
export async function completed(
  { outside, settings, clock }: Pick<PrepareDeps, 'outside' | 'settings' | 'clock'>,
  asked: PartialRequest,
): Promise<Prepared> {
  const { requester, subject, environment, policy } = asked
  const checked = withRedCommit(asked)
  const freeze = currentFreeze(settings, asked, clock())
  const isRaised = effectOf(freeze, checked) === 'raised'
  const election = {
    policy: isRaised ? underFreeze(checked.policy, freeze) : checked.policy,
    requester,
    subject,
    environment,
  }
  const eligibleApprovers = await outside.people.eligibleApprovers(
    policy.approvers,
    eligibleApproversAsk(election),
  )
  const nobody = unsatisfiable(election, eligibleApprovers)
  if (nobody) return { refused: isRaised ? becauseFrozen(nobody, freeze) : tooFewForRed(nobody, asked) }
  return { request: { ...asked, eligible: eligibleApprovers.persons } }
}

/** The migrations that a rollback to this revision goes back across; null: the service has none. */
async function migrationsCrossed(
  store: Store,
  { service, environment, migration }: ServiceEnvironment,
  revision: string,
): Promise<CrossedMigrations | null> {
  if (migration === undefined) return null
  const releases = await store.history({ service, environment, limit: looked })
  return migrationsSince(releases, revision)
}

/** ARNs of the revisions that releases of twokey deployed there successfully. */
async function ranWellHere(
  store: Store,
  { service, environment }: ServiceEnvironment,
): Promise<readonly string[]> {
  const releases = await store.history({ service, environment, ended: true, limit: looked })
  return releases.flatMap(({ stage, tracks }) =>
    stage.at === 'ended' && stage.outcome === 'succeeded'
      ? tracks.rollouts.flatMap(({ seen }) => (seen ? [seen.revision.arn] : []))
      : [],
  )
}
