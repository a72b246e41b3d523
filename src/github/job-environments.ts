import { z } from 'zod'
import type { BoundInput, DeclaredInput, JobEnvironment } from '../release/inputs.ts'
import { Allowance } from './allowance.ts'
import { allowance, type Contexts, isNever, type Plain, plainValue, rendered } from './expression.ts'
import type { JobPlan } from './job-plans.ts'

/** How a run is started, as far as expressions can refer to it. */
export type Start = {
  readonly repository: string
  readonly branch: string
  readonly declared: readonly DeclaredInput[]
  readonly inputs: readonly BoundInput[]
}

/** What is known about a run on the branch before it starts, for one look at everything it does. */
export function dispatchContexts({ repository, branch, declared, inputs }: Start): Contexts {
  const texts = Object.fromEntries(
    declared.map(({ name, default: otherwise }) => [
      name,
      inputs.find((input) => input.name === name)?.value ?? otherwise ?? '',
    ]),
  )
  return {
    [allowance]: new Allowance(),
    github: {
      event_name: 'workflow_dispatch',
      ref: `refs/heads/${branch}`,
      ref_name: branch,
      ref_type: 'branch',
      head_ref: '',
      base_ref: '',
      repository,
      repository_owner: repository.split('/')[0],
      event: { inputs: texts, ref: `refs/heads/${branch}` },
    },
    inputs: Object.fromEntries(declared.map(({ name, type }) => [name, typed(type, texts[name] ?? '')])),
  }
}

/**
 * What is known about a run that waits, which twokey did not start. GitHub does not show the inputs of one that somebody
 * dispatched; others have none.
 */
export function startedContexts({
  repository,
  branch,
  event,
  declared,
}: Pick<Start, 'repository' | 'branch'> & {
  /** GitHub's word for what started it. */
  readonly event: string
  /** Names of the inputs that the workflow declares. */
  readonly declared: readonly string[]
}): Contexts {
  const { inputs: _, github, ...rest } = dispatchContexts({ repository, branch, declared: [], inputs: [] })
  const { event: _payload, ...known } = github as Record<string, Plain>
  const none = { inputs: Object.fromEntries(declared.map((name) => [name, null])) }
  return {
    ...rest,
    ...(event !== 'workflow_dispatch' && none),
    github: { ...known, event_name: event },
  } as Contexts
}

function typed(type: DeclaredInput['type'], text: string): Plain {
  if (type === 'boolean') return text === 'true'
  return type === 'number' && text !== '' ? Number(text) : text
}

const callInputs = z.object({
  inputs: z
    .record(
      z.string(),
      z.looseObject({ type: z.string().optional(), default: z.unknown().optional() }).nullish().catch(null),
    )
    .nullish(),
})

/** The inputs of a called workflow: the values it is called with, else the defaults, converted to their types. */
export function calledInputs(
  workflowCall: unknown,
  given: Readonly<Record<string, unknown>>,
  contexts: Contexts,
): Contexts[string] {
  const declared = callInputs.safeParse(workflowCall).data?.inputs ?? {}
  // GitHub compares input names without case.
  const byName = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  return Object.fromEntries(
    Object.entries(declared).map(([name, said]) => {
      const value = byName.get(name.toLowerCase()) ?? said?.default
      return [name, calledValue(value, said?.type, contexts)]
    }),
  )
}

function calledValue(value: unknown, type: string | undefined, contexts: Contexts): Plain | undefined {
  if (value === undefined || value === null || value === '')
    return type === 'boolean' ? false : type === 'number' ? 0 : ''
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'string') return undefined
  if (!value.includes('${{')) return value
  const plain = plainValue(value, contexts)
  if (typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean') return plain
  return rendered(value, contexts) ?? undefined
}

/**
 * The environments in which jobs run.
 * @param jobs without those that are certainly skipped
 */
export function jobEnvironments(jobs: readonly JobPlan[], contexts: Contexts): readonly JobEnvironment[] {
  let combinations = 0
  return jobs
    .filter(({ environment }) => environment !== null)
    .flatMap((plan) => {
      const unknown: JobEnvironment = { job: plan.job, written: plan.environment ?? '', environment: null }
      const rows = plan.matrix === null ? [null] : matrixRows(plan.matrix, contexts)
      combinations += rows?.length ?? 0
      return rows === null || combinations > maxCombinationsInFile
        ? [unknown]
        : environmentsOf(plan, rows, contexts)
    })
}

/** Limit of matrix combinations evaluated in one file; the environments of further jobs are not known. */
const maxCombinationsInFile = 4_000

