import { z } from 'zod'
import { durationMs } from './duration.ts'
import { inputValueRule } from './inputs.ts'

// Each kind of value has `allowed`, the words that problems and docs/configuration.md show for it. A field may have
// `defaultText`, the default in words, if zod does not fill in its default because a service may override it.
export const asCode = (value: string | boolean) => `\`${value}\``
export const atLeastOne = (mapping: object) => Object.keys(mapping).length > 0
export const text = (pattern: RegExp, allowed: string) => z.string().regex(pattern).meta({ allowed })

const isDuration = (value: string) => durationMs(value) !== undefined
export const duration = z
  .string()
  .refine(isDuration)
  .transform((value) => durationMs(value) ?? 0)
  .meta({ allowed: 'a duration up to 720h, such as 250ms, 5s, 10m or 2h' })
export const someTime = z
  .string()
  .refine((value) => (durationMs(value) ?? 0) > 0)
  .transform((value) => durationMs(value) ?? 0)
  .meta({ allowed: 'a duration from 1ms to 720h, such as 250ms, 5s, 10m or 2h' })

export const trueOrFalse = z.boolean().meta({ allowed: 'true or false' })
export const keys = z.int().min(0).meta({ allowed: 'a whole number, 0 or greater' })

/** Where people find IDs in Slack. */
const accountId = 'profile → ⋯ → Copy member ID'
const groupId = 'People → User groups → ⋯ → Copy group ID'
const here = (where: string) => ({ where: `In Slack: ${where}.` })

export const channel = text(/^[CG][A-Z0-9]{2,}$/, 'the ID of a Slack channel, such as C0123ABCD').meta(
  here('channel name → About → Channel ID, at the bottom'),
)
export const workspace = text(/^T[A-Z0-9]{2,}$/, 'the ID of a Slack workspace, such as T0123ABCD').meta(
  here('open it in a browser; the ID is in the address, after app.slack.com/client/'),
)
export const account = text(/^[UW][A-Z0-9]{2,}$/, 'the ID of a Slack account, such as U0123ABCD').meta(
  here(accountId),
)
const accountOrGroupId = here(`${accountId}, or ${groupId}`)
export const accountOrGroup = text(
  /^[UWS][A-Z0-9]{2,}$/,
  'the ID of a Slack account (U0123ABCD) or user group (S0123ABCD)',
).meta(accountOrGroupId)
export const awsName = (what: string) => text(/^[A-Za-z0-9_-]{1,255}$/, `the name of ${what}, not its ARN`)
export const cluster = awsName('an ECS cluster')
export const ecsService = awsName('an ECS service')
export const requesters = z.union([z.literal('everyone'), z.array(accountOrGroup).min(1)]).meta({
  allowed: 'everyone, or a list of at least one Slack account or user group ID',
  ...accountOrGroupId,
})
export const inputs = z
  .record(z.string(), z.string().meta({ allowed: inputValueRule }))
  .meta({ allowed: 'a mapping of input names to values' })
export const notYet = z.never().meta({ allowed: 'nothing yet' })
