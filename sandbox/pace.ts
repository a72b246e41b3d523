/** How fast the outside world moves, all in ms. Tests use small figures, the demo ones to watch. */
export type Pace = {
  /** One step of a workflow job. */
  readonly jobStep: number
  /** From RunTask to RUNNING, and from the start of a task to its health. */
  readonly taskStart: number
  /** How long the migration's container runs. */
  readonly migration: number
  /** Between two looks of the ECS scheduler at a service. */
  readonly scheduler: number
}

export const testPace: Pace = { jobStep: 15, taskStart: 20, migration: 40, scheduler: 15 }
export const demoPace: Pace = { jobStep: 500, taskStart: 900, migration: 1_500, scheduler: 300 }

/** How long something is waited for that has to come, ms. Whoever waits goes on as soon as it is there. */
export const patience = 60_000
