import { z } from 'zod'

/** GitHub's statuses are free strings: it has added new ones before. */
const word = z.string().nullish()
const time = z.string().nullish()
const person = z.object({ login: z.string() }).nullish()

/** OpenAPI `workflow-run`. */
export const runShape = z.object({
  id: z.number().int().positive(),
  run_number: z.number().int().positive().optional(),
  run_attempt: z.number().int().default(1),
  html_url: z.string(),
  head_sha: z.string(),
  head_branch: z.string().nullish(),
  actor: person,
  triggering_actor: person,
  event: z.string(),
  display_title: z.string().default(''),
  status: word,
  conclusion: word,
  path: z.string().default(''),
  head_repository: z.object({ full_name: z.string() }).nullish(),
  repository: z.object({ full_name: z.string() }).nullish(),
  created_at: z.string(),
  updated_at: time,
  run_started_at: time,
})

export type RunAnswer = z.infer<typeof runShape>

export const runListShape = z.object({ workflow_runs: z.array(runShape) })

/** OpenAPI `job`. */
const jobShape = z.object({
  id: z.number().int(),
  name: z.string(),
  status: word,
  conclusion: word,
  created_at: time,
  started_at: time,
  completed_at: time,
  labels: z.array(z.string()).nullish(),
  html_url: z.string().nullish(),
  steps: z.array(z.object({ name: z.string(), status: word, conclusion: word })).nullish(),
})

export type JobAnswer = z.infer<typeof jobShape>

export const jobListShape = z.object({ total_count: z.number(), jobs: z.array(jobShape) })
