import type { DeployForm, RollbackForm } from '../messages/form.ts'
import type { InboxItem } from '../messages/intent.ts'
import type { Reply } from '../messages/reply.ts'
import type { Refusal } from '../release/refusal.ts'
import { formNotOpened } from '../release/refusals/trouble.ts'
import type { Release } from '../release/release.ts'
import { type AnswerDeps, completeInTransaction, completeWithRefusal, completeWithReply } from './complete.ts'
import { servingNow } from './form-source.ts'

/** Opens the form for a deploy. If Slack does not open it, the person gets the answer `otherwise`. */
export async function askWhatToDeploy(
  deps: AnswerDeps,
  item: InboxItem,
  { form, otherwise }: { readonly form: DeployForm; readonly otherwise: Pick<Refusal, 'next'> },
): Promise<void> {
  const { channel } = item.from
  const opened = await deps.forms.open({ trigger: item.id, channel, form })
  if (!opened.opened) return completeWithRefusal(deps, item, formNotOpened(opened.why, otherwise.next))
  await finished(deps, item)
  const { service, environment } = form
  if (opened.view === null || service === null || environment === null) return
  const serving = await servingNow(deps, { service, environment })
  await deps.forms.show(opened.view, { channel, form: { ...form, serving } })
}

/**
 * Opens the form with revisions, and fills it in once they are read. If Slack does not show it, or there is nothing
 * to show, the person gets the usual answer.
 */
export async function askWhichRevision(
  deps: AnswerDeps,
  item: InboxItem,
  { form, look }: { readonly form: RollbackForm; readonly look: () => Promise<Reply> },
): Promise<void> {
  const { channel } = item.from
  const [opened, reply] = await Promise.all([deps.forms.open({ trigger: item.id, channel, form }), look()])
  if (!opened.opened || opened.view === null) return completeWithReply(deps, item, reply)
  if (reply.reply === 'revisions') {
    const shown = await deps.forms.show(opened.view, { channel, form: { ...form, revisions: reply } })
    return shown === 'trouble' ? completeWithReply(deps, item, reply) : finished(deps, item)
  }
  await completeWithReply(deps, item, reply)
  if (reply.reply === 'refusal')
    await deps.forms.show(opened.view, { channel, form: { form: 'refused', refusal: reply.refusal } })
}

/** Asks the person who rejected a release for the reason. It is rejected already, so nothing waits for the answer. */
export async function askWhy(deps: AnswerDeps, click: InboxItem, release: Release): Promise<void> {
  const { id: releaseId, service, environment } = release
  const { channel } = click.from
  const form = { form: 'reason', releaseId, service, environment } as const
  const opened = await deps.forms.open({ trigger: click.id, channel, form })
  if (opened.opened) return
  const sentence = `${service} in ${environment} is rejected. Slack did not open the form for the reason (${opened.why}): write it in the thread of the card.`
  await deps.store.transact((tx) => tx.reply(click.from, { reply: 'done', sentence }, deps.clock()))
}

function finished(deps: AnswerDeps, item: InboxItem): Promise<void> {
  return completeInTransaction(deps, item, async () => null)
}
