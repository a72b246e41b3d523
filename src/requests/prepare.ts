import { orderRefusal } from '../engine/order.ts'
import type { Origin } from '../messages/intent.ts'
import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import { commitSource } from '../release/commit-source.ts'
import type { Facts } from '../release/facts.ts'
import { eachOnce } from '../release/images.ts'
import type { Policy } from '../release/policy/approval.ts'
import { type ChecksRule, withRedCommit } from '../release/policy/checks-rule.ts'
import { eligibleApproversAsk, unsatisfiable } from '../release/policy/eligible-approvers.ts'
import { effectOf, underFreeze } from '../release/policy/freeze.ts'
import { shipsCommit } from '../release/preconditions/commit.ts'
import type { Refusal } from '../release/refusal.ts'
import { becauseFrozen } from '../release/refusals/freezes.ts'
import { mayNotAsk, mayNotAskEmergency } from '../release/refusals/people.ts'
import { differentServices, otherFamilyByNow } from '../release/refusals/revisions.ts'
import { inputMissingForCommit } from '../release/refusals/workflow.ts'
import type { Request } from '../release/request.ts'
import type { Subject } from '../release/subject.ts'
import { requestRulesOf } from '../settings/request-rules.ts'
import {
  bindingRules,
  currentFreeze,
  type ServiceEnvironment,
  type Settings,
  targetsOf,
} from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { channelRefusal } from './channel-check.ts'
import { pastFacts, retryFacts } from './facts.ts'
import { checksRefusal, tooFewForRed } from './required-checks.ts'
import { beforeLook, missingIn, servingOf } from './services-before.ts'

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
  const { serviceEnvironment, ref } = ask
  const id = deps.newId()
  const terms = requestRulesOf(serviceEnvironment, ask.emergency)
  const { requesters } = terms
  const emergency = 'refused' in terms ? undefined : ask.emergency
  const refused = await notAllowed(deps, { ...ask, requesters, emergency })
  if (refused) return { refused }
  if ('refused' in terms) return terms
  const sightings = await deps.outside.ecs.before(beforeLook(serviceEnvironment))
  const serving = servingOf(serviceEnvironment, sightings)
  if ('refused' in serving) return serving
  const inspecting = deps.outside.github.inspect({
    repository: serviceEnvironment.repository,
    workflow: serviceEnvironment.workflow,
    branch: serviceEnvironment.branch,
    ref,
    running: serving.running,
    rules: (sha) =>
      bindingRules(deps.settings, serviceEnvironment, { sha, releaseId: id, requester: ask.from.user }),
    ...(terms.checksRule && { checks: 'required' }),
  })
  const [inspected, missing] = await Promise.all([
    inspecting,
    missingIn(deps.outside, serviceEnvironment, serving.primary),
  ])
  if ('refused' in inspected) return inspected
  const { commit, tip, changes, authorship, checks } = inspected
  if (!shipsCommit(tip, commit.sha)) return { refused: inputMissingForCommit(serviceEnvironment, tip.sha) }
  const early = ask.emergency === undefined ? await orderRefusal(deps, serviceEnvironment, commit) : null
  if (early) return { refused: early }
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
    changes,
    authorship,
  }
  return requestOf(deps, {
    id,
    serviceEnvironment,
    requester: ask.from.user,
    subject,
    facts: { checks, ...(await pastFacts(deps, serviceEnvironment, subject, ask.retryOf)) },
    policy: terms.policy,
    checksRule: terms.checksRule,
    waitMs: terms.waitMs,
    emergency: terms.emergency,
    emergencies: terms.emergencies,
    serving: serving.running,
  })
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
  const { serviceEnvironment, number, named } = ask
  const refused = await notAllowed(deps, { ...ask, requesters: serviceEnvironment.requesters })
  if (refused) return { refused }
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
  const subject: Subject = {
    kind: 'rollback',
    repository: serviceEnvironment.repository,
    githubEnvironment: serviceEnvironment.githubEnvironment,
    revision: first.revision,
    images: eachOnce(revisions.flatMap(({ images }) => images)),
    difference: first.difference,
  }
  const { policy, waitMs } = serviceEnvironment.rollback
  const requester = ask.from.user
  const id = deps.newId()
  const facts = await retryFacts(deps.store, ask.retryOf)
  return requestOf(deps, {
    id,
    serviceEnvironment,
    requester,
    subject,
    facts,
    policy,
    waitMs,
    serving: serving.primary,
  })
}

