import type { Logger } from 'pino'
import { createRelease } from '../engine/create-release.ts'
import { troubleOf } from '../engine/observe.ts'
import { announceOnce, rejectedBookmark } from '../engine/runs-at-gates.ts'
import { noticedRun, ownerOf } from '../engine/watched-workflows.ts'
import type { Clock } from '../ports/clock.ts'
import type { WaitingAtGate } from '../ports/gates.ts'
import type { Outside } from '../ports/outside.ts'
import { type Checkpoint, Trouble } from '../ports/ports.ts'
import { isSameOnGitHub, type PersonId, type Time } from '../release/names.ts'
import type { GateNotice } from '../release/notice.ts'
import { personWithLogin } from '../release/policy/approval.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release } from '../release/release.ts'
import { literalOnGitHub } from '../release/tracks/gate-comment.ts'
import { laterJobSince } from '../release/tracks/later-job.ts'
import { inParallel } from '../runtime/in-parallel.ts'
import { Loop } from '../runtime/loop.ts'
import { deployWorkflowsOf } from '../settings/deploy-workflows.ts'
import type { Settings } from '../settings/settings.ts'
import { environmentChain, type Store, type Transaction } from '../store/store.ts'
import { PacedTurns } from './paced-turns.ts'
import { prepareGate } from './prepare-gate.ts'
import { type SharedGate, sharedGates } from './shared-gate.ts'
import { UnaskedRuns } from './unasked-runs.ts'

export type GatesDeps = {
  readonly store: Store
  readonly outside: Outside
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Logger
  readonly newId: () => string
  readonly checkpoint: Checkpoint
}

/** Finds runs that wait at the gates of environments, and asks for their approvals. */
export type Gates = {
  /**
   * Looks at the gates of one repository soon, at once if it is urgent. Does nothing for a repository that twokey.yml does
   * not name.
   */
  look(repository: string, how: { readonly isUrgent: boolean }): void
  stop(): Promise<void>
}

/** The shortest pause between two repositories, ms, because they share GitHub's limit with the releases. */
const leastMs = 1_000

/**
 * The shortest pause between two looks at one repository that somebody asked for, ms: most webhooks of a busy repository
 * are about runs that wait at no gate.
 */
const pauses = { urgent: 1_000, other: 10_000 } as const

/**
 * Looks at all repositories, then starts the rounds, one repository a round, so that each is read every `polling.idle` if
 * they are few. In between, a repository is looked at when somebody asks for it.
 */
export function startGates(deps: GatesDeps): Gates {
  const { settings, log } = deps
  const gates = sharedGates(settings.serviceEnvironments)
  const repositories = [...Map.groupBy(gates, ({ repository }) => repository)]
  const { idleMs } = settings.polling
  const paceMs = Math.max(idleMs / Math.max(1, repositories.length), Math.min(idleMs, leastMs))
  const unavailable = new Set<string>()
  const named = new PacedTurns<string>(pauses)
  const unasked = new UnaskedRuns(deps)
  let next = 0
  let dueAt: number | null = null
  const loop = new Loop({
    round,
    onError: { message: 'the look at gates failed', backOffMs: paceMs },
    log,
  })

  async function round(): Promise<number> {
    const now = performance.now()
    if (dueAt === null) {
      await inParallel(repositories, (one) => lookAt(...one))
      dueAt = performance.now() + paceMs
    }
    const due = named.take(now)
    if (due) await lookAtNamed(due)
    else if (now >= dueAt) {
      const one = repositories[next % repositories.length]
      if (!one) return Number.POSITIVE_INFINITY
      next += 1
      await lookAt(...one)
      dueAt = performance.now() + paceMs
    }
    const after = performance.now()
    return Math.min(Math.max(0, dueAt - after), named.waitMs(after))
  }

  /** GitHub's lists lag behind its webhooks, so a repository where a run should wait is looked at twice. */
  async function lookAtNamed({ name, isUrgent }: { name: string; isUrgent: boolean }): Promise<void> {
    const one = repositories.find(([repository]) => isSameOnGitHub(repository, name))
    if (one) await lookAt(...one)
    if (isUrgent) named.ask(name, { isUrgent: false, now: performance.now() })
  }

  async function lookAt(repository: string, there: readonly SharedGate[]): Promise<void> {
    try {
      const environments = there.map(({ environment }) => environment)
      const workflows = deployWorkflowsOf(settings, repository)
      const waiting = await deps.outside.github.waitingRuns({ repository, environments, workflows })
      for (const run of waiting) {
        const gate = there.find(({ environment }) => environment === run.environment)
        if (gate) await tryToMeet(gate, run)
      }
      if (unavailable.delete(repository))
        log.info({ repository }, 'runs that wait at gates can be read again')
    } catch (error) {
      if (!unavailable.has(repository))
        log.warn({ repository, reason: troubleOf(error).reason }, 'cannot read the runs that wait at gates')
      unavailable.add(repository)
    }
  }

  /** What cannot be read for one run keeps no other one waiting. */
  async function tryToMeet(gate: SharedGate, run: WaitingAtGate): Promise<void> {
    try {
      await meet(deps, gate, run)
      unasked.forget(gate, run)
    } catch (error) {
      const refusal = await unasked.note(gate, run, error)
      if (refusal) await tryToReject(gate, run, refusal)
    }
  }

  /** A rejection that GitHub does not take is sent again with the next look. */
  async function tryToReject(gate: SharedGate, run: WaitingAtGate, refusal: Refusal): Promise<void> {
    try {
      await reject(deps, gate, run, refusal)
    } catch (error) {
      const { reason } = troubleOf(error)
      log.warn({ repository: gate.repository, run: run.runId, reason }, 'cannot reject a run at a gate')
    }
  }

  loop.wake()
  return {
    look(repository, { isUrgent }) {
      const name = repository.toLowerCase()
      if (!repositories.some(([known]) => isSameOnGitHub(known, name))) return
      named.ask(name, { isUrgent, now: performance.now() })
      loop.wakeIn(named.waitMs(performance.now()))
    },
    stop: () => loop.stop(),
  }
}

