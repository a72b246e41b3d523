import { isRecord } from './blocks/check.ts'
import { checkBlocks } from './blocks.ts'
import type { ResponseUrl } from './entities.ts'
import type { Workspace } from './workspace.ts'

/** The answer of the endpoint. */
export type Answered = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

const useLimit = 5
const ok: Answered = { status: 200, body: { ok: true } }
const refused = (status: number, error: string): Answered => ({ status, body: { ok: false, error } })

/** Handles a POST of an app to a `response_url`: 5 times within 30 minutes, then refused. */
export function answerResponseUrl(workspace: Workspace, id: string, body: unknown): Answered {
  const target = workspace.responseUrls.get(id)
  if (!target) return refused(404, 'no_such_url')
  if (workspace.now() > target.expiresAt) return refused(404, 'expired_url')
  if (target.uses >= useLimit) return refused(404, 'used_url')
  if (!isRecord(body)) return refused(400, 'invalid_payload')
  target.uses += 1
  if (body.delete_original === true) return removeOriginal(workspace, target)
  const blocks = body.blocks ?? []
  if (checkBlocks(blocks, 'message').length > 0) return refused(400, 'invalid_blocks')
  const content = {
    text: typeof body.text === 'string' ? body.text : '',
    blocks: blocks as readonly unknown[],
  }
  if (content.text === '' && content.blocks.length === 0) return refused(400, 'no_text')
  if (body.replace_original === true) return replaceOriginal(workspace, target, content)
  show(workspace, target, { ...content, publicly: body.response_type === 'in_channel' })
  return ok
}

type Content = { readonly text: string; readonly blocks: readonly unknown[] }

/**
 * Shows an answer to the person alone, or in the channel. Also used for a response that comes with an acknowledgement.
 */
export function show(
  workspace: Workspace,
  target: Pick<ResponseUrl, 'channel' | 'user' | 'source'>,
  { text, blocks, publicly }: Content & { readonly publicly: boolean },
): void {
  const { channel, user } = target
  const threadTs = threadOf(workspace, target)
  if (publicly) workspace.post({ channel, user: workspace.app.userId, text, blocks, threadTs })
  else workspace.whisper({ channel, to: user, from: 'app', text, blocks, threadTs })
}

function threadOf(
  workspace: Workspace,
  { channel, source }: Pick<ResponseUrl, 'channel' | 'source'>,
): string | null {
  switch (source.kind) {
    case 'command':
      return null
    case 'message':
      return workspace.message(channel, source.ts)?.threadTs ?? null
    case 'ephemeral':
      return source.threadTs
  }
}

function replaceOriginal(workspace: Workspace, target: ResponseUrl, content: Content): Answered {
  const { source } = target
  if (source.kind === 'ephemeral') {
    const ephemeral = workspace.ephemerals(target.user).find(({ ts }) => ts === source.ts)
    if (!ephemeral) return refused(404, 'message_not_found')
    workspace.editEphemeral(ephemeral, content)
    return ok
  }
  const message = source.kind === 'message' ? workspace.message(target.channel, source.ts) : undefined
  if (!message) return refused(404, 'message_not_found')
  workspace.edit(message, content)
  return ok
}

function removeOriginal(workspace: Workspace, target: ResponseUrl): Answered {
  const { source } = target
  if (source.kind === 'ephemeral') {
    const ephemeral = workspace.ephemerals(target.user).find(({ ts }) => ts === source.ts)
    if (!ephemeral) return refused(404, 'message_not_found')
    workspace.removeEphemeral(ephemeral)
    return ok
  }
  const message = source.kind === 'message' ? workspace.message(target.channel, source.ts) : undefined
  if (!message) return refused(404, 'message_not_found')
  workspace.remove(message)
  return ok
}
