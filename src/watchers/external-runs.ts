import type { Logger } from 'pino'
import { troubleOf } from '../engine/observe.ts'
import { isRejected, rejectedBookmark, runsIn } from '../engine/runs-at-gates.ts'
import {
  type Bookmark,
  bookmarkShape,
  claimants,
  environmentsReached,
  nameOf,
  ownerOf,
  startName,
  type Watched,
  watchedWorkflows,
} from '../engine/watched-workflows.ts'
import type { Clock } from '../ports/clock.ts'
import type { KnownGate } from '../ports/gates.ts'
import type { Checkpoint, GitHub } from '../ports/ports.ts'
import type { Start } from '../ports/start.ts'
import type { Time } from '../release/names.ts'
import type { Release } from '../release/release.ts'
import type { NewerRun } from '../release/sighting.ts'
import { followedAfterEnd } from '../release/stages/ended.ts'
import { Loop } from '../runtime/loop.ts'
import type { ServiceEnvironment, Settings } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { announceRun, announceSuperseded } from './announce-runs.ts'
import { KnownGates } from './known-gates.ts'

export type ExternalRunsDeps = {
  readonly store: Store
  readonly github: Pick<GitHub, 'starts' | 'protection' | 'otherStarts' | 'hasDeployed' | 'newerRun'>
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Logger
  readonly checkpoint: Checkpoint
}

/**
 * Finds runs that people started directly on GitHub and that ask for no approvals, and reports each once: those that twokey
 * cannot block, and those that GitHub cancelled for a newer one before they reached the gate.
 */
export type ExternalRuns = {
  /** The gate of a service environment as last read, without a request. */
  gateOf(serviceEnvironment: Pick<ServiceEnvironment, 'repository' | 'githubEnvironment'>): KnownGate
  /** Events besides a dispatch that start the workflow there, as last read; empty if they were not read. */
  startsAt(
    serviceEnvironment: Pick<ServiceEnvironment, 'repository' | 'workflow' | 'branch'>,
  ): readonly string[]
  stop(): Promise<void>
}

/** The shortest pause between two requests, ms, because hundreds of workflows share GitHub's limit with the releases. */
const leastMs = 1_000

/** How long the triggers of a workflow are cached, ms. */
const triggersMs = 10 * 60_000

