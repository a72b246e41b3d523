import type { AuditEntry, Effect, ThreadPost } from './effects.ts'
import type { LogPointer } from './log-pointer.ts'
import type { PersonId, Time } from './names.ts'
import type { Release } from './release.ts'
import type { Outcome, Stage } from './stage.ts'
import type { Tracks } from './tracks.ts'

/** The ends that people must act on: announced in the channel, mentioning them. */
const bad: ReadonlySet<Outcome> = new Set<Outcome>([
  'failed',
  'rolled back',
  'rollback failed',
  'stopped',
  'unknown',
])

/** Whether an end is announced in the channel. */
export function isBad(outcome: Outcome): boolean {
  return bad.has(outcome)
}

/** A decision being written: the release as it will be, with what is told, wanted and audited on the way. */
export class Draft {
  release: Release
  readonly effects: Effect[] = []
  readonly audit: AuditEntry[] = []
  readonly now: Time

  constructor(release: Release, now: Time) {
    this.release = release
    this.now = now
  }

  change(part: Partial<Release>): void {
    this.release = { ...this.release, ...part }
  }

  track(part: Partial<Tracks>): void {
    this.change({ tracks: { ...this.release.tracks, ...part } })
  }

  addEffect(effect: Effect): void {
    this.effects.push(effect)
  }

  record(actor: string, what: string, detail: Readonly<Record<string, unknown>> = {}): void {
    this.audit.push({ actor, what, detail })
  }

  /** Tells a story once: a key that was told is not told again. */
  post(key: string, story: ThreadPost, where: 'thread' | 'channel' = 'thread'): void {
    if (this.release.told.includes(key)) return
    this.change({ told: [...this.release.told, key] })
    this.addEffect({ do: 'tell', key, story, where })
  }

  /** Tells a story each time it happens; numbered, since a clock may name the same time twice. */
  postEachTime(name: string, story: ThreadPost, where: 'thread' | 'channel' = 'thread'): void {
    this.post(`${name}-${this.release.told.length}`, story, where)
  }

  /** To another stage: what could not be read in the last one is not held against it. */
  moveTo(stage: Exclude<Stage, { at: 'ended' }>): void {
    this.change({ stage, blind: {} })
    this.record('twokey', `stage ${stage.at}`)
  }

  /** Ends the release: tells it, in the channel where people must act, and audits it. */
  end(
    outcome: Outcome,
    reason: string,
    {
      actor = 'twokey',
      log = null,
      mention: others = [],
      settledBy = null,
    }: {
      actor?: string
      log?: LogPointer | null
      mention?: readonly string[]
      /** Whose word frees its lanes, where the end is `unknown`. */
      settledBy?: PersonId | null
    } = {},
  ): void {
    const { release, now } = this
    this.change({ stage: { at: 'ended', since: now, outcome, reason, settledBy } })
    this.record(actor, `ended ${outcome}`, { reason })
    const mention = isBad(outcome) ? concerned(release, others) : affectedRequester(outcome, actor, release)
    this.postEachTime(
      'ended',
      {
        tell: 'ended',
        outcome,
        reason,
        serving: release.tracks.rollouts.map(({ target, serving }) => ({ target, revision: serving })),
        tookMs: now - release.requestedAt,
        mention,
        log,
      },
      isBad(outcome) ? 'channel' : 'thread',
    )
  }
}

/** Who is mentioned where something went wrong: the requester, those to notify, and others, each once. */
export function concerned(
  { requester, notify }: Pick<Release, 'requester' | 'notify'>,
  others: readonly string[] = [],
): readonly string[] {
  return [...new Set([requester, ...notify, ...others])]
}

/** Who learns of an end that somebody else brought about, or the clock. */
function affectedRequester(outcome: Outcome, actor: string, release: Release): readonly string[] {
  const othersDoing =
    outcome === 'rejected' || outcome === 'cancelled' || outcome === 'expired' || outcome === 'superseded'
  return othersDoing && actor !== release.requester ? [release.requester] : []
}
