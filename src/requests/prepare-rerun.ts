import type { Origin } from '../messages/intent.ts'
import { isOfCommit } from '../release/commit-source.ts'
import { targetName } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import { newerServing, rerunOffBranch, rerunOfOlder, rerunOfOtherConfig } from '../release/refusals/reruns.ts'
import type { Release } from '../release/release.ts'
import type { TargetSighting } from '../release/sighting.ts'
import { clockSkewMs } from '../release/span.ts'
import type { FailedRun, Subject } from '../release/subject.ts'
import { sightingOf } from '../release/tracks/whose-rollout.ts'
import { othersBehindGate, withApprovalsOf } from '../settings/behind-gate.ts'
import {
  currentRules,
  isGateOfOthers,
  type ServiceEnvironment,
  sharingGate,
  targetsOf,
} from '../settings/settings.ts'
import { pastFacts } from './facts.ts'
import {
  basisOf,
  completed,
  judgeCommit,
  lookAtRequester,
  type PrepareDeps,
  type Prepared,
} from './prepare.ts'
import { beforeLook, missingIn, servingOf } from './services-before.ts'
import { asOne, underStrictest } from './shared-gate.ts'

type Rerun = Extract<Subject, { kind: 'rerun' }>

/**
 * Looks up everything that a re-run of failed jobs needs before approvals are requested. It deploys what the failed
 * release did, so it is refused once anything else was deployed there.
 */
export async function prepareRerun(
  deps: PrepareDeps,
  {
    serviceEnvironment: own,
    failed,
    run,
    from,
  }: {
    readonly serviceEnvironment: ServiceEnvironment
    readonly from: Origin
    /** The release whose run is run again. */
    readonly failed: Release
    readonly run: FailedRun
  },
): Promise<Prepared> {
  const subject = rerunOf(failed, run)
  const id = deps.newId()
  const { requesters, policy, waitMs } = own
  const terms = { id, requester: from.user, policy, waitMs }
  const kind = { ...basisOf(deps, own, terms), kind: subject.kind }
  const person = await lookAtRequester(deps, kind, { from, requesters })
  if ('refused' in person) return person
  const served = servedBy(deps, own, { failed, subject, id })
  if ('refused' in served) return served
  const { serviceEnvironment } = served
  const targets = await deps.outside.ecs.before(beforeLook(serviceEnvironment))
  const serving = servingOf(serviceEnvironment, targets)
  if ('refused' in serving) return serving
  const newer = (await sentAfter(deps, failed)) ?? deployedAfter(failed, targets)
  if (newer) return { refused: newer }
  const { repository, branch, workflow, commit } = subject
  const { checks: checksRule } = serviceEnvironment
  const { github } = deps.outside
  const [last, isOnBranch, compared, checks, missing] = await Promise.all([
    github.failedRun({ repository, runId: run.id }),
    github.isOnBranch({ repository, branch, commit: commit.sha }),
    github.changesSince({
      repository,
      commit: commit.sha,
      running: serving.running,
      migrationPaths: serviceEnvironment.migrationPaths,
    }),
    github.checks({ repository, workflow, commit: commit.sha, ...(checksRule && { requiredOn: branch }) }),
    missingIn(deps.outside, serviceEnvironment, serving.primary),
  ])
  if (!isOnBranch) return { refused: rerunOffBranch(failed, { commit: commit.sha, branch }) }
  const { changes } = compared
  const [first] = serving.running
  if (first && changes.known && changes.direction === 'back')
    return { refused: rerunOfOlder(failed, { commit: commit.sha, revision: first.name }) }
  const basis = basisOf(deps, serviceEnvironment, {
    ...terms,
    policy: serviceEnvironment.policy,
    ...(checksRule && { checksRule }),
    waitMs: serviceEnvironment.waitMs,
  })
  const asked = {
    ...basis,
    subject: { ...subject, ...compared, missing },
    serving: serving.running,
    seen: { ...person.seen, failedRun: { seen: true, value: last } },
  } as const
  const judged = await judgeCommit(deps, asked, checks)
  if ('refused' in judged) return judged
  const past = await pastFacts(deps, serviceEnvironment, asked.subject, failed.id)
  return completed(deps, { ...judged, facts: { checks, ...past } })
}

