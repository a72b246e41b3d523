import type { Blocks, Command, Ephemeral, Message, Notification, Values } from '../slack/entities.ts'

/** What is sent to the page, in parts: each part has a key, and only changed parts are sent again. */
export type Change = {
  /** Set in the first change of a connection: the page drops what it had before. */
  readonly isFirst?: true
  readonly set: Readonly<Record<string, unknown>>
  readonly gone: readonly string[]
}

/** Under `frame`: what rarely changes. */
export type Frame = {
  readonly channel: { readonly id: string; readonly name: string }
  readonly app: { readonly name: string; readonly userId: string; readonly commands: readonly Command[] }
  /** The people that a visitor can act as: all members of the channel except bots. */
  readonly people: readonly ShownPerson[]
  /** Names by id, including people who have left. */
  readonly users: Readonly<Record<string, string>>
  readonly groups: Readonly<Record<string, { readonly handle: string; readonly members: readonly string[] }>>
  readonly channels: Readonly<Record<string, string>>
}

export type ShownPerson = {
  readonly id: string
  readonly name: string
  /** The kind of account (guest, other company), and the groups of this person. */
  readonly about: string
}

/** Under `message:<ts>`, replies too. */
export type ShownMessage = Pick<
  Message,
  'ts' | 'user' | 'text' | 'blocks' | 'attachments' | 'threadTs' | 'broadcast' | 'editedTs'
>

/** Under `ephemeral:<ts>`: of the person that the visitor acts as. */
export type ShownEphemeral = Pick<Ephemeral, 'ts' | 'from' | 'threadTs' | 'text' | 'blocks'>

/** Under `notifications`: who was notified of which post. */
export type ShownNotifications = readonly Pick<Notification, 'user' | 'ts' | 'why'>[]

/** Under `modal` (the front modal in this tab, or null) and `home`. */
export type ShownView = {
  readonly id: string
  readonly hash: string
  readonly title: string
  readonly submit: string | null
  readonly close: string | null
  readonly blocks: Blocks
  readonly values: Values
  readonly errors: Readonly<Record<string, string>>
  /** Whether there is another modal below it. */
  readonly isPushed: boolean
}

/** Under `service:<cluster>/<name>`. */
export type ShownService = {
  readonly name: string
  readonly cluster: string
  readonly desired: number
  /** When it was last deployed, ms since the epoch. */
  readonly at: number
  /** The newest service deployment. */
  readonly rollout: { readonly status: string; readonly reason: string | null }
  readonly deployments: readonly ShownDeployment[]
}

/** An entry of `deployments[]`: the tasks of one revision. */
export type ShownDeployment = {
  readonly revision: string
  /** The commit of the image, short. */
  readonly commit: string
  readonly status: 'PRIMARY' | 'ACTIVE' | 'DRAINING'
  readonly state: string
  readonly running: number
  readonly pending: number
  readonly failed: number
  readonly tasks: readonly ShownTask[]
}

export type ShownTask = {
  readonly id: string
  readonly status: string
  readonly isHealthy: boolean
  /** Why it was stopped. */
  readonly reason: string | null
}

/** Under `run:<id>`. */
export type ShownRun = {
  readonly id: number
  readonly number: number
  readonly title: string
  readonly by: string
  readonly sha: string
  readonly branch: string
  readonly createdAt: number
  readonly status: string
  readonly conclusion: string | null
  readonly jobs: readonly (Course & { readonly steps: readonly Course[] })[]
}

export type Course = { readonly name: string; readonly status: string; readonly conclusion: string | null }

/** Under `migration`; null before the first. */
export type ShownMigration = {
  readonly revision: string
  readonly startedBy: string
  readonly status: string
  readonly exitCode: number | null
  readonly createdAt: number
} | null

/** Under `branches`. */
export type ShownBranch = { readonly name: string; readonly sha: string; readonly message: string }

/** Under `troubles`: which failures are queued. */
export type QueuedTroubles = Readonly<Record<TroubleName, boolean>>

export const troubleNames = ['migration', 'unhealthy', 'image', 'github', 'role'] as const
export type TroubleName = (typeof troubleNames)[number]

/** Under `steps`: how far a visitor is with the first steps that the page suggests. */
export type ShownSteps = {
  /** How many of the three are done: requested, approved by one, approved by another. */
  readonly done: number
  /** Who should approve, by id; first those who have. */
  readonly approvers: readonly string[]
  /** Whether the newest release has ended. */
  readonly hasEnded: boolean
}

/** Under `bot`: the state of its process. */
export type BotState = 'running' | 'starting' | 'stopped'
