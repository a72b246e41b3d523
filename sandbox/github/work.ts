import type { Pace } from '../pace.ts'
import type { Repository } from './repository.ts'
import type { Attempt, Conclusion, Job, Run, Step } from './runs.ts'
import type { Aws } from './steps/aws.ts'
import type { World } from './world.ts'

/** Why an attempt was ended from outside; `closed`: the sandbox is closing. */
export type Ending = 'cancelled' | 'timed_out' | 'closed'

/** The execution of one attempt. */
export type Work = {
  readonly world: World
  readonly pace: Pace
  readonly aws: Aws | undefined
  readonly repository: Repository
  readonly run: Run
  readonly attempt: Attempt
  readonly ending: AbortController
}

export function start(course: Job | Step): void {
  course.status = 'in_progress'
  course.startedAt = Date.now()
}

export function finish(course: Job | Step, conclusion: Conclusion): void {
  course.status = 'completed'
  course.conclusion = conclusion
  course.completedAt = Date.now()
}

/** Updates the status of the attempt as a whole, and notifies those who wait for a change. */
export function touch({ attempt, world }: Work): void {
  const has = (status: Job['status']) => attempt.jobs.some((job) => job.status === status)
  if (attempt.status !== 'completed') {
    if (has('in_progress')) attempt.status = 'in_progress'
    else if (has('waiting')) attempt.status = 'waiting'
    else if (has('pending')) attempt.status = 'pending'
  }
  attempt.updatedAt = Date.now()
  world.changed()
}

/** Writes a line in the format of GitHub's logs: the time to a ten-millionth of a second, then the text. */
export function log(job: Job, line: string): void {
  job.log.push(`${new Date().toISOString().replace('Z', '0000Z')} ${line}`)
}
