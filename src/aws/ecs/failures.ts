import type { Service, Task } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import type { Target } from '../../release/names.ts'
import { type Stopped, type Why, whyOf } from './blame.ts'
import { Cache } from './cache.ts'
import { causeNow, eventCause, hasRestarted, symptomNow } from './events.ts'
import type { Reads } from './reads.ts'
import { type Cause, causeOf, newestFailure } from './why.ts'

type FailureAsk = {
  readonly target: Target
  readonly deploymentId: string
  readonly service: Service | undefined
  /** When the rollout began, ms: older events do not concern it. */
  readonly since: number
}

/** A failed task of a rollout, and why it stopped. */
export type Failure = { readonly stopped: Stopped; readonly cause: Cause }

export type Failures = {
  /**
   * The newest failed task. Once a failure was explained by a task, it stays that one while ECS lists it. Null: none is
   * listed.
   */
  of(asked: Omit<FailureAsk, 'since'>): Promise<Failure | null>
  /**
   * Why a rollout failed; read once, then cached. Says what could not be read: a missing explanation must not hide the
   * verdict.
   */
  why(asked: FailureAsk): Promise<Why | null>
  /** What blocks a rollout now; null if nothing is known. A failed read does not hide the progress. */
  hindrance(asked: FailureAsk & Counts): Promise<string | null>
}

/** Task counts of a rollout. `failed`: since the last healthy one, as ECS counts them. */
type Counts = { readonly requested: number; readonly failed: number }

/** A task with its task definition. */
export async function withDefinition(reads: Reads, task: Task): Promise<Stopped> {
  const { taskDefinitionArn: arn } = task
  return { task, definition: arn === undefined ? undefined : (await reads.definition(arn))?.definition }
}

/** By the service's events: no task of the rollout is listed, for example because none could be placed. */
function causeByEvents(asked: FailureAsk): Cause | null {
  const event = eventCause(asked)
  if (event === null) return null
  return { container: null, ...whyOf(event, { container: null, image: undefined }, () => event) }
}

/** Explains failures by the service's stopped tasks, else by its events. */
export function failuresOf(reads: Reads): Failures {
  const causes = new Cache<{ readonly taskArn: string | null; readonly cause: Cause }>()
  /**
   * The explanation by the newest failed task, and the state of the service at that time: the service changes with each
   * failure.
   */
  const newest = new Cache<{ readonly shown: string; readonly sentence: string | null }>()

  async function of({
    target: { cluster, service: serviceName },
    deploymentId,
    service,
  }: Omit<FailureAsk, 'since'>): Promise<Failure | null> {
    const known = causes.get(deploymentId)
    const same = known?.taskArn ? await reads.task(cluster, known.taskArn) : undefined
    if (known && same) return { stopped: await withDefinition(reads, same), cause: known.cause }
    const tasks = await reads.tasks({ cluster, serviceName, desiredStatus: 'STOPPED' })
    const task = newestFailure(deploymentId, tasks)
    if (task === undefined) return null
    const stopped = await withDefinition(reads, task)
    return { stopped, cause: causeOf(stopped, service) }
  }

  async function newestSentence(asked: FailureAsk & Counts): Promise<string | null> {
    const { deploymentId, service, failed } = asked
    const shown = `${service?.events?.[0]?.id} ${failed}`
    const known = newest.get(deploymentId)
    if (known?.shown === shown) return known.sentence
    const sentence = (await of(asked))?.cause.sentence ?? null
    newest.set(deploymentId, { shown, sentence })
    return sentence
  }

  return {
    of,
    async why(asked) {
      const known = causes.get(asked.deploymentId)
      if (known) return known.cause
      try {
        const failure = await of(asked)
        const cause = failure?.cause ?? causeByEvents(asked)
        if (cause === null) return null
        causes.set(asked.deploymentId, { taskArn: failure?.stopped.task.taskArn ?? null, cause })
        return cause
      } catch (error) {
        if (error instanceof Trouble)
          return { sentence: `the reason could not be read: ${error.message}`, said: null }
        throw error
      }
    },
    async hindrance(asked) {
      const cause = causeNow(asked)
      if (cause !== null) return cause
      const symptom = symptomNow(asked)
      if (asked.failed === 0 && symptom === null && !hasRestarted(asked, asked.requested)) return null
      try {
        const sentence = await newestSentence(asked)
        return sentence === null ? symptom : `its newest task failed: ${sentence}`
      } catch (error) {
        if (error instanceof Trouble) return symptom
        throw error
      }
    },
  }
}
