import type { Channel } from '../entities.ts'
import type { Rate } from '../rates.ts'
import type { Workspace } from '../workspace.ts'

export type Args = Readonly<Record<string, unknown>>

/** One call of a method by the app. */
export type Call = {
  readonly args: Args
  readonly workspace: Workspace
  /** The server's own address, without a slash at the end. */
  readonly url: string
  /** A WebSocket address for one connection. */
  readonly newSocketUrl: () => string
}

/** A supported method of the Web API. */
export type Method = {
  readonly name: string
  readonly token: 'bot' | 'app'
  /** The bot scope it needs; null if it needs none, or if the scope depends on the conversation. */
  readonly scope: string | null
  readonly rate: Rate
  readonly support: 'supported' | 'partial'
  /** Where it differs from Slack. */
  readonly note: string
  /** Returns the fields of the answer beside `ok: true`. @throws {ApiError} */
  readonly execute: (call: Call) => Record<string, unknown>
}

/** An answer with `ok: false`. */
export class ApiError extends Error {
  readonly code: string
  readonly more: Readonly<Record<string, unknown>>

  constructor(code: string, more: Readonly<Record<string, unknown>> = {}) {
    super(code)
    this.code = code
    this.more = more
  }
}

/** `invalid_blocks` and similar errors, with the problems in `response_metadata`. */
export function invalid(code: string, problems: readonly string[]): ApiError {
  return new ApiError(code, {
    errors: problems,
    response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
  })
}

/** A text argument; JSON bodies may contain numbers. */
export function textArg(args: Args, name: string): string | undefined {
  const value = args[name]
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function requiredArg(args: Args, name: string): string {
  const value = textArg(args, name)
  if (value === undefined) {
    throw invalid('invalid_arguments', [`missing required field: ${name} [json-pointer:/${name}]`])
  }
  return value
}

export function flagArg(args: Args, name: string): boolean {
  return ['true', '1', true, 1].includes(args[name] as string | number | boolean)
}

/** An argument that is JSON text in forms and a value in JSON bodies. @throws {ApiError} with this code */
export function jsonArg(args: Args, name: string, code: string): unknown {
  const value = args[name]
  if (typeof value !== 'string') return value
  if (value === '') return undefined
  try {
    return JSON.parse(value)
  } catch (error) {
    throw new ApiError(code, { detail: String(error) })
  }
}

/** A conversation that the app can see. */
export function visibleChannel({ args, workspace }: Call): Channel {
  const channel = workspace.channels.get(textArg(args, 'channel') ?? '')
  const hidden = channel && channel.kind !== 'public' && !channel.members.has(workspace.app.userId)
  if (!channel || hidden) throw new ApiError('channel_not_found')
  return channel
}

/** A conversation that the app is a member of. */
export function joinedChannel(call: Call): Channel {
  const channel = visibleChannel(call)
  if (!channel.members.has(call.workspace.app.userId)) throw new ApiError('not_in_channel')
  return channel
}

/** @throws {ApiError} `missing_scope` */
export function checkScope(workspace: Workspace, needed: string): void {
  const { scopes } = workspace.app
  if (!scopes.includes(needed)) throw new ApiError('missing_scope', { needed, provided: scopes.join(',') })
}
