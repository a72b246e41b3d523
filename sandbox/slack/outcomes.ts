import { isRecord } from './blocks/check.ts'
import { checkBlocks, checkView } from './blocks.ts'
import type { Delivered } from './delivery.ts'
import type { Channel, User, View } from './entities.ts'
import { show } from './response-url.ts'
import type { Workspace } from './workspace.ts'

/**
 * The result that a person sees. `timeout` and `dispatch_failed` are Slack's words for an app that did not answer or is
 * not connected; `response_refused`: Slack cannot show what the app answered.
 */
export type Outcome =
  | { readonly outcome: 'acknowledged'; readonly afterMs: number }
  | { readonly outcome: 'response_refused'; readonly problems: readonly string[] }
  | { readonly outcome: 'timeout' }
  | { readonly outcome: 'dispatch_failed'; readonly reason?: string }

/** The result of a delivery as the person sees it. */
export function seen(delivered: Delivered): Outcome {
  return delivered.outcome === 'acknowledged'
    ? { outcome: 'acknowledged', afterMs: delivered.afterMs }
    : delivered
}

/** Slackbot's words for a command that did not reach the app, or was refused by it. */
const commandErrors = {
  none: 'dispatch_failed',
  http_error: 'http_service_error',
  connection_failed: 'http_request_failed',
} as const

type Typed = { readonly user: User; readonly channel: Channel; readonly command: string }

/** The result of a typed command as the person sees it: the answer, or Slackbot's error message. */
export function afterCommand(
  workspace: Workspace,
  { user, channel, command }: Typed,
  delivered: Delivered,
): Outcome {
  const tell = (why: string) => {
    const text = `${command} failed with the error "${why}"`
    workspace.whisper({ channel: channel.id, to: user.id, from: 'slackbot', text, blocks: [] })
  }
  switch (delivered.outcome) {
    case 'timeout':
      tell('operation_timeout')
      return delivered
    case 'dispatch_failed':
      tell(commandErrors[delivered.reason ?? 'none'])
      return delivered
    case 'acknowledged': {
      const { text = '', blocks = [], response_type } = delivered.response
      const problems = checkBlocks(blocks, 'message')
      if (problems.length > 0 || !Array.isArray(blocks)) {
        tell('invalid_command_response')
        return { outcome: 'response_refused', problems }
      }
      if (text !== '' || blocks.length > 0) {
        const target = { channel: channel.id, user: user.id, source: { kind: 'command' } } as const
        show(workspace, target, { text: String(text), blocks, publicly: response_type === 'in_channel' })
      }
      return seen(delivered)
    }
  }
}

/** Applies the answer to a submission to the modal. */
export function afterSubmission(workspace: Workspace, view: View, delivered: Delivered): Outcome {
  if (delivered.outcome !== 'acknowledged') return delivered
  const { response_action, errors, view: next } = delivered.response
  switch (response_action) {
    case undefined:
      workspace.views.close(view)
      return seen(delivered)
    case 'clear':
      workspace.views.clear(view)
      return seen(delivered)
    case 'errors': {
      const blocks = view.blocks.map((block) => block.block_id)
      const strangers = isRecord(errors)
        ? Object.keys(errors).filter((id) => !blocks.includes(id))
        : ['errors']
      if (strangers.length > 0) return { outcome: 'response_refused', problems: strangers }
      workspace.views.note(view, { errors: errors as Record<string, string> })
      return seen(delivered)
    }
    case 'update':
    case 'push': {
      const problems = checkView(next)
      if (problems.length > 0 || !isRecord(next)) return { outcome: 'response_refused', problems }
      if (response_action === 'update') workspace.views.update(view, next)
      else if (!workspace.views.push(view, next)) {
        return { outcome: 'response_refused', problems: ['push_limit_reached'] }
      }
      return seen(delivered)
    }
    default:
      return { outcome: 'response_refused', problems: [`unknown response_action ${response_action}`] }
  }
}
