import { z } from 'zod'

/**
 * The shape of a workflow file, as strict as GitHub's parser: a key that it does not know makes the file invalid.
 * Source: the workflow syntax reference. Settings that the sandbox reads but does not execute are `unknown`.
 */

const texts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
/** Settings that may also be one expression. */
const textsOrExpression = z.union([texts, z.string()])
const setting = z.union([z.string(), z.number(), z.boolean()])
const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())])
const conditionShape = z.union([z.string(), z.number(), z.boolean()]).transform(String)

/** The maximum number of inputs of one trigger. Source: GitHub's changelog of 4 December 2025. */
export const mostInputs = 25

const inputSettings = {
  description: z.string().optional(),
  deprecationMessage: z.string().optional(),
  required: z.boolean().default(false),
  default: setting.optional(),
}
const dispatchInputShape = z
  .strictObject({
    ...inputSettings,
    type: z.enum(['string', 'boolean', 'number', 'choice', 'environment']).default('string'),
    options: z.array(setting.transform(String)).optional(),
  })
  .nullable()
  .transform((input) => input ?? { type: 'string' as const, required: false })
const callInputShape = z.strictObject({ ...inputSettings, type: z.enum(['string', 'boolean', 'number']) })

const dispatchShape = z
  .object({ inputs: z.record(z.string(), dispatchInputShape).nullish() })
  .nullish()
  .transform((trigger) => ({ inputs: trigger?.inputs ?? {} }))
const callShape = z
  .object({
    inputs: z.record(z.string(), callInputShape).nullish(),
    outputs: z.record(z.string(), z.object({ value: z.string() })).nullish(),
    secrets: z.unknown().optional(),
  })
  .nullish()
  .transform((trigger) => ({ inputs: trigger?.inputs ?? {}, outputs: trigger?.outputs ?? {} }))
const pushShape = z
  .object({
    branches: oneOrMore.optional(),
    'branches-ignore': oneOrMore.optional(),
    tags: oneOrMore.optional(),
    'tags-ignore': oneOrMore.optional(),
  })
  .nullish()
  .transform((trigger) => trigger ?? {})

/** The triggers with their settings: a name, a list, or a map. */
const triggers = z.preprocess(
  (on) => {
    if (typeof on === 'string') return { [on]: null }
    return Array.isArray(on) ? Object.fromEntries(on.map((event) => [event, null])) : on
  },
  z.looseObject({
    workflow_dispatch: dispatchShape.optional(),
    workflow_call: callShape.optional(),
    push: pushShape.optional(),
  }),
)

const stepShape = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: conditionShape.optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  'working-directory': z.string().optional(),
  with: z.record(z.string(), setting.nullable()).nullish(),
  env: textsOrExpression.nullish(),
  'continue-on-error': setting.optional(),
  'timeout-minutes': setting.optional(),
})

const combinations = z.array(z.record(z.string(), z.unknown()))
const matrixShape = z.union([
  z.string(),
  z
    .looseObject({
      include: z.union([combinations, z.string()]).optional(),
      exclude: z.union([combinations, z.string()]).optional(),
    })
    .catchall(z.union([z.array(z.unknown()), z.string()])),
])

const environmentShape = z.union([
  z.string(),
  z.strictObject({ name: z.string(), url: z.string().optional(), deployment: setting.optional() }),
])
const defaultsShape = z.object({ run: z.object({ shell: z.string().optional() }).optional() })

const concurrencyShape = z.union([
  z.string(),
  z.strictObject({ group: z.string(), 'cancel-in-progress': setting.optional(), queue: setting.optional() }),
])

const jobShape = z.strictObject({
  name: z.string().optional(),
  needs: oneOrMore.optional(),
  if: conditionShape.optional(),
  'runs-on': z.unknown().optional(),
  environment: environmentShape.optional(),
  env: textsOrExpression.nullish(),
  outputs: texts.nullish(),
  defaults: defaultsShape.nullish(),
  strategy: z
    .union([
      z.string(),
      z.strictObject({
        matrix: matrixShape.optional(),
        'fail-fast': setting.optional(),
        'max-parallel': setting.optional(),
      }),
    ])
    .optional(),
  steps: z.array(stepShape).optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).nullish(),
  secrets: z.union([z.literal('inherit'), texts]).optional(),
  permissions: z.unknown().optional(),
  concurrency: concurrencyShape.optional(),
  container: z.unknown().optional(),
  services: z.unknown().optional(),
  snapshot: z.unknown().optional(),
  'continue-on-error': setting.optional(),
  'timeout-minutes': setting.optional(),
})

export const fileShape = z.strictObject({
  name: z.string().optional(),
  'run-name': z.string().optional(),
  on: triggers,
  env: textsOrExpression.nullish(),
  defaults: defaultsShape.nullish(),
  permissions: z.unknown().optional(),
  concurrency: concurrencyShape.optional(),
  jobs: z.record(z.string(), jobShape),
})

/** A workflow file, with the settings that the sandbox executes. */
export type WorkflowFile = z.infer<typeof fileShape>
export type JobPlan = z.infer<typeof jobShape>
export type StepPlan = z.infer<typeof stepShape>
export type Input = z.infer<typeof dispatchInputShape>
export type CallInput = z.infer<typeof callInputShape>
