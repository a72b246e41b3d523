import type { Blocks, Command, Ephemeral, Message, Notification, Values } from '../slack/entities.ts'

/** What the page is sent, part by part: each under a key of its own, so that only what changed is sent again. */
export type Change = {
  /** The first change of a connection: what was known before is void. */
  readonly anew?: true
  readonly set: Readonly<Record<string, unknown>>
  readonly gone: readonly string[]
}

/** Under `frame`: what hardly ever changes. */
export type Frame = {
  readonly channel: { readonly id: string; readonly name: string }
  readonly app: { readonly name: string; readonly userId: string; readonly commands: readonly Command[] }
  /** Whom a visitor can be: everybody in the channel who is no bot. */
  readonly people: readonly ShownPerson[]
  /** Names by id, of everybody there is or was. */
  readonly users: Readonly<Record<string, string>>
  readonly groups: Readonly<Record<string, { readonly handle: string; readonly members: readonly string[] }>>
  readonly channels: Readonly<Record<string, string>>
}

export type ShownPerson = {
  readonly id: string
  readonly name: string
  /** What Slack says of the account: a guest, of another company, in which groups. */
  readonly about: string
}

/** Under `message:<ts>`, replies too. */
export type ShownMessage = Pick<
  Message,
  'ts' | 'user' | 'text' | 'blocks' | 'attachments' | 'threadTs' | 'broadcast' | 'editedTs'
>

/** Under `ephemeral:<ts>`: of the person whom the visitor is. */
export type ShownEphemeral = Pick<Ephemeral, 'ts' | 'from' | 'threadTs' | 'text' | 'blocks'>

/** Under `told`: who was notified of which post. */
export type Told = readonly Pick<Notification, 'user' | 'ts' | 'why'>[]

/** Under `modal` (the one in front in this tab, or null) and `home`. */
export type ShownView = {
  readonly id: string
  readonly hash: string
  readonly title: string
  readonly submit: string | null
  readonly close: string | null
  readonly blocks: Blocks
  readonly values: Values
  readonly errors: Readonly<Record<string, string>>
  /** Whether another modal lies under it. */
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
  readonly lanes: readonly ShownLane[]
}

/** A deployment of a service: the tasks of one revision. */
export type ShownLane = {
  readonly revision: string
  /** Of the image, short. */
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

/** Under `troubles`: what goes wrong next. */
export type Troubled = Readonly<Record<TroubleName, boolean>>

export const troubleNames = ['migration', 'unhealthy', 'image', 'github'] as const
export type TroubleName = (typeof troubleNames)[number]

/** Under `bot`: of its process. */
export type BotState = 'running' | 'starting' | 'stopped'