/** Removes jobs whose condition is false, and jobs that need one of those and have no condition that lets them run anyway. */
export function withoutSkipped(jobs: readonly JobPlan[], contexts: Contexts): readonly JobPlan[] {
  const dependents = Map.groupBy(
    jobs.flatMap((plan) => plan.needs.map((need) => ({ need, plan }))),
    ({ need }) => need,
  )
  const never = jobs.filter(({ condition }) => condition !== null && isNever(condition, contexts))
  const skipped = new Set(never.map(({ job }) => job))
  for (const job of skipped)
    for (const { plan } of dependents.get(job) ?? []) if (!runsAnyway(plan)) skipped.add(plan.job)
  return jobs.filter(({ job }) => !skipped.has(job))
}

function runsAnyway({ condition }: JobPlan): boolean {
  return condition !== null && /\b(always|success|failure|cancelled)\s*\(/i.test(condition)
}

function environmentsOf(
  plan: JobPlan,
  rows: readonly (Row | null)[],
  contexts: Contexts,
): readonly JobEnvironment[] {
  const { job, environment } = plan
  const written = environment ?? ''
  const isIdle = idleIn(plan, rows.length, contexts)
  const found = rows
    .map((row) => (row === null ? contexts : { ...contexts, matrix: row }))
    .filter((all) => !isIdle(all))
    .map((all) => ({ job, written, environment: nameOf(written, all) }))
  return [...new Map(found.map((each) => [each.environment, each])).values()]
}

/** Limit of conditions evaluated for the combinations of one matrix; further ones may be true. */
const maxConditions = 2_000

/**
 * Whether all steps are skipped for a combination, so that the job does nothing there. A condition that does not refer
 * to the matrix is evaluated once.
 */
function idleIn({ steps }: JobPlan, combinations: number, contexts: Contexts): (all: Contexts) => boolean {
  const conditions = [...new Set(steps.map(({ condition }) => condition ?? 'true'))]
  const ofMatrix = conditions.filter((condition) => /matrix/i.test(condition))
  const others = conditions.filter((condition) => !ofMatrix.includes(condition))
  const mayRun =
    steps.length === 0 ||
    ofMatrix.length * combinations > maxConditions ||
    others.some((condition) => !isNever(condition, contexts))
  return (all) => !mayRun && ofMatrix.every((condition) => isNever(condition, all))
}

/** Source: docs.github.com, usage limits: a matrix generates at most 256 jobs. */
const maxCombinations = 256

/** An expression may yield the environment with its settings. */
const named = z.string().or(z.looseObject({ name: z.string() }).transform(({ name }) => name))

/** The result of an expression may contain another expression, which is not evaluated here. */
function nameOf(environment: string, contexts: Contexts): string | null {
  const name = named.safeParse(plainValue(environment, contexts)).data ?? rendered(environment, contexts)
  return name === null || name.includes('${{') ? null : name
}

type Row = Readonly<Record<string, Plain>>

/** The combinations of a matrix; null if they are not known. Source: docs.github.com, `jobs.<job_id>.strategy.matrix`. */
function matrixRows(matrix: unknown, contexts: Contexts): readonly Row[] | null {
  const whole = typeof matrix === 'string' ? plainValue(matrix, contexts) : matrix
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return null
  const lists: [string, unknown][] = Object.entries(whole).map(([key, list]) => [
    key,
    typeof list === 'string' ? plainValue(list, contexts) : list,
  ])
  if (lists.some(([, list]) => !Array.isArray(list))) return null
  const own = lists.filter(([key]) => key !== 'include' && key !== 'exclude') as [string, Plain[]][]
  const special = (name: string) => (lists.find(([key]) => key === name)?.[1] ?? []) as Row[]
  // GitHub limits the jobs of one matrix, so a larger product is not computed.
  const combinations = own.reduce((count, [, list]) => count * list.length, 1)
  if (combinations > maxCombinations || special('include').length > maxCombinations) return null
  const compared = JSON.stringify([special('include'), special('exclude')]).length
  if (!contexts[allowance].take(combinations * (own.length ** 2 + compared))) return null
  const product = own.reduce<Row[]>(
    (rows, [key, list]) => rows.flatMap((row) => list.map((value) => ({ ...row, [key]: value }))),
    own.length === 0 ? [] : [{}],
  )
  const kept = product.filter((row) => !special('exclude').some((out) => agrees(out, row)))
  const names = own.map(([key]) => key)
  const extra = special('include').filter(
    (row) => !kept.some((one) => agrees(pick(row, names), one) && names.some((name) => name in row)),
  )
  const widened = kept.map((row): Row => {
    const additions = special('include').filter((add) => agrees(pick(add, names), row))
    return Object.assign({}, row, ...additions)
  })
  return [...widened, ...extra]
}

/** Whether each value of `part` equals that of the row. */
function agrees(part: Row, row: Row): boolean {
  return Object.entries(part).every(([key, value]) => JSON.stringify(row[key]) === JSON.stringify(value))
}

function pick(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => names.includes(key)))
}