/** Asks for the approvals of a run that waits, once, or rejects it at once. */
async function meet(deps: GatesDeps, gate: SharedGate, run: WaitingAtGate): Promise<void> {
  const { store, clock, settings, checkpoint } = deps
  const sending = (await store.inFlight()).filter(({ stage }) => stage.at === 'sending')
  const [isNew, releases] = await store.transact(async (tx) => [
    await isToBeAsked(tx, run, { sending, now: clock() }),
    await tx.releasesOfRun(run.runId),
  ])
  if (!isNew) return
  const before = { requestedBy: requesterOf(run, releases), since: laterJobAt(run, releases, clock()) }
  const prepared = await prepareGate({ ...deps, store }, gate, run, before)
  if ('refused' in prepared) return reject(deps, gate, run, prepared.refused)
  await checkpoint('before gate committed')
  const refused = await store.transact(async (tx) => {
    if (!(await isToBeAsked(tx, run, { sending, now: clock() }))) return null
    const created = await createRelease(tx, { request: prepared.request, settings, now: clock() })
    return 'refused' in created ? created.refused : null
  })
  await checkpoint('gate committed')
  if (refused) await reject(deps, gate, run, refused)
}

/**
 * Whether no release has asked for the approvals of this run at this gate yet, and it is no run of a release that opens
 * its own gate, or whose dispatch may be about to be answered with it. A later job is asked for where somebody opened the
 * gate on GitHub for the earlier ones.
 */
async function isToBeAsked(
  tx: Transaction,
  run: WaitingAtGate,
  { sending, now }: { readonly sending: readonly Release[]; readonly now: Time },
): Promise<boolean> {
  const releases = await tx.releasesOfRun(run.runId)
  const there = releases.filter((release) => isOf(release, run))
  if (there.some((release) => laterJobSince(release, now) === null)) return false
  return ownerOf(run, releases, sending) !== 'open'
}

/** Since when, by GitHub's clock, a later job of the run waits at this gate; undefined: it waits there for the first time. */
function laterJobAt(run: WaitingAtGate, releases: readonly Release[], now: Time): Time | undefined {
  const since = releases
    .filter((release) => isOf(release, run))
    .flatMap((release) => laterJobSince(release, now) ?? [])
  return since.length === 0 ? undefined : Math.max(...since)
}

/** Who requested the release that started this attempt: on GitHub, twokey did. */
function requesterOf({ attempt }: WaitingAtGate, releases: readonly Release[]): PersonId | null {
  const dispatched = releases.find(
    ({ subject, tracks }) =>
      (subject.kind === 'deploy' || subject.kind === 'rerun') && tracks.run?.attempt === attempt,
  )
  return dispatched?.requester ?? null
}

function isOf({ subject, tracks }: Release, run: WaitingAtGate): boolean {
  if (subject.kind === 'rollback') return false
  const attempt = subject.kind === 'gate' ? subject.run.attempt : tracks.run?.attempt
  return attempt === run.attempt && isSameOnGitHub(subject.githubEnvironment, run.environment)
}

/** Rejects a run that nobody may approve, and says why, once in the channel, and on GitHub until it is done. */
async function reject(
  { store, outside, clock }: GatesDeps,
  gate: SharedGate,
  run: WaitingAtGate,
  refusal: Refusal,
): Promise<void> {
  await announceOnce(store, { bookmark: rejectedBookmark(gate.repository), run }, (tx) =>
    announce(tx, { gate, run, refusal }, clock()),
  )
  const { answer, reason } = await outside.github.reviewGate({
    repository: gate.repository,
    runId: run.runId,
    attempt: run.attempt,
    environment: gate.environment,
    verdict: 'rejected',
    comment: [literalOnGitHub(`${refusal.sentence} ${refusal.next}`), refusal.link?.url ?? '']
      .join(' ')
      .trim(),
    maySend: async () => true,
  })
  if (answer === 'refused')
    throw new Trouble('terminal', `GitHub did not let twokey reject the run: ${reason}`)
}

async function announce(
  tx: Transaction,
  { gate, run, refusal }: { gate: SharedGate; run: WaitingAtGate; refusal: Refusal },
  now: number,
): Promise<void> {
  const [serviceEnvironment] = gate.serviceEnvironments
  if (!serviceEnvironment) return
  const { environment, channel, policy } = serviceEnvironment
  const chain = environmentChain(environment)
  const { workflow, title, login } = run
  const noticed = noticedRun(run)
  const detail = {
    run: noticed,
    title,
    workflow,
    services: gate.serviceEnvironments.map(({ service }) => service),
    by: personWithLogin(policy, login),
    code: refusal.code,
    reason: refusal.sentence,
  }
  const head = await tx.audit(chain, [{ actor: 'twokey', what: 'rejected at the gate', detail }], now)
  const notice: GateNotice = {
    notice: 'rejected-at-gate',
    environment,
    workflow,
    run: noticed,
    refusal: {
      sentence: refusal.sentence,
      next: refusal.next,
      ...(refusal.link && { link: refusal.link }),
    },
  }
  await tx.announce(channel, { notice, chain, head }, now)
}
