import { z } from 'zod'
import { freezeSchema } from './freeze-schema.ts'
import {
  accountOrGroup,
  asCode,
  channel,
  duration,
  keys,
  notYet,
  requesters,
  someTime,
  text,
  trueOrFalse,
} from './values.ts'

/** Defaults of an environment. There is no default for approvals: `required` must be set. */
export const standard = {
  requesters: 'everyone',
  requesterMayApprove: false,
  authorsMayApprove: true,
  expireAfter: '2h',
  wait: '0s',
  externalChannels: false,
  notify: [],
  environmentFrom: 'input',
  checks: 'off',
  deadlines: { run: '60m', rollout: '30m' },
} as const

const approvals = z
  .strictObject({
    required: keys.describe('How many distinct people must approve. There is no default: write 0 for none.'),
    approvers: z
      .array(accountOrGroup)
      .min(1)
      .describe('Who may approve: people and user groups. Guests and bots never may.')
      .meta({ allowed: 'a list of at least one Slack account or user group ID', defaultText: 'none' })
      .optional(),
    requesterMayApprove: trueOrFalse
      .describe('Whether the requester may approve.')
      .meta({ defaultText: asCode(standard.requesterMayApprove) })
      .optional(),
    authorsMayApprove: trueOrFalse
      .describe('Whether authors of the deployed commits may approve.')
      .meta({ defaultText: asCode(standard.authorsMayApprove) })
      .optional(),
    expireAfter: someTime
      .describe('The request expires if approvals are still missing after this time.')
      .meta({ defaultText: asCode(standard.expireAfter) })
      .optional(),
  })
  .describe('The approvals that a deploy needs.')

export const someApprovals = approvals.partial().meta({ allowed: 'any fields of `approvals`' })

/** The schema of an entry of `environments`. */
export const environment = z
  .strictObject({
    branch: text(/^(?![-/]|refs\/)[^\s~^:?*[\\]{1,255}$/, 'the name of a branch, such as main').describe(
      'The branch that is deployed here.',
    ),
    githubEnvironment: text(/^\S(.{0,253}\S)?$/, 'the name of a GitHub environment')
      .describe(
        "The value of the workflow's input `environment`, and the GitHub environment whose gates are read.",
      )
      .meta({ defaultText: "the environment's name" })
      .optional(),
    channel: channel
      .describe('The channel for the cards of this environment.')
      .meta({ defaultText: '`slack.channel`' })
      .optional(),
    aws: z
      .strictObject({
        region: text(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'an AWS region, such as eu-west-1')
          .describe('The region of the ECS services.')
          .meta({ defaultText: '`AWS_REGION`' })
          .optional(),
        roleArn: text(
          /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
          'the ARN of an IAM role, such as arn:aws:iam::123456789012:role/twokey',
        )
          .describe('The role that twokey assumes for the environment, in the account of its ECS services.')
          .meta({ defaultText: "twokey's own credentials" })
          .optional(),
      })
      .describe('The AWS region and role of the environment.')
      .optional(),
    requesters: requesters
      .describe('Who may request a release. Guests and bots never may.')
      .meta({ defaultText: asCode(standard.requesters) })
      .optional(),
    approvals,
    wait: duration
      .describe('How long a deploy waits after the last approval.')
      .meta({ defaultText: asCode(standard.wait) })
      .optional(),
    rollback: z
      .strictObject({
        approvals: someApprovals
          .describe('The approvals that a rollback needs; fields left out are taken from `approvals`.')
          .meta({ defaultText: 'as `approvals`' })
          .optional(),
        wait: duration
          .describe('How long a rollback waits after the last approval.')
          .meta({ defaultText: asCode(standard.wait) })
          .optional(),
      })
      .describe('Requirements for rollbacks.')
      .optional(),
    notify: z
      .array(accountOrGroup)
      .describe('Who is mentioned, besides the requester, when a release ends badly.')
      .meta({ allowed: 'a list of Slack account and user group IDs', defaultText: 'nobody' })
      .optional(),
    deadlines: z
      .strictObject({
        run: someTime
          .describe('How long a workflow run should take at most.')
          .meta({ defaultText: asCode(standard.deadlines.run) })
          .optional(),
        rollout: someTime
          .describe('How long a rollout should take at most.')
          .meta({ defaultText: asCode(standard.deadlines.rollout) })
          .optional(),
      })
      .describe('Reported in the thread when exceeded. They do not end a release.')
      .optional(),
    requires: z
      .array(z.string())
      .describe(
        'Environments where the commit must have succeeded first. Rollbacks and emergency deploys are exempt.',
      )
      .meta({ allowed: 'a list of names under `environments`', defaultText: 'none' })
      .optional(),
    freezes: z
      .array(freezeSchema)
      .describe('Times without deploys, or with more approvals. Rollbacks and emergency deploys are exempt.')
      .meta({ allowed: 'a list of freezes', defaultText: 'none' })
      .optional(),
    emergency: z
      .strictObject({
        requesters: requesters
          .describe('Who may request an emergency deploy.')
          .meta({ defaultText: 'as `requesters`' })
          .optional(),
        approvals: approvals
          .extend({
            required: keys.describe('How many distinct people must approve, no more than usual.'),
          })
          .describe(
            'The approvals that an emergency deploy needs; fields left out are taken from `approvals`.',
          )
          .meta({ allowed: 'any fields of `approvals`, including `required`' }),
        wait: duration
          .describe('How long an emergency deploy waits after the last approval.')
          .meta({ defaultText: asCode(standard.wait) })
          .optional(),
      })
      .describe('What `/deploy … --emergency <reason>` needs; without it, emergency deploys are refused.')
      .optional(),
    checks: z
      .enum(['required', 'off'])
      .describe(
        'Whether the required checks of the commit must have passed. Rollbacks and emergency deploys are exempt.',
      )
      .meta({ allowed: 'required or off', defaultText: asCode(standard.checks) })
      .optional(),
    redCommit: z
      .strictObject({
        approvals: z
          .int()
          .min(1)
          .describe('How many distinct people must approve a commit whose required checks failed.')
          .meta({ allowed: 'a whole number, 1 or greater' }),
      })
      .describe('Lets a commit whose required checks failed be deployed, with this many approvals.')
      .meta({ allowed: '{ approvals: <number> }', defaultText: 'such a commit is refused' })
      .optional(),
    queue: notYet.describe('What happens to a second deploy while one is in progress.').optional(),
    pause: z
      .strictObject({
        approvals: someApprovals
          .describe('The approvals that Continue needs; fields left out are taken from `approvals`.')
          .meta({ defaultText: 'as the release' }),
      })
      .describe('Who may continue a rollout that is paused. An emergency deploy needs its own approvals.')
      .optional(),
    externalChannels: trueOrFalse
      .describe(
        'Whether people may request and approve in channels that are shared with other organizations, if approvals are required.',
      )
      .meta({ defaultText: asCode(standard.externalChannels) })
      .optional(),
  })
  .describe('An environment: the branch that deploys to it, and who approves.')