/** Starts the rounds, one workflow per round, so that each is read every `polling.idle` if they are few. */
export function startExternalRuns(deps: ExternalRunsDeps): ExternalRuns {
  const { settings, clock, log } = deps
  const watched = watchedWorkflows(settings)
  const gates = new KnownGates(deps)
  const otherStarts = new Map<string, { readonly at: Time; readonly starts: readonly string[] }>()
  const unreadable = new Set<string>()
  /** By workflow, the runs that need no second look. While only these are listed, nothing is read or written. */
  const settled = new Map<string, string>()
  const { idleMs } = settings.polling
  const paceMs = Math.max(idleMs / Math.max(1, watched.length), Math.min(idleMs, leastMs))
  const loop = new Loop({
    round,
    onError: { message: 'the check for runs started on GitHub failed', backOffMs: paceMs },
    log,
  })
  let next = 0

  async function round(): Promise<number> {
    const watch = watched[next % watched.length]
    if (!watch) return Number.POSITIVE_INFINITY
    next += 1
    await look(watch)
    return paceMs
  }

  async function look(watch: Watched): Promise<void> {
    const name = nameOf(watch)
    try {
      for (const serviceEnvironment of watch.serviceEnvironments) {
        await gates.look(serviceEnvironment)
        await lookAtTriggers(serviceEnvironment)
      }
      const starts = await deps.github.starts(watch)
      const listed = starts.map(startName).join()
      if (settled.get(name) !== listed) {
        settled.delete(name)
        if (await classify(watch, starts)) settled.set(name, listed)
      }
      if (unreadable.delete(name)) log.info({ workflow: name }, 'workflow runs from GitHub can be read again')
    } catch (error) {
      if (!unreadable.has(name))
        log.warn({ workflow: name, reason: troubleOf(error).reason }, 'cannot read workflow runs from GitHub')
      unreadable.add(name)
    }
  }

  /** Whether all runs are known now. Those that ended badly without having asked at the gate are read first. */
  async function classify(watch: Watched, starts: readonly Start[]): Promise<boolean> {
    const first = await classifyNewRuns(deps, watch, { starts, isGated, read: new Map() })
    if (first.toRead.length === 0) return first.isSettled
    const read = await readEnded(deps, watch, first.toRead)
    return (await classifyNewRuns(deps, watch, { starts, isGated, read })).isSettled
  }

  /** Whether only twokey lets jobs into the environment: a run asks for its approvals there. */
  function isGated(serviceEnvironment: ServiceEnvironment): boolean {
    return gates.of(serviceEnvironment).gate === 'twokey'
  }

  /** An unreadable file does not prevent the look at runs; a request of a deploy reports it. */
  async function lookAtTriggers({ repository, workflow, branch }: ServiceEnvironment): Promise<void> {
    const name = triggersName({ repository, workflow, branch })
    const known = otherStarts.get(name)
    if (known && clock() - known.at < triggersMs) return
    const starts = await deps.github
      .otherStarts({ repository, workflow, branch })
      .catch(() => known?.starts ?? [])
    otherStarts.set(name, { at: clock(), starts })
  }

  loop.wake()
  return {
    startsAt: (serviceEnvironment) => otherStarts.get(triggersName(serviceEnvironment))?.starts ?? [],
    gateOf: (serviceEnvironment) => gates.of(serviceEnvironment),
    stop: () => loop.stop(),
  }
}

function triggersName({
  repository,
  workflow,
  branch,
}: Pick<ServiceEnvironment, 'repository' | 'workflow' | 'branch'>): string {
  return `${repository}:${workflow}:${branch}`
}

/**
 * What was read of a run that ended badly without having asked at a gate: the GitHub environments to which it has deployed,
 * and the newer run for which GitHub cancelled it.
 */
type EndedRun = { readonly deployed: readonly string[]; readonly newer: NewerRun | null }

async function readEnded(
  { github }: ExternalRunsDeps,
  { repository, workflow, serviceEnvironments }: Watched,
  starts: readonly Start[],
): Promise<ReadonlyMap<string, EndedRun>> {
  const reads = starts.map(async (start): Promise<[string, EndedRun]> => {
    const reached = environmentsReached(start, serviceEnvironments)
    const names = [...new Set(reached.map(({ githubEnvironment }) => githubEnvironment))]
    const { runId, headSha, at, branch, endedAt, conclusion } = start
    const [newer, ...deployed] = await Promise.all([
      conclusion === 'cancelled' ? github.newerRun({ repository, workflow, runId, branch, endedAt }) : null,
      ...names.map((environment) =>
        github.hasDeployed({ repository, runId, headSha, since: at ?? 0, environment }),
      ),
    ])
    return [startName(start), { deployed: names.filter((_, index) => deployed[index]), newer }]
  })
  return new Map(await Promise.all(reads))
}

type Classified = {
  /**
   * Whether each is known now; otherwise one may be a dispatch of ours that is being sent, may still ask at a gate, or is
   * to be read.
   */
  readonly isSettled: boolean
  /** Runs that ended badly: before the gate, or past it without having asked. */
  readonly toRead: readonly Start[]
}

/**
 * Reports new runs that others started, in the transaction that marks them as known.
 * @param starts as the workflow lists them
 * @param read by the name of a start: what was read of runs that ended badly
 */
