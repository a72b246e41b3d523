import { beyondBookmark, unapprovedShape } from '../engine/beyond.ts'
import { troubleOf } from '../engine/observe.ts'
import { lastSentTo, recordServing } from '../engine/unreleased.ts'
import type { StatusAsked } from '../messages/intent.ts'
import type { Brought, Reply, StatusRow, TargetStatus } from '../messages/reply.ts'
import type { Ecs, Serving } from '../ports/ports.ts'
import { whyUnknown } from '../release/carried.ts'
import { lastFailure } from '../release/commit-past.ts'
import { commitSource } from '../release/commit-source.ts'
import { leftServing } from '../release/left-serving.ts'
import { locationOf, type Target, targetName } from '../release/names.ts'
import { awaitsAcknowledgement } from '../release/policy/acknowledgement.ts'
import { approvalVerdict } from '../release/policy/approval-round.ts'
import type { Freeze } from '../release/policy/freeze.ts'
import { type Lock, locksOn } from '../release/policy/lock.ts'
import { environmentUnknownToStatus } from '../release/refusals/asking.ts'
import type { Release } from '../release/release.ts'
import type { RolloutSighting } from '../release/sighting.ts'
import { stateOf } from '../release/state.ts'
import { freezeAt } from '../settings/freeze-times.ts'
import { type ServiceEnvironment, type Settings, targetsOf } from '../settings/settings.ts'
import type { AnswerDeps } from './complete.ts'
import { cardsOf } from './history.ts'

/** How many services and environments a page shows. */
const rowsAPage = 15

type StatusDeps = Pick<AnswerDeps, 'store' | 'outside' | 'settings' | 'gates' | 'deployRole' | 'clock'>

/** How many of the last releases are looked through for one that was sent. */
const lookedThrough = 10

/** What was read of a service environment before it is known whether it is shown. */
type Glance = {
  readonly serviceEnvironment: ServiceEnvironment
  readonly serving: readonly { readonly target: Target; readonly now: Serving }[]
  readonly inFlight: readonly Release[]
  readonly unacknowledged: readonly Release[]
  readonly locks: readonly Lock[]
  readonly freeze: Freeze | null
}

/**
 * The status: what runs in each service environment, since when and by whom, and what is in progress, with what needs a person first. All
 * services are read in few requests; commits only for those on the page.
 */
export async function status(deps: StatusDeps, asked: StatusAsked): Promise<Reply> {
  const { store, outside, settings } = deps
  const serviceEnvironments = settings.serviceEnvironments.filter(
    ({ service, environment }) =>
      (asked.service === null || asked.service === service) &&
      (asked.environment === null || asked.environment === environment),
  )
  if (serviceEnvironments.length === 0) return { reply: 'refusal', refusal: nothingThere(settings, asked) }
  const all = await glances(deps, serviceEnvironments)
  const ordered = all.toSorted((one, other) => need(one) - need(other))
  const lastPage = Math.ceil(ordered.length / rowsAPage) - 1
  const page = Math.min(asked.page, lastPage)
  const shown = ordered.slice(page * rowsAPage, (page + 1) * rowsAPage)
  await Promise.all(
    shown.map(({ serviceEnvironment, serving }) => recordServing(deps, serviceEnvironment, serving)),
  )
  const ended = await store.lastEnded(shown.map(({ serviceEnvironment }) => serviceEnvironment))
  const rows = await Promise.all(shown.map((glance) => row({ ...deps, ecs: outside.ecs }, glance, ended)))
  return {
    reply: 'status',
    asked: { ...asked, page },
    rows,
    span: { first: page * rowsAPage + 1, of: ordered.length },
    pages: {
      previous: page > 0 ? { ...asked, page: page - 1 } : null,
      next: page < lastPage ? { ...asked, page: page + 1 } : null,
    },
    cards: await cardsOf(
      store,
      rows.flatMap(({ inFlight, unacknowledged, lastFailed = [], targets }) => [
        ...[...inFlight, ...unacknowledged].concat(lastFailed),
        ...targets.flatMap((each) => (each.seen === 'yes' && each.drift ? { id: each.drift.release } : [])),
      ]),
    ),
  }
}

async function glances(
  { store, outside, clock }: Pick<StatusDeps, 'store' | 'outside' | 'clock'>,
  serviceEnvironments: readonly ServiceEnvironment[],
): Promise<readonly Glance[]> {
  const targets = serviceEnvironments.flatMap(targetsOf)
  const [inFlight, awake, locks, seen] = await Promise.all([
    store.inFlight(),
    store.awaitingAcknowledgement(),
    store.locks(),
    outside.ecs.serving(targets),
  ])
  const byTarget = new Map(targets.map((target, index) => [targetName(target), seen[index]]))
  return serviceEnvironments.map((serviceEnvironment) => {
    const own = targetsOf(serviceEnvironment)
    const names = own.map(targetName)
    return {
      serviceEnvironment,
      serving: own.map((target) => ({
        target,
        now: byTarget.get(targetName(target)) ?? { seen: 'no', why: 'ECS was not asked' },
      })),
      inFlight: inFlight.filter(
        (release) =>
          isOf(serviceEnvironment, release) ||
          release.targets.some((each) => names.includes(targetName(each))),
      ),
      unacknowledged: awake.filter(
        (release) => awaitsAcknowledgement(release) && isOf(serviceEnvironment, release),
      ),
      locks: locksOn(locks, serviceEnvironment, clock()),
      freeze: freezeAt(serviceEnvironment.freezes, clock()),
    }
  })
}

