import { type Contexts, evaluated, isTrue, render } from './expression.ts'
import { isOver, type Job, type Lease } from './runs.ts'
import { touch, type Work } from './work.ts'
import type { WorkflowFile } from './workflow-shapes.ts'

type Setting = NonNullable<WorkflowFile['concurrency']>

/** Names of concurrency groups are case-insensitive. */
export function isSameGroup(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/**
 * Waits until it is the turn of a run or a job in its concurrency group; the returned function passes the turn on. A
 * newer run cancels a waiting one, as by default; jobs all wait. Source: docs.github.com, concurrency.
 */
export async function takeTurn(
  work: Work,
  of: { readonly setting: Setting; readonly contexts: Contexts; readonly job?: Job },
): Promise<() => void> {
  const { world, repository, run, attempt, ending } = work
  const { group, cancels } = settingOf(of)
  if (group === '') return () => {}
  if (!attempt.groups.some((each) => isSameGroup(each, group))) attempt.groups.push(group)
  const lease: Lease = { group, run, job: of.job }
  const inGroup = () => repository.leases.filter((each) => isSameGroup(each.group, group))
  if (of.job === undefined)
    for (const [position, { run: earlier }] of inGroup().entries())
      if (!isOver(earlier) && (position > 0 || cancels)) world.cancelRun(earlier.id)
  repository.leases.push(lease)
  const leave = () => {
    repository.leases.splice(repository.leases.indexOf(lease), 1)
    world.changed()
  }
  try {
    if (inGroup()[0] !== lease) pend(work, of.job)
    await world.until(() => inGroup()[0] === lease, { ms: Number.POSITIVE_INFINITY, signal: ending.signal })
  } catch (aborted) {
    leave()
    throw aborted
  }
  if (of.job?.status === 'pending') of.job.status = 'queued'
  if (attempt.status === 'pending') attempt.status = 'queued'
  touch(work)
  return leave
}

function pend(work: Work, job: Job | undefined): void {
  if (job) job.status = 'pending'
  else work.attempt.status = 'pending'
  touch(work)
}

function settingOf({ setting, contexts }: { readonly setting: Setting; readonly contexts: Contexts }) {
  const { group, 'cancel-in-progress': cancels = false } =
    typeof setting === 'string' ? { group: setting } : setting
  return { group: render(group, contexts), cancels: isTrue(evaluated(cancels, contexts)) }
}