async function classifyNewRuns(
  { store, clock, checkpoint }: ExternalRunsDeps,
  watch: Watched,
  {
    starts,
    isGated,
    read,
  }: {
    readonly starts: readonly Start[]
    readonly isGated: (serviceEnvironment: ServiceEnvironment) => boolean
    readonly read: ReadonlyMap<string, EndedRun>
  },
): Promise<Classified> {
  const { repository, workflow, serviceEnvironments } = watch
  const sending = (await store.inFlight()).filter((release) => isSending(release, watch))
  const { posted, ...classified } = await store.transact(async (tx) => {
    const before = bookmarkShape.safeParse(await tx.bookmark(nameOf(watch)))
    const known = before.success ? before.data.known : starts.map(startName)
    const since = before.success ? before.data.since : clock()
    const fresh = starts.filter((start) => !known.includes(startName(start)))
    const rejected = runsIn(await tx.bookmark(rejectedBookmark(repository)))
    const open: Start[] = []
    const toRead: Start[] = []
    let count = 0
    for (const start of fresh) {
      const claims = await claimants(tx, start)
      const owner = ownerOf(start, claims, sending)
      for (const release of claims) if (isStartedAgain(start, release)) await tx.wake(release.id, clock())
      if (owner === 'open') open.push(start)
      if (owner !== 'theirs' || !isSince(start, since)) continue
      const reached = environmentsReached(start, serviceEnvironments)
      // A run that was rejected may go on, if an administrator starts its jobs before GitHub takes the rejection.
      const mayAsk = isRejected(rejected, start) || reached.every(isGated)
      const ended = read.get(startName(start))
      const changed = changedBy(start, { reached, mayAsk, ended })
      if (changed === 'open') open.push(start)
      else if (changed === 'to read') toRead.push(start)
      else if (changed.length === 0 && ended?.newer)
        count += await announceSuperseded(
          tx,
          { start, workflow, repository, serviceEnvironments: reached, newer: ended.newer },
          clock(),
        )
      else {
        const news = { start, workflow, repository, serviceEnvironments: changed, isPastGate: mayAsk }
        count += await announceRun(tx, news, clock())
      }
    }
    const bookmark: Bookmark = {
      since,
      known: starts.filter((start) => !open.includes(start) && !toRead.includes(start)).map(startName),
    }
    if (count > 0) await checkpoint('before start committed')
    await tx.setBookmark(nameOf(watch), bookmark)
    return { posted: count, isSettled: open.length === 0 && toRead.length === 0, toRead }
  })
  if (posted > 0) await checkpoint('start committed')
  return classified
}

/**
 * Where a run may have changed something without approvals. One that may ask at a gate is `open` until it ends. If it
 * never asked and ended well, it may have deployed past the gate; if it ended badly, its deployments show that.
 */
function changedBy(
  start: Start,
  {
    reached,
    mayAsk,
    ended,
  }: {
    readonly reached: readonly ServiceEnvironment[]
    readonly mayAsk: boolean
    readonly ended: EndedRun | undefined
  },
): readonly ServiceEnvironment[] | 'open' | 'to read' {
  if (!mayAsk) return reached
  if (!start.isOver) return 'open'
  if (start.conclusion === 'succeeded') return reached
  if (ended === undefined) return 'to read'
  return reached.filter(({ githubEnvironment }) => ended.deployed.includes(githubEnvironment))
}

/** Whether the run is a later attempt of a run that a release followed to its end, so that the release handles it. */
function isStartedAgain({ runId, attempt }: Start, release: Release): boolean {
  const { run } = release.tracks
  return run?.id === runId && run.attempt < attempt && followedAfterEnd(release).includes('again')
}

/** How old a newly listed run may be to be reported, ms: older runs are listed when newer ones are deleted. */
const newsMs = 60 * 60_000

function isSince({ at }: Start, since: Time): boolean {
  return at === null || at >= since - newsMs
}

function isSending({ stage, subject }: Release, { repository, workflow }: Watched): boolean {
  return (
    stage.at === 'sending' &&
    subject.kind !== 'rollback' &&
    subject.repository === repository &&
    subject.workflow === workflow
  )
}
