import { z } from 'zod'

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
  /** The condition of each step. */
  readonly steps: readonly (string | null)[]
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const nameable = z.union([text, z.looseObject({ name: text }).transform(({ name }) => name)])

const jobShape = z.looseObject({
  needs: z.union([text.transform((one) => [one]), z.array(text)]).catch([]),
  if: text.nullish().catch(null),
  environment: nameable.nullish().catch(null),
  uses: text.nullish().catch(null),
  with: z.record(z.string(), z.unknown()).nullish().catch(null),
  strategy: z.looseObject({ matrix: z.unknown().optional() }).nullish().catch(null),
  steps: z
    .array(z.looseObject({ if: text.nullish().catch(null) }))
    .nullish()
    .catch(null),
})

/** The jobs of a workflow file; what is no job is left out, as GitHub would refuse the file for it. */
export function jobPlans(jobs: unknown): readonly JobPlan[] {
  const { data } = z.record(z.string(), z.unknown()).safeParse(jobs)
  return Object.entries(data ?? {}).flatMap(([job, said]) => {
    const { data: plan } = jobShape.safeParse(said)
    if (!plan) return []
    return [
      {
        job,
        needs: plan.needs,
        condition: plan.if ?? null,
        environment: plan.environment ?? null,
        calls: plan.uses ? { workflow: plan.uses, with: plan.with ?? {} } : null,
        matrix: plan.strategy?.matrix ?? null,
        steps: (plan.steps ?? []).map((step) => step.if ?? null),
      },
    ]
  })
}
