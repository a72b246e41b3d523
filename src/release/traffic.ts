import type { Time } from './names.ts'

/** What a rollout that shifts traffic between two revisions does now, by what its controller reports. */
export type TrafficShift = {
  readonly strategy: 'blue/green' | 'linear' | 'canary'
  /** Percent of production traffic that the new revision gets; null: not reported. */
  readonly production: number | null
  /** Percent of test traffic that it gets. Absent: none, or not reported. */
  readonly test?: number
  /** How long the present stage lasts by its configuration, ms. Absent: it ends as soon as its work is done. */
  readonly lastsMs?: number
}

/** A rollout that waits until a person continues it. */
export type Pause = {
  /** The hook that waits, by which it is continued. */
  readonly hookId: string
  /** When it no longer waits, by AWS's clock. Absent: not reported. */
  readonly until?: Time
  /** What happens then; `unknown`: the controller does not say. */
  readonly onTimeout: 'continues' | 'rolls back' | 'unknown'
}

/** How far a rollout in progress is. */
export type Progress = {
  /** Its stage, as its controller names it, such as `BAKE_TIME`. Absent: it has none, or has ended. */
  readonly stage?: string
  /** Absent: it replaces tasks without shifting traffic, or its strategy is not reported. */
  readonly shift?: TrafficShift
  /** The first pause that it waits at. Absent: it waits for nobody. */
  readonly pause?: Pause
}
