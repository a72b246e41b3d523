import { z } from 'zod'
import { environment } from './environment-schema.ts'
import { eventsSchema } from './events-schema.ts'
import { service } from './service-schema.ts'
import { account, atLeastOne, channel, someTime, text, trueOrFalse, workspace } from './values.ts'

/** The subcommands of `/deploy`, which cannot be names of services or environments. */
const reservedWords = ['status', 'history', 'lock', 'unlock', 'cancel', 'notify', 'doctor', 'help'] as const

/** The rule for names, in words. */
export const nameRule = `a name of lower-case letters, digits, - and _, beginning with a letter or digit; not ${reservedWords.join(', ')}`

/** The name of a service or environment, as people type it in commands. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/)
  .refine((value) => !reservedWords.some((word) => word === value))
  .meta({ allowed: nameRule })

const person = z
  .strictObject({
    slack: z
      .array(account)
      .min(1)
      .describe('The Slack accounts of this person, counted as one approver.')
      .meta({ allowed: 'a list of at least one Slack account ID' }),
    github: text(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$/, 'a GitHub login, without @')
      .describe('The GitHub login of this person, used to recognize authors.')
      .optional(),
  })
  .describe('A person.')

/** The config file as it is written; unknown keys are rejected. */
export const configSchema = z.strictObject({
  slack: z
    .strictObject({
      channel: channel.describe('The channel for cards, unless the environment sets another one.'),
      workspaces: z
        .array(workspace)
        .describe('Other workspaces of the same Enterprise Grid organization whose people count as ours.')
        .meta({ allowed: 'a list of Slack workspace IDs', defaultText: 'none' })
        .optional(),
      readers: z
        .enum(['members', 'everyone'])
        .describe(
          'Who may read status, history, lists and forms: full members of the workspace, or everyone. Other organizations only if `externalChannels` is true.',
        )
        .meta({ allowed: 'members, everyone' })
        .prefault('members'),
      directMessages: z
        .strictObject({
          approvers: trueOrFalse
            .describe(
              'Sends a direct message to up to 10 people who may approve a release, when it needs approvals.',
            )
            .prefault(false),
          requester: trueOrFalse
            .describe('Tells the person who requested a release how it ended.')
            .prefault(false),
        })
        .describe(
          'Direct messages with a link to the card. Whoever types `/deploy notify on` or `/deploy notify off` decides for themselves.',
        )
        .prefault({}),
    })
    .describe('Settings for Slack.'),
  defaults: z
    .strictObject({
      environment: nameSchema
        .meta({ allowed: 'a name under `environments`' })
        .describe('The environment for a `/rollback` without one.')
        .optional(),
      service: nameSchema
        .meta({ allowed: 'a name under `services`' })
        .describe('The service for a `/deploy` without one, if there are several.')
        .optional(),
    })
    .describe('Defaults for names left out of commands.')
    .prefault({}),
  polling: z
    .strictObject({
      active: someTime.describe('How often to poll while something is in progress.').prefault('3s'),
      idle: someTime
        .describe(
          'How often to poll during a bake time, while looking for a gate, or while waiting for people.',
        )
        .prefault('30s'),
      settle: someTime
        .describe(
          'How long to look for something expected before it counts as unchanged, unknown or unavailable.',
        )
        .prefault('60s'),
    })
    .describe('How often GitHub and AWS are polled.')
    .prefault({}),
  people: z
    .array(person)
    .describe('The Slack accounts and the GitHub login of each person.')
    .meta({ allowed: 'a list of { slack, github }' })
    .prefault([]),
  environments: z
    .record(z.string(), environment)
    .refine(atLeastOne)
    .describe('The environments, by name.')
    .meta({ allowed: 'a mapping of environment names to their settings, at least one' }),
  services: z
    .record(z.string(), service)
    .refine(atLeastOne)
    .describe('The services, by name.')
    .meta({ allowed: 'a mapping of service names to their settings, at least one' }),
  events: eventsSchema.prefault([]),
})

/** The file as parsed: durations in ms, unset fields absent. */
export type ConfigFile = z.output<typeof configSchema>

/** The file as written, without what the schema rejected: any part may be absent. */
export type Draft = Partially<z.input<typeof configSchema>>

type Partially<T> = T extends readonly (infer Item)[]
  ? readonly (Partially<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partially<T[Key]> }
    : T
