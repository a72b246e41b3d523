import { z } from 'zod'

/** Settings of a file as texts, expressions perhaps; what is no text, number or boolean is left out. */
export type Texts = Readonly<Record<string, string>>

/** Null: which they are is known only in the run, as where one expression stands for all of them. */
type Settings = Texts | null

/** A step as its file says it, before anything is evaluated. Null: not said. */
export type StepPlan = {
  /** `beside others`: later steps do not wait for it, or those of its group run at the same time. */
  readonly runs: 'in turn' | 'beside others'
  readonly condition: string | null
  readonly uses: string | null
  /** By names in lower case: a runner compares them without case. */
  readonly with: Settings
  readonly run: string | null
  readonly shell: string | null
  readonly workingDirectory: string | null
  /** By names as they are written: case counts on Linux. */
  readonly env: Settings
  /** Keys of a step that neither uses an action nor runs a script, and does something else: a form that twokey does not know. */
  readonly unknown: readonly string[]
}

/** A job as its workflow file says it, before anything is evaluated. */
export type JobPlan = {
  readonly job: string
  readonly needs: readonly string[]
  /** The condition; null: none. */
  readonly condition: string | null
  /** The environment, an expression perhaps; null: none. */
  readonly environment: string | null
  /** The reusable workflow that it calls, and with which inputs; null: it has steps of its own. */
  readonly calls: { readonly workflow: string; readonly with: Readonly<Record<string, unknown>> } | null
  readonly matrix: unknown
  readonly steps: readonly StepPlan[]
  /** Images of the container that it runs in, and of those beside it. An expression may stand for one, or for all with their settings. */
  readonly images: readonly string[]
  /** Where its scripts run, from the workspace; null: there. */
  readonly workingDirectory: string | null
  /** What its scripts are run by that name nothing; null: the runner's own. */
  readonly shell: string | null
  /** Those of the whole workflow included. */
  readonly env: Settings
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const nameable = z.union([text, z.looseObject({ name: text }).transform(({ name }) => name)])
const maybeText = text.nullish().catch(null)
const settings = z
  .unknown()
  .optional()
  .transform((said): Settings => {
    const { data } = z.record(z.string(), z.unknown()).safeParse(said ?? {})
    // A name may be an expression, too, or bring other names with it.
    if (!data || Object.keys(data).some((name) => name.includes('${{'))) return null
    const texts = Object.entries(data).map(([name, value]) => [name, text.safeParse(value).data] as const)
    return Object.fromEntries(texts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  })
const withoutCase = settings.transform(
  (said): Settings =>
    said && Object.fromEntries(Object.entries(said).map(([name, value]) => [name.toLowerCase(), value])),
)
const imaged = z.union([text, z.looseObject({ image: text }).transform(({ image }) => image)])
/** An expression may stand for all of them. */
const images = z.union([
  text.transform((all) => [all]),
  z.record(z.string(), imaged.nullable().catch(null)).transform((each) => Object.values(each)),
])

const stepShape = z
  .looseObject({
    if: maybeText,
    uses: maybeText,
    with: withoutCase,
    run: maybeText,
    shell: maybeText,
    'working-directory': maybeText,
    env: settings,
    background: maybeText,
  })
  .transform(
    (step): StepPlan => ({
      runs: step.background === 'true' ? 'beside others' : 'in turn',
      condition: step.if ?? null,
      uses: step.uses ?? null,
      with: step.with,
      run: step.run ?? null,
      shell: step.shell ?? null,
      workingDirectory: step['working-directory'] ?? null,
      env: step.env,
      unknown: step.uses || step.run ? [] : Object.keys(step).filter((key) => !idleKeys.includes(key)),
    }),
  )

/** What a step may say besides, and those that only wait for another or end it. */
const idleKeys = [
  'name',
  'id',
  'if',
  'with',
  'env',
  'shell',
  'working-directory',
  'background',
  'wait',
  'wait-all',
  'cancel',
  'continue-on-error',
  'timeout-minutes',
]

/** Steps in the order in which they start. Source: docs.github.com, workflow syntax, `background` and `parallel`. */
const stepsShape = z.array(z.unknown()).transform((items) =>
  items.flatMap((item): readonly StepPlan[] => {
    const group = groupShape.safeParse(item).data?.parallel
    return group ? group.flatMap(stepOf).map((step) => ({ ...step, runs: 'beside others' })) : stepOf(item)
  }),
)

const groupShape = z.looseObject({ parallel: z.array(z.unknown()) })

/** What is no step is left out, as GitHub would refuse the file for it. */
function stepOf(item: unknown): readonly StepPlan[] {
  const { data } = stepShape.safeParse(item)
  return data ? [data] : []
}

const defaults = z
  .looseObject({
    run: z.looseObject({ 'working-directory': maybeText, shell: maybeText }).nullish().catch(null),
  })
  .nullish()
  .catch(null)

const jobShape = z.looseObject({
  needs: z.union([text.transform((one) => [one]), z.array(text)]).catch([]),
  if: maybeText,
  environment: nameable.nullish().catch(null),
  uses: maybeText,
  with: z.record(z.string(), z.unknown()).nullish().catch(null),
  strategy: z.looseObject({ matrix: z.unknown().optional() }).nullish().catch(null),
  steps: stepsShape.nullish().catch(null),
  container: imaged.nullish().catch(null),
  services: images.nullish().catch(null),
  defaults,
  env: settings,
})

const workflowShape = z.looseObject({ jobs: z.unknown().optional(), defaults, env: settings })

/** The jobs of a workflow file, as it was parsed; what is no job is left out, as GitHub would refuse the file for it. */
export function jobPlans(workflow: unknown): readonly JobPlan[] {
  const whole = workflowShape.safeParse(workflow).data
  const { data } = z.record(z.string(), z.unknown()).safeParse(whole?.jobs)
  return Object.entries(data ?? {}).flatMap(([job, said]) => {
    const { data: plan } = jobShape.safeParse(said)
    if (!plan) return []
    const [own, common] = [plan.defaults?.run, whole?.defaults?.run]
    return [
      {
        job,
        needs: plan.needs,
        condition: plan.if ?? null,
        environment: plan.environment ?? null,
        calls: plan.uses ? { workflow: plan.uses, with: plan.with ?? {} } : null,
        matrix: plan.strategy?.matrix ?? null,
        steps: plan.steps ?? [],
        images: [plan.container, ...(plan.services ?? [])].filter(
          (image) => image !== null && image !== undefined,
        ),
        workingDirectory: own?.['working-directory'] ?? common?.['working-directory'] ?? null,
        shell: own?.shell ?? common?.shell ?? null,
        env: whole?.env === null || plan.env === null ? null : { ...whole?.env, ...plan.env },
      },
    ]
  })
}

/** What an action runs, by its `action.yml`. Paths are from its folder. */
export type ActionPlan =
  | { readonly runs: 'steps'; readonly steps: readonly StepPlan[] }
  | { readonly runs: 'image'; readonly image: string; readonly files: readonly string[] }
  | { readonly runs: 'files'; readonly files: readonly string[] }

const runsShape = z.looseObject({
  using: text,
  steps: stepsShape.nullish().catch(null),
  image: maybeText,
  main: maybeText,
  pre: maybeText,
  post: maybeText,
  entrypoint: maybeText,
  'pre-entrypoint': maybeText,
  'post-entrypoint': maybeText,
})

/** What an action runs; null: it does not say. Source: docs.github.com, metadata syntax for GitHub Actions, `runs`. */
export function actionPlan(action: unknown): ActionPlan | null {
  const runs = z.looseObject({ runs: runsShape }).safeParse(action).data?.runs
  if (!runs) return null
  const { using, steps, image, ...named } = runs
  if (using === 'composite') return { runs: 'steps', steps: steps ?? [] }
  const files = [
    named.main,
    named.pre,
    named.post,
    named.entrypoint,
    named['pre-entrypoint'],
    named['post-entrypoint'],
  ].filter((file) => file !== null && file !== undefined)
  if (using !== 'docker' || !image) return { runs: 'files', files }
  return image.startsWith('docker://')
    ? { runs: 'image', image, files }
    : { runs: 'files', files: [image, ...files] }
}
