import type { Generated, GeneratedAlways } from 'kysely'
import type { DirectChoice } from '../messages/direct.ts'
import type { LanePlace } from '../release/request.ts'
import type { Outcome } from '../release/stage.ts'

/** The tables. Times are ms since the epoch, JSON is text. */
export type Schema = {
  schema_version: { id: number; version: number }
  release: ReleaseTable
  /** `replaced`: another release replaced or joined it, and it still holds the lane until its own end and that of its run. */
  lane: { target: string; place: Exclude<LanePlace, 'later'> | 'replaced'; release_id: string }
  /** The targets that each release was sent to, and when, by AWS's clock. */
  sent: { release_id: string; target: string; at: number }
  /** Whose approvals each release has: not those that were withdrawn or became void. */
  approver: { release_id: string; person: string }
  inbox: InboxTable
  card: CardTable
  post: PostTable
  audit: AuditTable
  lock: LockTable
  unreleased: UnreleasedTable
  /** The name that Slack showed last of each person whose requests and clicks are in the audit log. */
  person: { id: string; name: string; at: number }
  /** What each person chose about direct messages to themselves; a person without a row has not chosen. */
  direct_choice: { person: string; choice: DirectChoice; at: number }
  /** How far something that grows was read: JSON under a name. */
  bookmark: { name: string; body: string }
}

/** The row is also the queue entry. */
type ReleaseTable = {
  id: string
  /** The release, JSON. */
  body: string
  /** The version of `body`: see `body.ts`. */
  body_version: number
  service: string
  environment: string
  requester: string
  /** The workflow run that is followed. */
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
  /** `ts` of the card that this one replaces in its channel; null: none. */
  replaces: string | null
  /** Counts the changes of the release that the card shows. */
  version: number
  sent_version: number
  shown: string | null
  sending_since: number | null
  /** Null: Slack shows the current state. */
  due_at: number | null
  /** The order in which cards became due. */
  turn: number
}

type PostTable = {
  id: GeneratedAlways<number>
  /** Null: not of a release, but an answer to one person or a notice. */
  release_id: string | null
  /** Key of a thread post or a notice; null: an answer. */
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

/** A lock that nobody lifted. */
type LockTable = {
  environment: string
  /** Empty: the whole environment. */
  service: string
  /** The lock, JSON. */
  body: string
  /** When to check it next: at its end, or for a reminder. */
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
  /** A release's id, or a name made by `environmentChain`. */
  chain: string
  seq: number
  at: number
  actor: string
  what: string
  detail: string
  prev: string
  hash: string
}
