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
export const personDeed = z.discriminatedUnion('do', [
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
export type PersonDeed = z.infer<typeof personDeed>

/** An action of a visitor on GitHub, AWS, Slack's connections or the bot. */
export const worldDeed = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('trouble'),
    name: z.enum(troubleNames),
    next: z.enum(['goes wrong', 'goes well']),
  }),
  z.strictObject({ do: z.literal('push'), branch: z.enum(['main', 'develop']) }),
  z.strictObject({ do: z.literal('drop-sockets') }),
  z.strictObject({ do: z.literal('kill-bot') }),
  z.strictObject({ do: z.literal('start-bot') }),
])
export type WorldDeed = z.infer<typeof worldDeed>

export type Suggested = { readonly options: readonly Readonly<Record<string, unknown>>[] }

/** Performs the action. @throws where Slack would not let this person do it */
export async function doAs(
  { slack }: Sandbox,
  { user, client, channel }: Client & { readonly channel: string },
  deed: PersonDeed,
): Promise<Outcome | Suggested> {
  const person = slack.as(user, client)
  switch (deed.do) {
    case 'type':
      return person.types(channel, deed.line)
    case 'reply':
      return person.replies({ channel, ts: deed.ts }, deed.line)
    case 'click':
      return person.clicks({ channel, ...deed })
    case 'select':
      return person.selects({ channel, ...deed })
    case 'click-ephemeral':
      return person.clicksEphemeral(deed)
    case 'select-ephemeral':
      return person.selectsEphemeral(deed)
    case 'click-view':
      return person.clicksView(deed)
    case 'select-view':
      return person.selectsView(deed)
    case 'submit':
      return person.submits(deed.view, deed.values)
    case 'close':
      return person.closes(deed.view)
    case 'open-home':
      return person.opensHome()
    case 'suggest':
      return { options: await person.suggests(deed, deed.typed) }
  }
}

/** The commits that visitors push, in this order. */
const commits = [
  { message: 'Sort tags by name', author: 'Ben' },
  { message: 'Say when a post was edited', author: 'Ana' },
  { message: 'Resize pictures on upload', author: 'Chloe' },
  { message: 'Answer 410 for deleted posts', author: 'Ana' },
  { message: 'Index posts by author', author: 'Ben' },
]

/** Performs an action on GitHub, AWS, Slack's connections or the bot's process. */
export async function doToWorld(sandbox: Sandbox, bot: BotPort, deed: WorldDeed): Promise<void> {
  const { github, slack } = sandbox
  switch (deed.do) {
    case 'trouble':
      return setTrouble(sandbox, deed.name, deed.next)
    case 'push': {
      const pushed = github.world.repository().git.commits.size
      const { message, author } = commits[pushed % commits.length]!
      github.world.push(deed.branch, { message: `${message} (#${120 + pushed})`, author })
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
