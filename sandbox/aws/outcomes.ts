/** What happens to a task after it is placed. */
export type TaskOutcome =
  /** Starts, becomes healthy, and runs until it is stopped. */
  | { readonly kind: 'runs' }
  /**
   * Its containers never start: `CannotPullContainerError…`, `ResourceInitializationError…`. `reasons` are by container
   * name; the default is a reason for the container whose image cannot be pulled.
   */
  | {
      readonly kind: 'never-starts'
      readonly stoppedReason: string
      readonly reasons?: Readonly<Record<string, string>>
    }
  /**
   * Runs, writes `log` and exits. `code` is the exit code of the first essential container, and `log` its output;
   * `others` are the exit codes of further containers by name (default 0), `logs` their output, and `reasons` the
   * reasons that ECS shows beside their exit codes, such as `OutOfMemoryError…`.
   */
  | {
      readonly kind: 'exits'
      readonly code: number
      readonly log?: readonly string[]
      readonly others?: Readonly<Record<string, number>>
      readonly logs?: Readonly<Record<string, readonly string[]>>
      readonly reasons?: Readonly<Record<string, string>>
    }
  /** Runs, but fails its health checks, and the service scheduler stops it. */
  | { readonly kind: 'unhealthy' }
  /** Runs, but cannot be registered as a target of the load balancer, with this error. */
  | { readonly kind: 'unregistered'; readonly error: string }
  /** Stays PENDING. */
  | { readonly kind: 'stuck' }

/**
 * What happens to the tasks of one service deployment. `unplaced`: no task is ever created, and a service event has the
 * reason, as in `was unable to place a task. Reason: …`. `unregistered`: tasks run, and the load balancer accepts none
 * of them.
 */
export type RolloutOutcome = TaskOutcome | { readonly kind: 'unplaced'; readonly reason?: string }

/** What happens to a one-off task. `not-run`: RunTask answers 200 with `failures` and no task. */
export type MigrationOutcome =
  | TaskOutcome
  | {
      readonly kind: 'not-run'
      readonly failures: readonly { arn?: string; reason: string; detail?: string }[]
    }

/** The result of a rollback, if it does not depend on its tasks. */
export type RollbackOutcome = { readonly kind: 'fails'; readonly reason: string }

/** What a Lambda function that is a hook answers; `runs`: nothing until it times out. */
export type HookOutcome = 'succeeds' | 'fails' | 'runs'

/** Scripted outcomes: a queue for the next ones, one for the next of each service, and outcomes by image. */
export class Script<Outcome> {
  #queue: Outcome[] = []
  #services = new Map<string, Outcome[]>()
  #images = new Map<string, Outcome>()

  /** Queues one outcome for each of the next ones, in this order. */
  next(...outcomes: readonly Outcome[]): void {
    this.#queue.push(...outcomes)
  }

  /** Queues one outcome for each of the next ones of the service with this name, before the others. */
  nextOf(service: string, ...outcomes: readonly Outcome[]): void {
    this.#services.set(service, [...(this.#services.get(service) ?? []), ...outcomes])
  }

  /** Sets the outcome of everything that runs this image from now on. */
  ofImage(image: string, outcome: Outcome): void {
    this.#images.set(image, outcome)
  }

  /** The queued outcomes, the next one first. */
  get queued(): readonly Outcome[] {
    return this.#queue
  }

  /** Removes the queued outcomes that match. */
  unqueue(matches: (outcome: Outcome) => boolean): void {
    this.#queue = this.#queue.filter((outcome) => !matches(outcome))
  }

  /** Removes the next queued outcome from its queue and returns it. @param service whose it is, by name */
  take(service?: string): Outcome | undefined {
    return (service === undefined ? undefined : this.#services.get(service)?.shift()) ?? this.#queue.shift()
  }

  /** The outcome that was set for one of these images. */
  byImage(images: readonly string[]): Outcome | undefined {
    return images.map((image) => this.#images.get(image)).find((outcome) => outcome !== undefined)
  }
}

export const cannotPull = (image: string): TaskOutcome => ({
  kind: 'never-starts',
  stoppedReason:
    'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ' +
    `${image}: ${image}: not found`,
})
