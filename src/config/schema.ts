import { z } from 'zod'
import { freezeSchema } from './freeze-schema.ts'
import {
  account,
  accountOrGroup,
  asCode,
  awsName,
  channel,
  cluster,
  duration,
  ecsService,
  keys,
  notYet,
  requesters,
  someTime,
  text,
  trueOrFalse,
  workspace,
} from './values.ts'

/** The words of `/deploy`, which no service or environment may be called. */
const reservedWords = ['status', 'history', 'lock', 'unlock', 'cancel', 'help'] as const

/** What holds for an environment that does not say otherwise. Keys are never assumed: `required` is asked for. */
export const standard = {
  requesters: 'everyone',
  requesterMayApprove: false,
  authorsMayApprove: true,
  expireAfter: '2h',
  wait: '0s',
  externalChannels: false,
  notify: [],
  deadlines: { run: '60m', rollout: '30m' },
} as const

/** What a name may be, in words. */
export const nameRule = `a name of lower-case letters, digits, - and _, beginning with a letter or digit; not ${reservedWords.join(', ')}`

/** A name of a service or environment, as people type it in commands. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/)
  .refine((value) => !reservedWords.some((word) => word === value))
  .meta({ allowed: nameRule })

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
    requesters: requesters
      .describe('Who may ask for a release. Guests and bots never may.')
      .meta({ unlessSaid: asCode(standard.requesters) })
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
    requires: z
      .array(z.string())
      .describe('Environments where the commit must have succeeded first. Rollbacks and emergencies pass.')
      .meta({ allowed: 'a list of names under `environments`', unlessSaid: 'none' })
      .optional(),
    freezes: z
      .array(freezeSchema)
      .describe('Times without deploys, or with more approvals. Rollbacks and emergencies pass.')
      .meta({ allowed: 'a list of freezes', unlessSaid: 'none' })
      .optional(),
    emergency: z
      .strictObject({
        requesters: requesters
          .describe('Who may ask for an emergency deploy.')
          .meta({ unlessSaid: 'as `requesters`' })
          .optional(),
        approvals: approvals
          .extend({
            required: keys.describe('How many distinct people must approve, no more than usual.'),
          })
          .describe(
            'The keys that an emergency deploy needs; what else is not named here is as in `approvals`.',
          )
          .meta({ allowed: 'any fields of `approvals`, `required` among them' }),
        wait: duration
          .describe('How long an emergency deploy waits after the last approval.')
          .meta({ unlessSaid: asCode(standard.wait) })
          .optional(),
      })
      .describe('What `/deploy … --emergency <reason>` needs; it is refused where this is left out.')
      .optional(),
    redCommit: notYet.describe('Approvals for a commit whose checks fail.').optional(),
    externalChannels: trueOrFalse
      .describe(
        'Whether people may ask and approve in channels that are shared with other organisations, where approvals are needed.',
      )
      .meta({ unlessSaid: asCode(standard.externalChannels) })
      .optional(),
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
    .strictObject({
      channel: channel.describe('Where cards go whose environment names no other channel.'),
      workspaces: z
        .array(workspace)
        .describe('Other workspaces of the same Enterprise Grid organisation whose people count as ours.')
        .meta({ allowed: 'a list of Slack workspace IDs', unlessSaid: 'none' })
        .optional(),
    })
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
