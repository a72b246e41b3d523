import { isRecord } from './blocks/check.ts'
import { checkOptions } from './blocks.ts'
import {
  type Control,
  choiceAction,
  clickAction,
  controlsOf,
  findControl,
  matchesControl,
} from './controls.ts'
import type { Deliver, Outgoing } from './delivery.ts'
import type { Channel, Message, User, View } from './entities.ts'
import type { Events } from './events.ts'
import { chosenValue, inputsOf, isFilled } from './inputs.ts'
import { afterCommand, afterSubmission, type Outcome, seen } from './outcomes.ts'
import * as payloads from './payloads.ts'
import { encoded } from './typed.ts'
import type { Workspace } from './workspace.ts'

type OnMessage = Control & { readonly channel: string; readonly ts: string }
type OnEphemeral = Control & { readonly ts?: string }
type OnView = Control & { readonly view: string }

/** One person of the workspace, who can do what Slack's clients allow. Everything else throws. */
export type Person = {
  /** Types a line in a channel: `/deploy prod` is a slash command, anything else a message. */
  types(channel: string, line: string): Promise<Outcome>
  /** Replies in the thread of a message. */
  replies(on: { readonly channel: string; readonly ts: string }, line: string): Promise<Outcome>
  /** Clicks a button of a message, and confirms its dialog. */
  clicks(on: OnMessage): Promise<Outcome>
  /** Clicks a button of an ephemeral message of this person: the newest that has the button, unless `ts` names one. */
  clicksEphemeral(on: OnEphemeral): Promise<Outcome>
  /** Clicks a button of an open modal or of the App Home. */
  clicksView(on: OnView): Promise<Outcome>
  /** Chooses from a menu of a message. */
  selects(on: OnMessage & { readonly option: string }): Promise<Outcome>
  /** Chooses from a menu of an ephemeral message of this person. */
  selectsEphemeral(on: OnEphemeral & { readonly option: string }): Promise<Outcome>
  /** Chooses from a menu of an open modal or of the App Home. */
  selectsView(on: OnView & { readonly option: string }): Promise<Outcome>
  /**
   * Types into an `external_select` of a modal, and returns the options that the app offers. Throws if Slack would
   * not show them.
   */
  suggests(on: OnView, typed: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Fills in a modal by action id (or block id) and submits it. */
  submits(view: string, values?: Readonly<Record<string, string | readonly string[]>>): Promise<Outcome>
  /** Closes a modal. */
  closes(view: string): Promise<Outcome>
  /** Opens the app's Home tab. */
  opensHome(): Promise<Outcome>
  /** Sends any payload, to test payloads that no Slack client would send. */
  forges(outgoing: Pick<Outgoing, 'type' | 'payload'>): Promise<Outcome>
}

type Deps = {
  readonly workspace: Workspace
  readonly deliver: Deliver
  readonly events: Events
  /** The server's address. */
  readonly url: string
}

/** The result of an action that Slack does not report to the app. */
const notReported: Outcome = { outcome: 'acknowledged', afterMs: 0 }

/** @param client the window that the person uses: what they open is shown there */
export function person({ workspace, deliver, events, url }: Deps, id: string, client = ''): Person {
  const user = workspace.users.get(id)
  if (!user) throw new Error(`There is no ${id} in the workspace`)
  const source = { workspace, url, user, client }

  const note = (what: string, on: string | null) =>
    workspace.used.push({ user: user.id, what, on, at: workspace.newTs() })

  const act = async (payload: Record<string, unknown>) =>
    seen(await deliver({ type: 'interactive', acceptsResponse: payload.type === 'view_submission', payload }))

  return {
    async types(channelId, line) {
      const channel = placeToWrite(workspace, user, channelId)
      const [, command = '', text = ''] = /^(\/\S+)\s*(.*)$/s.exec(line) ?? []
      if (command === '') {
        workspace.post({ channel: channel.id, user: user.id, text: encoded(line), blocks: [] })
        return notReported
      }
      checkCommand(workspace, user, command)
      note(line, null)
      const payload = payloads.slashCommand(source, { channel, command, text })
      const delivered = await deliver({ type: 'slash_commands', acceptsResponse: true, payload })
      return afterCommand(workspace, { user, channel, command }, delivered)
    },
    async replies({ channel, ts }, line) {
      const parent = messageToUse(workspace, user, channel, ts)
      const threadTs = parent.threadTs ?? parent.ts
      workspace.post({ channel, user: user.id, text: encoded(line), blocks: [], threadTs })
      return notReported
    },
    async clicks({ channel, ts, ...control }) {
      const message = messageToUse(workspace, user, channel, ts)
      const action = clickAction(message.blocks, control)
      note(labelOf(action), ts)
      return act(payloads.messageAction(source, message, action))
    },
    async clicksEphemeral(on) {
      const ephemeral = ephemeralWith(workspace, user, on)
      return act(payloads.ephemeralAction(source, ephemeral, clickAction(ephemeral.blocks, on)))
    },
    async clicksView({ view: viewId, ...control }) {
      const view = viewToUse(source, viewId)
      return act(payloads.viewAction(source, view, clickAction(view.blocks, control)))
    },
    async selects({ channel, ts, option: chosen, ...control }) {
      const message = messageToUse(workspace, user, channel, ts)
      const blocks = workspace.offers.in(message.blocks, user.id)
      return act(payloads.messageAction(source, message, choiceAction(blocks, control, chosen)))
    },
    async selectsEphemeral({ option: chosen, ...on }) {
      const ephemeral = ephemeralWith(workspace, user, on)
      const blocks = workspace.offers.in(ephemeral.blocks, user.id)
      return act(payloads.ephemeralAction(source, ephemeral, choiceAction(blocks, on, chosen)))
    },
    async selectsView({ view: viewId, option: chosen, ...control }) {
      const view = viewToUse(source, viewId)
      const blocks = workspace.offers.in(view.blocks, user.id)
      const { block, element } = findControl(blocks, control)
      const action = choiceAction(blocks, control, chosen)
      const values = { [String(block.block_id)]: { [control.actionId]: chosenValue(element, chosen) } }
      workspace.views.note(view, { values })
      const isSilent = block.type === 'input' && block.dispatch_action !== true
      return isSilent ? notReported : act(payloads.viewAction(source, view, action))
    },
    async suggests({ view: viewId, ...control }, typed) {
      const view = viewToUse(source, viewId)
      const { block, element } = findControl(view.blocks, control)
      const menu = { block: String(block.block_id), action: String(element.action_id) }
      const payload = payloads.blockSuggestion(source, view, { ...menu, value: typed })
      const delivered = await deliver({ type: 'interactive', acceptsResponse: true, payload })
      if (delivered.outcome !== 'acknowledged') return []
      const problems = checkOptions(delivered.response)
      if (problems.length > 0) throw new Error(`Slack refuses these options: ${problems.join('; ')}`)
      return workspace.offers.keep({ ...menu, user: user.id }, delivered.response)
    },
    async submits(viewId, values = {}) {
      const view = viewToUse(source, viewId)
      fillIn(workspace, view, values)
      const payload = payloads.viewSubmission(source, view)
      const delivered = await deliver({ type: 'interactive', acceptsResponse: true, payload })
      return afterSubmission(workspace, view, delivered)
    },
    async closes(viewId) {
      const view = viewToUse(source, viewId)
      workspace.views.close(view)
      if (view.sent.notify_on_close !== true) return notReported
      return act(payloads.viewClosed(source, view))
    },
    async opensHome() {
      const view = workspace.views.home(user.id)
      return seen(
        await events.emit({
          type: 'app_home_opened',
          user: user.id,
          channel: workspace.dm(user.id).id,
          tab: 'home',
          ...(view && { view: { id: view.id, hash: view.hash, type: 'home' } }),
        }),
      )
    },
    async forges({ type, payload }) {
      return seen(await deliver({ type, payload, acceptsResponse: false }))
    },
  }
}

function labelOf({ text }: payloads.Action): string {
  return isRecord(text) ? String(text.text) : ''
}

function placeToWrite(workspace: Workspace, user: User, channelId: string): Channel {
  const channel = workspace.channels.get(channelId)
  if (!channel?.members.has(user.id)) throw new Error(`${user.name} is not in ${channelId}`)
  return channel
}

function checkCommand({ app, team }: Workspace, user: User, command: string): void {
  if (!app.commands.some((known) => known.command === command))
    throw new Error(`${command} is not a command of this workspace`)
  if (user.team !== team && !user.teams?.includes(team)) {
    throw new Error(`${user.name} belongs to another company, where Slack does not offer ${command}`)
  }
}

function messageToUse(workspace: Workspace, user: User, channelId: string, ts: string): Message {
  placeToWrite(workspace, user, channelId)
  const message = workspace.message(channelId, ts)
  if (!message) throw new Error(`There is no message ${ts} in ${channelId}`)
  return message
}

function ephemeralWith(workspace: Workspace, user: User, on: OnEphemeral) {
  const candidates = workspace.ephemerals(user.id).filter(({ ts }) => on.ts === undefined || ts === on.ts)
  const found = candidates.findLast(({ blocks }) =>
    controlsOf(blocks).some((control) => matchesControl(control.element, on)),
  )
  if (!found) throw new Error(`${user.name} has no ephemeral message with ${on.actionId}`)
  return found
}

function viewToUse({ workspace, user, client }: payloads.Source, viewId: string): View {
  const front = workspace.views.open(user.id, client).at(-1)
  const home = workspace.views.home(user.id)
  const view = [front, home].find((candidate) => candidate?.id === viewId)
  if (!view) throw new Error(`${user.name} does not have the view ${viewId} open in front`)
  return view
}

function fillIn(
  workspace: Workspace,
  view: View,
  given: Readonly<Record<string, string | readonly string[]>>,
): void {
  const inputs = inputsOf(workspace.offers.in(view.blocks, view.user))
  for (const [name, value] of Object.entries(given)) {
    const input = inputs.find(({ action, block }) => action === name || block === name)
    if (!input)
      throw new Error(
        `The view has no input ${name}. Its inputs: ${inputs.map(({ action }) => action).join(', ')}`,
      )
    workspace.views.note(view, {
      values: { [input.block]: { [input.action]: chosenValue(input.element, value) } },
    })
  }
  const missing = inputs.filter(
    (input) => !input.optional && !isFilled(view.values[input.block]?.[input.action]),
  )
  if (missing.length > 0)
    throw new Error(`These required inputs are empty: ${missing.map(({ action }) => action).join(', ')}`)
}
