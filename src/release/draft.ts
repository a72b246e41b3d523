import type { AuditEntry, Effect, ThreadPost } from './effects.ts'
import type { LogPointer } from './log-pointer.ts'
import type { PersonId, Time } from './names.ts'
import type { Release } from './release.ts'
import type { Outcome, Stage } from './stage.ts'
import type { Tracks } from './tracks.ts'

/** Outcomes that need somebody to act. They are announced in the channel, with mentions. */
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

/** A decision being written: the next release, with its posts, effects and audit rows. */
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

  /** Posts once per key. */
  post(key: string, story: ThreadPost, where: 'thread' | 'channel' = 'thread'): void {
    if (this.release.told.includes(key)) return
    this.change({ told: [...this.release.told, key] })
    this.addEffect({ do: 'tell', key, story, where })
  }

  /** Posts each time. The key is numbered, because the clock may show the same time twice. */
  postEachTime(name: string, story: ThreadPost, where: 'thread' | 'channel' = 'thread'): void {
    this.post(`${name}-${this.release.told.length}`, story, where)
  }

  /** Moves to another stage. Failed looks of the last stage no longer count. */
  moveTo(stage: Exclude<Stage, { at: 'ended' }>): void {
    this.change({ stage, blind: {} })
    this.record('twokey', `stage ${stage.at}`)
  }

  /** Ends the release, with a post (in the channel if somebody must act) and an audit row. */
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
      /** Who settled the release, which frees its lanes after an `unknown` end. */
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

/** People to mention if something went wrong: the requester, those to notify, and others, each once. */
export function concerned(
  { requester, notify }: Pick<Release, 'requester' | 'notify'>,
  others: readonly string[] = [],
): readonly string[] {
  return [...new Set([requester, ...notify, ...others])]
}

/** The requester, who is mentioned if somebody else or the clock ended the release. */
function affectedRequester(outcome: Outcome, actor: string, release: Release): readonly string[] {
  const othersDoing =
    outcome === 'rejected' || outcome === 'cancelled' || outcome === 'expired' || outcome === 'superseded'
  return othersDoing && actor !== release.requester ? [release.requester] : []
}
