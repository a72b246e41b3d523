import type { App } from '@slack/bolt'
import { type Forms, shownBy } from '../messages/form.ts'
import type { InboxItem } from '../messages/intent.ts'
import { actionPrefix } from './blocks.ts'
import type { SlackDeps, SlackInput } from './deps.ts'
import { listenToForms } from './form-listeners.ts'
import { notWritten } from './form-words.ts'
import { clickItem, commandItem } from './payloads.ts'

/** The commands of the app, as listed in manifest.yml. */
export const commands = ['/deploy', '/rollback'] as const

type ListenDeps = Required<SlackInput> & Pick<SlackDeps, 'log'> & { readonly forms: Forms }

/** Parses, stores and acknowledges each request, in this order. The inbox worker handles it afterwards. */
export function listen(app: App, deps: ListenDeps): void {
  for (const command of commands)
    app.command(command, async ({ body, context, ack }) => {
      const item = commandItem(command, received(body, context), deps.vocabulary)
      const isKept = await isWritten(item, deps)
      try {
        await (isKept ? ack() : ack({ response_type: 'ephemeral', text: notWritten }))
        await deps.checkpoint(`${nameOf(item)} acknowledged`)
      } finally {
        // A stored request counts, even if its acknowledgement was lost with the connection.
        if (isKept) void beginForm(item, deps)
        deps.signals.changed('inbox')
      }
    })

  app.action(new RegExp(`^${actionPrefix}`), async ({ body, context, ack, respond }) => {
    const item = clickItem(received(body, context))
    const isKept = item === null || (await isWritten(item, deps))
    try {
      await ack()
      if (item) await deps.checkpoint(`${nameOf(item)} acknowledged`)
    } finally {
      deps.signals.changed('inbox')
    }
    if (!isKept) await respond({ response_type: 'ephemeral', replace_original: false, text: notWritten })
  })

  listenToForms(app, { ...deps, isWritten: (item) => isWritten(item, deps) })
}

/**
 * A trigger lives 3 s, so the form is opened before any other work, once twokey knows that the person may read it. The inbox
 * worker later asks for the result.
 */
async function beginForm({ id, asked, from }: InboxItem, { forms, source }: ListenDeps): Promise<void> {
  const form = source.formFor(asked)
  if (form === null || (await source.mayNotRead(from, shownBy(form))) !== null) return
  await forms.open({ trigger: id, channel: from.channel, form })
}

function received(payload: unknown, context: { readonly [key: string]: unknown }) {
  const { envelopeId } = context
  return { payload, envelopeId: typeof envelopeId === 'string' ? envelopeId : undefined, now: Date.now() }
}

async function isWritten(item: InboxItem, { receive, log, checkpoint }: ListenDeps): Promise<boolean> {
  try {
    await checkpoint(`before ${nameOf(item)} received`)
    await receive(item)
    await checkpoint(`${nameOf(item)} received`)
    return true
  } catch (error) {
    log.error({ err: error, asked: item.asked.ask }, 'a request could not be stored')
    return false
  }
}

function nameOf({ asked }: InboxItem): string {
  return asked.ask === 'action' ? asked.action : asked.ask
}
