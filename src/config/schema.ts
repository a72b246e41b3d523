import { z } from 'zod'
import { durationMs } from './duration.ts'

/** The words of `/deploy`, which no service or environment may be called. */
const reservedWords = ['status', 'history', 'lock', 'unlock', 'cancel', 'help'] as const

/** What holds for an environment that does not say otherwise. Keys are never assumed: `required` is asked for. */
export const standard = {
  requesters: 'everyone',
  requesterMayApprove: false,
  authorsMayApprove: true,
  expireAfter: '2h',
  wait: '0s',
  notify: [],
  deadlines: { run: '60m', rollout: '30m' },
} as const

// Each kind of value carries `allowed`, the words that problems and docs/configuration.md show for it; a field
// may carry `unlessSaid`, in words too, where its default is not zod's to fill in, since a service may override it.
const asCode = (value: string | boolean) => `\`${value}\``
const text = (pattern: RegExp, allowed: string) => z.string().regex(pattern).meta({ allowed })

const isDuration = (value: string) => durationMs(value) !== undefined
const duration = z
  .string()
  .refine(isDuration)
  .transform((value) => durationMs(value) ?? 0)
  .meta({ allowed: 'a duration up to 720h, such as 250ms, 5s, 10m or 2h' })
const someTime = z
  .string()
  .refine((value) => (durationMs(value) ?? 0) > 0)
  .transform((value) => durationMs(value) ?? 0)
  .meta({ allowed: 'a duration from 1ms to 720h, such as 250ms, 5s, 10m or 2h' })

const trueOrFalse = z.boolean().meta({ allowed: 'true or false' })
const keys = z.int().min(0).meta({ allowed: 'a whole number from 0' })

/** What a name may be, in words. */
export const nameRule = `a name of lower-case letters, digits, - and _, beginning with a letter or digit; not ${reservedWords.join(', ')}`