async function notAllowed(
  { outside }: PrepareDeps,
  {
    serviceEnvironment,
    from,
    requesters,
    emergency,
  }: Ask & Pick<ServiceEnvironment, 'requesters'> & { readonly emergency?: string },
): Promise<Refusal | null> {
  const standing = await outside.people.requester(from, requesters)
  if (standing.eligible)
    return channelRefusal(outside.channels, { serviceEnvironment, channel: from.channel })
  return emergency === undefined
    ? mayNotAsk(standing, serviceEnvironment.environment)
    : mayNotAskEmergency(standing, serviceEnvironment)
}

/** The request, once nothing refuses it. Refuses a policy that nobody could satisfy. */
export async function requestOf(
  { outside, settings, clock }: Pick<PrepareDeps, 'outside' | 'settings' | 'clock'>,
  known: {
    readonly id: string
    readonly serviceEnvironment: ServiceEnvironment
    readonly requester: string
    readonly subject: Subject
    readonly facts?: Facts
    readonly policy: Policy
    readonly checksRule?: ChecksRule
    readonly waitMs: number
    readonly emergency?: Request['emergency']
    readonly emergencies?: Request['emergencies']
    readonly serving: Request['serving']
  },
): Promise<Prepared> {
  const {
    serviceEnvironment,
    requester,
    subject,
    facts,
    checksRule,
    waitMs,
    emergency,
    emergencies,
    serving,
  } = known
  const { policy } = known
  const stopped = checksRefusal(serviceEnvironment, known)
  if (stopped) return { refused: stopped }
  const checked = withRedCommit(known)
  const freeze = currentFreeze(settings, serviceEnvironment, clock())
  const isRaised = effectOf(freeze, checked) === 'raised'
  const election = {
    policy: isRaised ? underFreeze(checked.policy, freeze) : checked.policy,
    requester,
    subject,
    environment: serviceEnvironment.environment,
  }
  const eligibleApprovers = await outside.people.eligibleApprovers(
    policy.approvers,
    eligibleApproversAsk(election),
  )
  const nobody = unsatisfiable(election, eligibleApprovers)
  if (nobody) return { refused: isRaised ? becauseFrozen(nobody, freeze) : tooFewForRed(nobody, known) }
  return {
    request: {
      id: known.id,
      service: serviceEnvironment.service,
      environment: serviceEnvironment.environment,
      targets: targetsOf(serviceEnvironment),
      subject,
      ...(facts && { facts }),
      requester,
      channel: serviceEnvironment.channel,
      policy,
      ...(checksRule && { checksRule }),
      waitMs,
      emergency,
      emergencies,
      deadlines: serviceEnvironment.deadlines,
      settleMs: settings.polling.settleMs,
      notify: serviceEnvironment.notify,
      containers: serviceEnvironment.containers,
      ...(serviceEnvironment.commitFrom && { commitFrom: serviceEnvironment.commitFrom }),
      migration: serviceEnvironment.migration
        ? { ...serviceEnvironment.migration, region: serviceEnvironment.region }
        : null,
      serving,
      eligible: eligibleApprovers.persons,
    },
  }
}

/** ARNs of the revisions that releases of twokey deployed there successfully. */
async function ranWellHere(
  store: Store,
  { service, environment }: ServiceEnvironment,
): Promise<readonly string[]> {
  const releases = await store.history({ service, environment, ended: true, limit: 100 })
  return releases.flatMap(({ stage, tracks }) =>
    stage.at === 'ended' && stage.outcome === 'succeeded'
      ? tracks.rollouts.flatMap(({ seen }) => (seen ? [seen.revision.arn] : []))
      : [],
  )
}