/** What the failed release shipped, to be shipped by its run again. What only its request saw of other runs is left out. */
function rerunOf(failed: Release, run: FailedRun): Rerun {
  const { subject } = failed
  if (subject.kind === 'rollback') throw new Error('a rollback has no run')
  const notes = subject.notes.filter(({ note }) => note !== 'under-way' && note !== 'runs-unavailable')
  return { ...subject, kind: 'rerun', tip: headOf(failed), notes, run }
}

/** The commit that the run started on, which was compared with what was approved. */
function headOf({ tracks }: Release): string {
  const head = tracks.run?.seen?.headSha
  if (head === undefined) throw new Error('a failed run without its head')
  return head
}

/**
 * The service environment that the run deploys to; where its gate is that of several, all of them, under the strictest
 * rules. Refuses if twokey.yml says something else by now.
 */
function servedBy(
  { settings }: Pick<PrepareDeps, 'settings'>,
  serviceEnvironment: ServiceEnvironment,
  { failed, subject, id }: { readonly failed: Release; readonly subject: Rerun; readonly id: string },
): { readonly serviceEnvironment: ServiceEnvironment } | { readonly refused: Refusal } {
  if (currentRules(settings, { ...failed, id, subject, emergency: null }) === null)
    return { refused: rerunOfOtherConfig(failed) }
  const sharing = sharingGate(settings, { ...failed, subject })
  const served = subject.isGateShared
    ? underStrictest(serviceEnvironment, sharing)
    : asOne([serviceEnvironment, ...sharing])
  if ('refused' in served) return served
  const named = targetsOf(served.serviceEnvironment).map(targetName)
  const shipped = failed.targets.map(targetName)
  const isSame = named.length === shipped.length && named.every((name) => shipped.includes(name))
  if (!isSame) return { refused: rerunOfOtherConfig(failed) }
  const others = isGateOfOthers(subject) ? othersBehindGate(settings.serviceEnvironments, subject) : []
  return { serviceEnvironment: withApprovalsOf(served.serviceEnvironment, others) }
}

/** How many releases that were sent to a target are looked through: few are refused in a row. */
const mostSent = 20

/** The refusal if another release was sent to one of the targets since. */
async function sentAfter(
  { store, clock }: Pick<PrepareDeps, 'store' | 'clock'>,
  failed: Release,
): Promise<Refusal | null> {
  for (const target of failed.targets) {
    const until = Math.max(clock(), failed.sentAtAws ?? 0) + clockSkewMs
    const sent = await store.sentTo({ target, until, limit: mostSent })
    const last = sent.find((release) => release.id === failed.id || mayHaveChanged(release))
    if (last && last.id !== failed.id) return newerServing(failed, { release: last.id })
  }
  return null
}

/** Whether what was sent may have started anything; GitHub or ECS may have refused it. */
function mayHaveChanged({ subject, stage, tracks }: Release): boolean {
  const isRefused = stage.at === 'ended' && stage.outcome !== 'unknown'
  return subject.kind === 'rollback' || tracks.run !== null || !isRefused
}

/** The refusal if a target runs, or is about to run, something else than before and after the failed release, and than what it deployed. */
function deployedAfter(
  { tracks, subject, ...at }: Release,
  targets: readonly TargetSighting[],
): Refusal | null {
  if (subject.kind === 'rollback') return null
  const strange = tracks.rollouts.flatMap(({ target, before, serving, seen }) => {
    const sighting = sightingOf(targets, target)
    if (sighting === undefined) return []
    const known = [before?.revision, serving, seen?.revision].map((each) => each?.arn)
    return [sighting.serving, sighting.primary.revision].filter(
      ({ arn, commit }) => !known.includes(arn) && !isOfCommit(commit, subject.commit.sha),
    )
  })
  const [first] = strange
  return first ? newerServing(at, { revision: first.name }) : null
}