function isOf({ service, environment }: ServiceEnvironment, release: Release): boolean {
  return release.service === service && release.environment === environment
}

/**
 * The urgency of a row: releases in progress first, then what could not be read, then what is locked or
 * unacknowledged; the rest in the order of the config.
 */
function need({ inFlight, serving, locks, unacknowledged }: Glance): number {
  if (inFlight.length > 0) return 0
  if (serving.some(({ now }) => now.seen === 'no')) return 1
  return locks.length + unacknowledged.length > 0 ? 2 : 3
}

async function row(
  {
    store,
    ecs,
    gates,
    deployRole,
    clock,
  }: { readonly ecs: Ecs } & Pick<StatusDeps, 'gates' | 'deployRole' | 'store' | 'clock'>,
  glance: Glance,
  ended: readonly Release[],
): Promise<StatusRow> {
  const { serviceEnvironment, serving, inFlight, unacknowledged, locks, freeze } = glance
  const { service, environment, policy } = serviceEnvironment
  const past = await store.history({ service, environment, ended: true, limit: lookedThrough })
  const failed = lastFailure(past)
  const gate = gates.gateOf(serviceEnvironment)
  const isShown = failed !== null && !inFlight.some(({ id }) => id === failed.id)
  const ours = [...inFlight.toReversed(), ...ended]
  const unapproved =
    unapprovedShape.safeParse(await store.bookmark(beyondBookmark(serviceEnvironment))).data ?? []
  return {
    service,
    environment,
    targets: await Promise.all(
      serving.map(async ({ target, now }): Promise<TargetStatus> => {
        if (now.seen === 'no') return { target, ...now }
        const { arn, name: revision, since } = now
        const last = await lastSentTo(store, target, clock())
        const left = last && leftServing(last, target)
        const commit = await commitOf(ecs, {
          arn,
          location: locationOf(target),
          source: commitSource(serviceEnvironment),
        })
        return {
          target,
          seen: 'yes',
          revision,
          ...commit,
          since,
          by: broughtBy(ours, target, arn),
          ...(left !== null && left.revision.arn !== arn && { drift: left }),
          unapproved: unapproved.find(
            (change) => change.target === targetName(target) && change.revision === arn,
          ),
        }
      }),
    ),
    ...(isShown && { lastFailed: failed }),
    inFlight,
    unacknowledged,
    locks,
    freeze,
    policy:
      policy.required === 0
        ? { held: 'none' }
        : {
            held: 'detected',
            gate,
            ...(gate.gate === 'twokey' && { role: await deployRole(serviceEnvironment) }),
            at: {
              repository: serviceEnvironment.repository,
              githubEnvironment: serviceEnvironment.githubEnvironment,
            },
            startsOn: gates.startsAt(serviceEnvironment),
          },
  }
}

async function commitOf(ecs: Ecs, ask: Parameters<Ecs['revision']>[0]) {
  try {
    const revision = await ecs.revision(ask)
    return { commit: revision.commit, unread: whyUnknown(revision) }
  } catch (error) {
    return { commit: null, unread: troubleOf(error).reason }
  }
}

/** The newest release that rolled out this revision there. */
function broughtBy(ours: readonly Release[], target: Target, arn: string): Brought | null {
  const isThere = (its: Target, rollout: RolloutSighting | null) =>
    targetName(its) === targetName(target) && rollout?.revision.arn === arn
  const evidenceAfterEnd = ({ tracks }: Release) =>
    (tracks.afterEnd?.rollouts ?? []).findLast(
      ({ target: its, rollout, evidence }) => evidence !== 'time' && isThere(its, rollout),
    )?.evidence
  const release = ours.find(
    (each) =>
      evidenceAfterEnd(each) !== undefined ||
      each.tracks.rollouts.some(({ target: its, seen }) => isThere(its, seen)),
  )
  if (!release) return null
  const evidence = evidenceAfterEnd(release)
  return {
    release: release.id,
    ...(evidence !== undefined && { afterEnd: evidence === 'late' ? 'after its run' : 'in its run' }),
    state: stateOf(release),
    requester: release.requester,
    approvers: approvalVerdict(release).counted.map(({ by }) => by),
  }
}

function nothingThere(settings: Settings, { service, environment }: StatusAsked) {
  const there = settings.serviceEnvironments.filter(
    (serviceEnvironment) => serviceEnvironment.service === service,
  )
  return environmentUnknownToStatus(
    { service, environment },
    there.map((serviceEnvironment) => serviceEnvironment.environment),
  )
}
