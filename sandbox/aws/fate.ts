/** What becomes of a task once it is placed. */
export type TaskFate =
  /** Starts, turns healthy, and stays until it is stopped. */
  | { readonly kind: 'runs' }
  /**
   * Its containers never start: `CannotPullContainerError…`, `ResourceInitializationError…`. `reasons` are those of containers
   * by name: of the one that cannot be pulled unless said.
   */
  | {
      readonly kind: 'never-starts'
      readonly stoppedReason: string
      readonly reasons?: Readonly<Record<string, string>>
    }
  /**
   * Runs, writes `log` and exits. `code` is the exit code of the first essential container, and `log` is what that writes;
   * `others` are the exit codes of further containers by name (0 unless said), `logs` what they write, and `reasons` what ECS
   * says of containers beside their exit codes, as `OutOfMemoryError…`.
   */
  | {
      readonly kind: 'exits'
      readonly code: number
      readonly log?: readonly string[]
      readonly others?: Readonly<Record<string, number>>
      readonly logs?: Readonly<Record<string, readonly string[]>>
      readonly reasons?: Readonly<Record<string, string>>
    }
  /** Runs, but fails its health checks and is stopped by the service scheduler. */
  | { readonly kind: 'unhealthy' }
  /** Runs, but cannot be registered as a target of the load balancer, for this error. */
  | { readonly kind: 'unregistered'; readonly error: string }
  /** Stays PENDING. */
  | { readonly kind: 'stuck' }

/**
 * What becomes of the tasks of one service deployment. `unplaced`: no task is ever created, and the service says why, as in
 * `was unable to place a task. Reason: …`. `unregistered`: tasks run, and the load balancer takes none of them.
 */
export type RolloutFate = TaskFate | { readonly kind: 'unplaced'; readonly says?: string }

/** What becomes of a one-off task. `not-run`: RunTask answers 200 with `failures` and no task. */
export type MigrationFate =
  | TaskFate
  | {
      readonly kind: 'not-run'
      readonly failures: readonly { arn?: string; reason: string; detail?: string }[]
    }

/** What becomes of a rollback, where not what the tasks make of it. */
export type RollbackFate = { readonly kind: 'fails'; readonly reason: string }

/** Fates waiting for what they are meant for: a queue first, then by image. */
export class Script<Fate> {
  #queue: Fate[] = []
  #images = new Map<string, Fate>()

  /** Queues a fate for each of the next ones, in this order. */
  next(...fates: readonly Fate[]): void {
    this.#queue.push(...fates)
  }

  /** The fate of all that run this image, from now on. */
  ofImage(image: string, fate: Fate): void {
    this.#images.set(image, fate)
  }

  /** The queued fates, the next one first. */
  get queued(): readonly Fate[] {
    return this.#queue
  }

  /** Takes back what was queued and these words are true of. */
  unqueue(isMeant: (fate: Fate) => boolean): void {
    this.#queue = this.#queue.filter((fate) => !isMeant(fate))
  }

  /** The queued fate, used up by this call. */
  take(): Fate | undefined {
    return this.#queue.shift()
  }

  /** The fate set for one of these images. */
  byImage(images: readonly string[]): Fate | undefined {
    return images.map((image) => this.#images.get(image)).find((fate) => fate !== undefined)
  }
}

export const cannotPull = (image: string): TaskFate => ({
  kind: 'never-starts',
  stoppedReason:
    'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ' +
    `${image}: ${image}: not found`,
})
