import type { Generated, GeneratedAlways } from 'kysely'
import type { LanePlace } from '../release/request.ts'
import type { Outcome } from '../release/stage.ts'

/** The tables. Times are ms since the epoch, JSON is text; what is null is not so. */
export type Schema = {
  schema_version: { id: number; version: number }
  release: ReleaseTable
  /** `replaced`: another has taken its place, and it holds the lane beside that one until its own end, and that of its run. */
  lane: { target: string; place: LanePlace | 'replaced'; release_id: string }
  /** Where each release that was sent was sent to, and when by AWS's clock. */
  sent: { release_id: string; target: string; at: number }
  inbox: InboxTable
  card: CardTable
  post: PostTable
  audit: AuditTable
  lock: LockTable
  unreleased: UnreleasedTable
  /** How far something was read that comes again: JSON under a name. */
  bookmark: { name: string; body: string }
}

/** The row is the queue as well. */
type ReleaseTable = {
  id: string
  /** The release, JSON. */
  body: string
  /** How `body` is to be read: see `body.ts`. */
  body_version: number
  service: string
  environment: string
  requester: string
  /** Of the workflow run that is followed. */
  run_id: number | null
  requested_at: number
  ended_at: number | null
  /** How it ended; null before. */
  outcome: Outcome | null
  /** Null while it is parked. */
  wake_at: number | null
  lease_owner: string | null
  lease_until: number | null
  epoch: Generated<number>
  /** The end of the lease, else the wake time. */
  due_at: GeneratedAlways<number | null>
}

type InboxTable = {
  seq: GeneratedAlways<number>
  id: string
  body: string
  received_at: number
  done_at: number | null
}

type CardTable = {
  release_id: string
  channel: string
  ts: string | null
  /** `ts` of the card that this one replaces in its channel; null: there was none. */
  replaces: string | null
  /** Counts the changes of the release that the card shows. */
  version: number
  sent_version: number
  shown: string | null
  sending_since: number | null
  /** Null: Slack shows it as it is. */
  due_at: number | null
  /** The order in which cards came to wait. */
  turn: number
}

type PostTable = {
  id: GeneratedAlways<number>
  /** Null: of no release, an answer to one person alone or a notice. */
  release_id: string | null
  /** Of a story or a notice; null: an answer. */
  key: string | null
  body: string
  at: number
  /** Null: sent, or given up. */
  due_at: number | null
  attempts: Generated<number>
  sending_since: number | null
  ts: string | null
  /** Why it was given up. */
  dropped: string | null
}

/** A lock as long as nobody lifted it. */
type LockTable = {
  environment: string
  /** Empty: the whole environment. */
  service: string
  /** The lock, JSON. */
  body: string
  /** When to look at it next: its end, or to remind of it. */
  due_at: number
}

/** A rollout that no release made. */
type UnreleasedTable = {
  /** The name of the target, and ECS's id of the deployment there. */
  target: string
  deployment: string
  service: string
  environment: string
  /** When it began. */
  at: number
  /** The rollout, JSON. */
  body: string
}

type AuditTable = {
  /** A release's id, or what `environmentChain` names. */
  chain: string
  seq: number
  at: number
  actor: string
  what: string
  detail: string
  prev: string
  hash: string
}