/** A name of a service or environment, as people type it in commands. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/)
  .refine((value) => !reservedWords.some((word) => word === value))
  .meta({ allowed: nameRule })

const channel = text(/^[CG][A-Z0-9]{2,}$/, 'the ID of a Slack channel, such as C0123ABCD')
const account = text(/^[UW][A-Z0-9]{2,}$/, 'the ID of a Slack account, such as U0123ABCD')
const accountOrGroup = text(
  /^[UWS][A-Z0-9]{2,}$/,
  'the ID of a Slack account (U0123ABCD) or user group (S0123ABCD)',
)
const awsName = (what: string) => text(/^[A-Za-z0-9_-]{1,255}$/, `the name of ${what}, not its ARN`)
const cluster = awsName('an ECS cluster')
const ecsService = awsName('an ECS service')
const notYet = z.never().meta({ allowed: 'nothing yet' })

const atLeastOne = (mapping: object) => Object.keys(mapping).length > 0

const approvals = z
  .strictObject({
    required: keys.describe('How many distinct people must approve. There is no default: say 0 for none.'),
    approvers: z
      .array(accountOrGroup)
      .min(1)
      .describe('Who may approve: people and user groups. Guests and bots never may.')
      .meta({ allowed: 'a list of at least one Slack account or user group ID', unlessSaid: 'none' })
      .optional(),
    requesterMayApprove: trueOrFalse
      .describe('Whether the one who asked may be one of the approvers.')
      .meta({ unlessSaid: asCode(standard.requesterMayApprove) })
      .optional(),
    authorsMayApprove: trueOrFalse
      .describe('Whether the authors of the commits that are shipped may approve.')
      .meta({ unlessSaid: asCode(standard.authorsMayApprove) })
      .optional(),
    expireAfter: someTime
      .describe('After this time without the last approval, the request ends as expired.')
      .meta({ unlessSaid: asCode(standard.expireAfter) })
      .optional(),
  })
  .describe('The keys that a deploy needs.')

const someApprovals = approvals.partial().meta({ allowed: 'any fields of `approvals`' })

const environment = z
  .strictObject({
    branch: text(/^(?![-/]|refs\/)[^\s~^:?*[\\]{1,255}$/, 'the name of a branch, such as main').describe(
      'The branch whose commits ship here.',
    ),
    githubEnvironment: text(/^\S(.{0,253}\S)?$/, 'the name of a GitHub environment')
      .describe(
        "What the workflow's input `environment` gets, and the GitHub environment that gates are looked for in.",
      )
      .meta({ unlessSaid: "the environment's name" })
      .optional(),
    channel: channel
      .describe('Where the cards of this environment go.')
      .meta({ unlessSaid: '`slack.channel`' })
      .optional(),
    aws: z
      .strictObject({
        region: text(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'an AWS region, such as eu-west-1')
          .describe('The region of the ECS services.')
          .meta({ unlessSaid: '`AWS_REGION`' })
          .optional(),
        roleArn: notYet.describe('A role to assume for this environment.').optional(),
      })
      .describe('Where in AWS the environment lives.')
      .optional(),
    requesters: z
      .union([z.literal('everyone'), z.array(accountOrGroup).min(1)])
      .describe('Who may ask for a release. Guests and bots never may.')
      .meta({
        allowed: 'everyone, or a list of at least one Slack account or user group ID',
        unlessSaid: asCode(standard.requesters),
      })
      .optional(),
    approvals,
    wait: duration
      .describe('How long a deploy waits after the last approval.')
      .meta({ unlessSaid: asCode(standard.wait) })
      .optional(),
    rollback: z
      .strictObject({
        approvals: someApprovals
          .describe('The keys that a rollback needs; what is not named here is as in `approvals`.')
          .meta({ unlessSaid: 'as `approvals`' })
          .optional(),
        wait: duration
          .describe('How long a rollback waits after the last approval.')
          .meta({ unlessSaid: asCode(standard.wait) })
          .optional(),
      })
      .describe('What a rollback needs.')
      .optional(),
    notify: z
      .array(accountOrGroup)
      .describe('Who is mentioned when a release ends badly, beside the one who asked.')
      .meta({ allowed: 'a list of Slack account and user group IDs', unlessSaid: 'nobody' })
      .optional(),
    deadlines: z
      .strictObject({
        run: someTime
          .describe('How long a workflow run should take at most.')
          .meta({ unlessSaid: asCode(standard.deadlines.run) })
          .optional(),
        rollout: someTime
          .describe('How long a rollout should take at most.')
          .meta({ unlessSaid: asCode(standard.deadlines.rollout) })
          .optional(),
      })
      .describe('Said in the thread when passed; nothing is ended by them.')
      .optional(),
    requires: notYet.describe('Environments where the commit must have succeeded first.').optional(),
    freezes: notYet.describe('Times in which other approvals hold.').optional(),
    emergency: notYet.describe('Approvals for an emergency.').optional(),
    redCommit: notYet.describe('Approvals for a commit whose checks fail.').optional(),
    externalChannels: notYet.describe('Whether channels shared with other companies may be used.').optional(),
  })
  .describe('An environment: where a branch ships to, and who turns the keys.')

const target = z
  .strictObject({
    cluster: cluster.describe('The cluster.'),
    service: ecsService.describe('The service.'),
  })
  .describe('An ECS service.')

const serviceEnvironment = environment
  .partial()
  .extend({
    cluster: cluster.describe('The cluster of the one ECS service that is updated.').optional(),
    service: ecsService.describe('The name of the one ECS service that is updated.').optional(),
    targets: z
      .array(target)
      .min(1)
      .describe('In place of `cluster` and `service`, where one workflow updates several ECS services.')
      .meta({ allowed: 'a list of at least one { cluster, service }' })
      .optional(),
    approvals: someApprovals.describe('The keys that a deploy of this service needs.').optional(),
  })
  .describe('Where the service runs in this environment, and what it says in place of the environment.')

const service = z
  .strictObject({
    repository: text(
      /^[A-Za-z0-9][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]+$/,
      'a repository on GitHub as owner/name',
    ).describe('Where the code and the deploy workflow are.'),
    workflow: text(
      /^[^/\s]+\.ya?ml$/,
      'the name of a file in .github/workflows, such as deploy.yml',
    ).describe('The workflow that deploys; it must have a `workflow_dispatch` trigger.'),
    containers: z
      .array(awsName('a container'))
      .min(1)
      .describe('The containers of the task definition whose image carries the commit.')
      .meta({ allowed: 'a list of at least one container name' }),
    migration: z
      .strictObject({
        family: awsName('a task definition family').describe('The task definition family of the migration.'),
        cluster: cluster
          .describe('The cluster that it runs in.')
          .meta({ unlessSaid: "the service's" })
          .optional(),
        container: awsName('a container')
          .describe('The container whose exit code counts.')
          .meta({ unlessSaid: 'the only essential one' })
          .optional(),
      })
      .describe('The one-off ECS task that the workflow runs before it updates the service.')
      .optional(),
    environments: z
      .record(z.string(), serviceEnvironment)
      .refine(atLeastOne)
      .describe('Where it ships to, by the names under `environments`.')
      .meta({ allowed: 'a mapping from names of environments, at least one' }),
  })
  .describe('A service.')

const person = z
  .strictObject({
    slack: z
      .array(account)
      .min(1)
      .describe('The Slack accounts of this person, counted as one approver.')
      .meta({ allowed: 'a list of at least one Slack account ID' }),
    github: text(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$/, 'a GitHub login, without @')
      .describe('The GitHub login of this person, by which authors are known.')
      .optional(),
  })
  .describe('A person.')

/** The config file, in the shape in which it is written; what is unknown is refused. */
export const configSchema = z.strictObject({
  slack: z
    .strictObject({ channel: channel.describe('Where cards go whose environment names no other channel.') })
    .describe('The Slack side.'),
  defaults: z
    .strictObject({
      environment: nameSchema
        .meta({ allowed: 'a name under `environments`' })
        .describe('The environment of a `/rollback` that names none.')
        .optional(),
      service: nameSchema
        .meta({ allowed: 'a name under `services`' })
        .describe('The service of a `/deploy` that names none, where there are several.')
        .optional(),
    })
    .describe('What commands mean that leave a name out.')
    .prefault({}),
  polling: z
    .strictObject({
      active: someTime.describe('How often to look while something moves.').prefault('3s'),
      idle: someTime
        .describe('How often to look while a canary bakes, a gate is looked for, or people are awaited.')
        .prefault('30s'),
      settle: someTime
        .describe(
          'How long to look for what should have appeared, before it is called unchanged, unknown or unseen.',
        )
        .prefault('60s'),
    })
    .describe('How often the world outside is looked at.')
    .prefault({}),
  people: z
    .array(person)
    .describe('Accounts that are one person, and their GitHub login.')
    .meta({ allowed: 'a list of { slack, github }' })
    .prefault([]),
  environments: z
    .record(z.string(), environment)
    .refine(atLeastOne)
    .describe('The environments, by name.')
    .meta({ allowed: 'a mapping from names to environments, at least one' }),
  services: z
    .record(z.string(), service)
    .refine(atLeastOne)
    .describe('The services, by name.')
    .meta({ allowed: 'a mapping from names to services, at least one' }),
  events: notYet.describe('A queue of ECS events, so that less is polled.').optional(),
})

/** The file as parsed: durations in ms, what is not said absent. */
export type ConfigFile = z.output<typeof configSchema>

/** The file as written, less what the schema refused: any part may be absent. */
export type Draft = Partially<z.input<typeof configSchema>>

type Partially<T> = T extends readonly (infer Item)[]
  ? readonly (Partially<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partially<T[Key]> }
    : T
