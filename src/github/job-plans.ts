import { z } from 'zod'

/** Settings of a file as texts, possibly expressions; values other than text, number or boolean are left out. */
export type Texts = Readonly<Record<string, string>>

/** Null: the settings are known only in the run, for example if one expression stands for all of them. */
type Settings = Texts | null

/** A step as written in its file, before anything is evaluated. Null means not set. */
export type StepPlan = {
  readonly name: string | null
  /** `beside others`: later steps do not wait for it, or the steps of its group run at the same time. */
  readonly runs: 'in turn' | 'beside others'
  readonly condition: string | null
  readonly uses: string | null
  /** Keys are lower case: a runner compares them without case. */
  readonly with: Settings
  readonly run: string | null
  readonly shell: string | null
  readonly workingDirectory: string | null
  /** Keys as written: variable names are case-sensitive on Linux. */
  readonly env: Settings
  /** Keys of a step that neither uses an action nor runs a script: a form that twokey does not know. */
  readonly unknown: readonly string[]
}

/** A job as written in its workflow file, before anything is evaluated. */
export type JobPlan = {
  readonly job: string
  readonly needs: readonly string[]
  /** The condition; null if it has none. */
  readonly condition: string | null
  /** The environment, possibly an expression; null if it has none. */
  readonly environment: string | null
  /** The reusable workflow that it calls, with its inputs; null if it has its own steps. */
  readonly calls: { readonly workflow: string; readonly with: Readonly<Record<string, unknown>> } | null
  readonly matrix: unknown
  readonly steps: readonly StepPlan[]
  /** Images of its container and of its services. An expression may stand for one image, or for all with their settings. */
  readonly images: readonly string[]
  /** The working directory of its scripts, relative to the workspace; null means the workspace. */
  readonly workingDirectory: string | null
  /** The shell of scripts that name none; null means the runner's default. */
  readonly shell: string | null
  /** Includes the variables of the whole workflow. */
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
    // A name may also be an expression, or a merge key that adds further names.
    if (!data || Object.keys(data).some((name) => name.includes('${{'))) return null
    const texts = Object.entries(data).map(([name, value]) => [name, text.safeParse(value).data] as const)
    return Object.fromEntries(texts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  })
const withoutCase = settings.transform(
  (said): Settings =>
    said && Object.fromEntries(Object.entries(said).map(([name, value]) => [name.toLowerCase(), value])),
)
const imaged = z.union([text, z.looseObject({ image: text }).transform(({ image }) => image)])
/** One expression may stand for all of them. */
const images = z.union([
  text.transform((all) => [all]),
  z.record(z.string(), imaged.nullable().catch(null)).transform((each) => Object.values(each)),
])

const stepShape = z
  .looseObject({
    name: maybeText,
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
      name: step.name ?? null,
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

/** Keys that every step may have, and those of steps that only wait for another step or end it. */
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

/** Items that are not steps are left out: GitHub would reject the file. */
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

/** The jobs of a parsed workflow file. Items that are not jobs are left out: GitHub would reject the file. */
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

/** What an action runs according to its `action.yml`. Paths are relative to its folder. */
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

/** What an action runs; null if the file does not say. Source: docs.github.com, metadata syntax for GitHub Actions, `runs`. */
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
