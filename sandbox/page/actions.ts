import { z } from 'zod'
import type { Sandbox } from '../sandbox.ts'
import type { Client } from '../slack/entities.ts'
import type { Outcome } from '../slack/outcomes.ts'
import { type BotState, troubleNames } from './shown.ts'
import { setTrouble } from './troubles.ts'

/** The bot's process. The sandbox knows nothing else about the bot. */
export type BotPort = {
  state(): BotState
  /** Ends it at once, like `kill -9`. */
  kill(): void
  start(): Promise<void>
}

const text = z.string().max(40_000)
const control = { actionId: text, value: text.optional() }
const onMessage = { ts: text, ...control }
const onView = { view: text, ...control }
const values = z.record(z.string(), z.union([text, z.array(text)]))

/** An action of a visitor as a person of the channel. */
export const personAction = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('type'), line: text }),
  z.strictObject({ do: z.literal('reply'), ts: text, line: text }),
  z.strictObject({ do: z.literal('click'), ...onMessage }),
  z.strictObject({ do: z.literal('select'), ...onMessage, option: text }),
  z.strictObject({ do: z.literal('click-ephemeral'), ...onMessage }),
  z.strictObject({ do: z.literal('select-ephemeral'), ...onMessage, option: text }),
  z.strictObject({ do: z.literal('click-view'), ...onView }),
  z.strictObject({ do: z.literal('select-view'), ...onView, option: text }),
  z.strictObject({ do: z.literal('submit'), view: text, values }),
  z.strictObject({ do: z.literal('close'), view: text }),
  z.strictObject({ do: z.literal('open-home') }),
  z.strictObject({ do: z.literal('suggest'), ...onView, typed: text }),
])
export type PersonAction = z.infer<typeof personAction>

/** An action of a visitor on GitHub, AWS, Slack's connections or the bot. */
export const worldAction = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('trouble'),
    name: z.enum(troubleNames),
    next: z.enum(['fails', 'works']),
  }),
  z.strictObject({ do: z.literal('push'), branch: z.enum(['main', 'develop']) }),
  z.strictObject({ do: z.literal('drop-sockets') }),
  z.strictObject({ do: z.literal('kill-bot') }),
  z.strictObject({ do: z.literal('start-bot') }),
])
export type WorldAction = z.infer<typeof worldAction>

export type Suggested = { readonly options: readonly Readonly<Record<string, unknown>>[] }

/** Performs the action. @throws if Slack would not let this person do it */
export async function actAs(
  { slack }: Sandbox,
  { user, client, channel }: Client & { readonly channel: string },
  action: PersonAction,
): Promise<Outcome | Suggested> {
  const person = slack.as(user, client)
  switch (action.do) {
    case 'type':
      return person.types(channel, action.line)
    case 'reply':
      return person.replies({ channel, ts: action.ts }, action.line)
    case 'click':
      return person.clicks({ channel, ...action })
    case 'select':
      return person.selects({ channel, ...action })
    case 'click-ephemeral':
      return person.clicksEphemeral(action)
    case 'select-ephemeral':
      return person.selectsEphemeral(action)
    case 'click-view':
      return person.clicksView(action)
    case 'select-view':
      return person.selectsView(action)
    case 'submit':
      return person.submits(action.view, action.values)
    case 'close':
      return person.closes(action.view)
    case 'open-home':
      return person.opensHome()
    case 'suggest':
      return { options: await person.suggests(action, action.typed) }
  }
}

/** The commits that visitors push, in this order. None of the authors may approve, so each of the approvers can. */
const commits = [
  { message: 'Sort tags by name', author: 'Eli' },
  { message: 'Say when a post was edited', author: 'Ana' },
  { message: 'Resize pictures on upload', author: 'Ana' },
  { message: 'Answer 410 for deleted posts', author: 'Eli' },
  { message: 'Index posts by author', author: 'Ana' },
]

/** Performs an action on GitHub, AWS, Slack's connections or the bot's process. */
export async function changeWorld(sandbox: Sandbox, bot: BotPort, action: WorldAction): Promise<void> {
  const { github, slack } = sandbox
  switch (action.do) {
    case 'trouble':
      return setTrouble(sandbox, action.name, action.next)
    case 'push': {
      const pushed = github.world.repository().git.commits.size
      const { message, author } = commits[pushed % commits.length]!
      const sha = github.world.push(action.branch, { message: `${message} (#${120 + pushed})`, author })
      github.world.check(sha, { name: 'test', conclusion: 'success' })
      return
    }
    case 'drop-sockets':
      return slack.sockets.drop()
    case 'kill-bot':
      return bot.kill()
    case 'start-bot':
      return bot.start()
  }
}
