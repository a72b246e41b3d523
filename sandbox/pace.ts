/** How fast the sandbox moves, in ms. Tests use small values; the demo's values are slow enough to watch. */
export type Pace = {
  /** One step of a workflow job. */
  readonly jobStep: number
  /** From RunTask to RUNNING, and from the start of a task until it is healthy. */
  readonly taskStart: number
  /** How long the migration's container runs. */
  readonly migration: number
  /** Between two passes of the ECS scheduler. */
  readonly scheduler: number
}

export const testPace: Pace = { jobStep: 15, taskStart: 20, migration: 40, scheduler: 15 }
export const demoPace: Pace = { jobStep: 500, taskStart: 900, migration: 1_500, scheduler: 300 }

/** The timeout of waits for something that must happen, ms. Every wait ends as soon as it happens. */
export const patience = 60_000
