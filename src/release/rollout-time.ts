/** How long a rollout by CodeDeploy takes by its configuration, besides the start of its tasks; minutes. */
export type RolloutTime = {
  /** From the first share of traffic to the last. */
  readonly shift: number
  /** How long it waits at most for a person before the shift; null: it does not wait. */
  readonly ready: number | null
  /** How long the tasks before it are kept after the shift. */
  readonly termination: number
}

/** The longest of several, part by part; null: there is none. */
export function slowest(times: readonly RolloutTime[]): RolloutTime | null {
  if (times.length === 0) return null
  const waits = times.flatMap(({ ready }) => ready ?? [])
  return {
    shift: Math.max(...times.map(({ shift }) => shift)),
    ready: waits.length === 0 ? null : Math.max(...waits),
    termination: Math.max(...times.map(({ termination }) => termination)),
  }
}
