import type { KnownBlock, ModalView } from '@slack/types'
import type { DeployForm, Form, ReasonForm, RollbackForm, ServingNow } from '../../messages/form.ts'
import type { PastRevision } from '../../ports/ports.ts'
import { context, section } from '../blocks.ts'
import { outside, sentence } from '../escape.ts'
import {
  callback,
  commitLabel,
  commitNote,
  field,
  longestReason,
  menu,
  newestOption,
  option,
  plain,
  routing,
} from '../form-parts.ts'
import { revision } from '../mrkdwn.ts'
import { differenceText } from './difference.ts'

/** Radio buttons can show ten options. */
const revisionsOffered = 10

/** A form as Slack shows it. @param channel where its answer goes */
export function formView(form: Form, channel: string): ModalView {
  switch (form.form) {
    case 'deploy':
      return deployView(form, channel)
    case 'rollback':
      return rollbackView(form, channel)
    case 'reason':
      return reasonView(form, channel)
    case 'refused':
      return modal('Nothing was done', [
        section([sentence(form.refusal.sentence), `*Next:* ${sentence(form.refusal.next)}`]),
      ])
  }
}

function deployView(form: DeployForm, channel: string): ModalView {
  const { services, environments, service, environment, branch } = form
  return {
    ...modal('Deploy', [
      {
        ...field({ block: 'service', label: 'Service', element: menu('service', services, service) }),
        dispatch_action: true,
      },
      {
        ...field({
          block: 'environment',
          label: 'Environment',
          element: menu('environment', environments, environment),
        }),
        dispatch_action: true,
      },
      {
        ...field({
          // Another service environment has another branch, so the choice for the first one is dropped.
          block: `ref:${service ?? ''}:${environment ?? ''}`.slice(0, 255),
          label: 'Version',
          element: { ...menu('ref', null, null), initial_option: newestOption({ branch, commit: null }) },
        }),
        hint: plain('Search by commit title, author, SHA, branch or tag, then choose from the list.', 150),
      },
      context(servingLine(form, form.serving)),
    ]),
    callback_id: callback('deploy'),
    private_metadata: routing({ channel, service, environment }),
    submit: plain('Request deploy', 24),
  }
}

function servingLine({ service, environment }: DeployForm, serving: ServingNow): string {
  const where = `${outside(service ?? '', 60)} in ${outside(environment ?? '', 60)}`
  switch (serving.seen) {
    case 'open':
      return 'Nothing is deployed until the required approvals are in.'
    case 'looking':
      return `Looking up what runs in ${where} …`
    case 'yes':
      return `Runs now, ${where}: ${revision(serving.revision)}`
    case 'no':
      return `twokey could not read what runs in ${where}: ${outside(serving.why, 300)}`
  }
}

function rollbackView({ service, environment, revisions }: RollbackForm, channel: string): ModalView {
  const where = `*${outside(service, 60)}* in *${outside(environment, 60)}*`
  if (revisions === null)
    return modal('Roll back', [section([`Looking up the healthy revisions of ${where} …`])])
  const { serving } = revisions
  const [first, ...more] = revisions.revisions
    .filter(({ revision: { name } }) => name !== serving)
    .slice(0, revisionsOffered)
    .flatMap(revisionOption)
  const now = `Serving now: ${serving === null ? 'not seen' : outside(serving, 80)}.`
  if (first === undefined)
    return modal('Roll back', [
      section([
        `No ${serving === null ? '' : 'other '}revision of ${where} is known to have deployed successfully.`,
      ]),
      context(now),
    ])
  return {
    ...modal('Roll back', [
      section([`Recent healthy revisions of ${where}:`]),
      field({
        block: 'revision',
        label: 'Revision',
        element: { type: 'radio_buttons', action_id: callback('revision'), options: [first, ...more] },
      }),
      context(`${now} Migrations are not reverted. A rollback has its own approvals.`),
    ]),
    callback_id: callback('rollback'),
    private_metadata: routing({ channel, service, environment }),
    submit: plain('Request rollback', 24),
  }
}

/** `blog-api:42 · 61cbaec Show drafts to their authors`, and under it `Chloe · 13 Nov · changes: image`. */
function revisionOption(past: PastRevision) {
  const { name, commit } = past.revision
  const number = Number(name.split(':').at(-1))
  if (!Number.isSafeInteger(number)) return []
  const known = past.commit ? commitLabel(past.commit) : (commit?.slice(0, 7) ?? 'commit not known')
  const note = [
    past.commit ? commitNote(past.commit) : null,
    differenceText(past.difference, 'changes'),
  ].filter((part) => part !== null)
  return [option({ value: String(number), label: `${name} · ${known}`, note: note.join(' · ') })]
}

function reasonView({ releaseId, service, environment }: ReasonForm, channel: string): ModalView {
  return {
    ...modal('Reason for rejecting', [
      section([
        `You rejected the release of *${outside(service, 60)}* to *${outside(environment, 60)}*. The reason is shown on the card.`,
      ]),
      field({
        block: 'reason',
        label: 'Reason',
        element: {
          type: 'plain_text_input',
          action_id: callback('reason'),
          multiline: true,
          min_length: 1,
          max_length: longestReason,
          focus_on_load: true,
        },
      }),
    ]),
    callback_id: callback('reason'),
    private_metadata: routing({ channel, releaseId }),
    submit: plain('Save reason', 24),
    close: plain('Skip', 24),
  }
}

function modal(title: string, blocks: KnownBlock[]): ModalView {
  return { type: 'modal', title: plain(title, 24), blocks, close: plain('Close', 24) }
}
