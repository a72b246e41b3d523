import { takeTurn } from './concurrency.ts'
import { type Contexts, evaluated, isMet, isTrue, type Status } from './expression.ts'
import { openGate } from './gate.ts'
import { JobSteps, textsOf } from './job-steps.ts'
import type { Combination } from './matrix.ts'
import {
  calledContexts,
  environmentOf,
  isUnrecorded,
  type JobGroup,
  type Member,
  nameOf,
  type PlannedJob,
  planMembers,
  type Scope,
} from './planned-jobs.ts'
import type { GroupResult, Job, JobResult } from './runs.ts'
import { Machine } from './steps/machine.ts'
import { finish, log, start, touch, type Work } from './work.ts'

/** Executes the jobs of a file, each as soon as the jobs that it needs have ended. */
export async function executeScope(work: Work, scope: Scope): Promise<GroupResult[]> {
  const begun = new Map<string, Promise<GroupResult>>()
  const begin = (group: JobGroup): Promise<GroupResult> => {
    const known = begun.get(group.key)
    if (known) return known
    const needs = scope.groups.filter(({ key }) => group.plan.needs?.includes(key)).map(begin)
    const ended = Promise.all(needs).then((needed) => carryOutGroup(work, group, needed))
    begun.set(group.key, ended)
    return ended
  }
  const all = await Promise.allSettled(scope.groups.map(begin))
  return all.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}

async function carryOutGroup(
  work: Work,
  group: JobGroup,
  needed: readonly GroupResult[],
): Promise<GroupResult> {
  const path = group.scope.prefix + group.key
  const before = work.attempt.before?.get(path)
  const isDone = before !== undefined && before.verdict !== 'failure' && needed.every(({ isKept }) => isKept)
  const result = isDone ? keep(work, group, before) : await runGroup(work, group, needed)
  work.attempt.results.set(path, result)
  return result
}

/** Takes a group's jobs from the attempt before. */
function keep(work: Work, group: JobGroup, before: GroupResult): GroupResult {
  const { attempt, world } = work
  const planned = new Set(group.members?.flatMap(jobsIn))
  const jobs = before.jobs.map((job) => ({ ...job, id: world.id(), isKept: true }))
  const at = attempt.jobs.findIndex((job) => planned.has(job))
  const others = attempt.jobs.filter((job) => !planned.has(job))
  attempt.jobs = others.toSpliced(at < 0 ? others.length : at, 0, ...jobs)
  touch(work)
  return { ...before, jobs, isKept: true }
}

async function runGroup(work: Work, group: JobGroup, needed: readonly GroupResult[]): Promise<GroupResult> {
  const { key, plan, scope } = group
  const before = needed.flatMap(({ line }) => line)
  const needs = Object.fromEntries(
    needed.map(({ key: name, result, outputs }) => [name, { result, outputs }]),
  )
  const contexts = { ...scope.contexts, needs }
  const ended = (verdict: JobResult, outputs: GroupResult['outputs'] = {}): GroupResult => {
    const isForgiven =
      verdict === 'failure' && isTrue(evaluated(plan['continue-on-error'] ?? false, contexts))
    const result = isForgiven ? 'success' : verdict
    const jobs = group.members?.flatMap(jobsIn) ?? work.attempt.jobs.filter((job) => job.key === key)
    return { key, verdict: result, result, outputs, line: [...before, result], jobs, isKept: false }
  }
  try {
    if (!isMet(plan.if, contexts, statusAfter(before))) {
      skip(work, group)
      return ended('skipped')
    }
    group.members ??= added(work, planMembers(sourceOf(work), group, contexts))
  } catch (trouble) {
    if (work.ending.signal.aborted || !(trouble instanceof Error)) throw trouble
    fail(work, group, trouble.message)
    return ended('failure')
  }
  const results = await Promise.allSettled(
    group.members.map((member) => carryOutMember(work, group, member, contexts)),
  )
  const done = results.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
  const worst = (['failure', 'success'] as const).find((each) => done.some(({ verdict }) => verdict === each))
  return ended(
    worst ?? 'skipped',
    Object.assign({}, ...done.map(({ outputs }) => outputs)) as GroupResult['outputs'],
  )
}

function statusAfter(before: readonly JobResult[]): Status {
  return {
    success: before.every((result) => result === 'success'),
    failure: before.includes('failure'),
    cancelled: false,
  }
}

function sourceOf({ world, repository, run }: Work) {
  return { repository, commit: repository.git.commits.get(run.headSha)!, newId: () => world.id() }
}

/** Adds jobs that became known while the run was in progress. */
function added(work: Work, members: readonly Member[]): readonly Member[] {
  work.attempt.jobs.push(...members.flatMap(jobsIn))
  return members
}

function jobsIn(member: Member): Job[] {
  if (!('called' in member)) return [member.job]
  return member.called.groups.flatMap(({ members = [] }) => members).flatMap(jobsIn)
}

/** The job that represents a group for which no job was planned. */
function placeholder(work: Work, { key, plan, scope }: JobGroup): Job {
  const job: Job = {
    id: work.world.id(),
    key,
    name: scope.prefix + (plan.name ?? key),
    labels: [],
    createdAt: Date.now(),
    environment: undefined,
    steps: [],
    log: [],
    status: 'queued',
    conclusion: null,
    startedAt: null,
    completedAt: null,
  }
  work.attempt.jobs.push(job)
  return job
}

function skip(work: Work, group: JobGroup): void {
  for (const job of group.members?.flatMap(jobsIn) ?? [placeholder(work, group)]) finish(job, 'skipped')
  touch(work)
}

function fail(work: Work, group: JobGroup, message: string): void {
  const jobs = group.members?.flatMap(jobsIn) ?? [placeholder(work, group)]
  for (const job of jobs) {
    log(job, `##[error]${message}`)
    finish(job, 'failure')
  }
  touch(work)
}

type Done = { readonly verdict: JobResult; readonly outputs: Readonly<Record<string, string>> }

async function carryOutMember(
  work: Work,
  group: JobGroup,
  member: Member,
  contexts: Contexts,
): Promise<Done> {
  const own = { ...contexts, matrix: member.matrix }
  if ('called' in member) return carryOutCalled(work, group, member.called, own)
  return carryOutJob(work, { group, planned: member, contexts: own })
}

async function carryOutCalled(work: Work, group: JobGroup, called: Scope, contexts: Contexts): Promise<Done> {
  called.contexts = calledContexts(group.plan, called.file, contexts)
  const results = await executeScope(work, called)
  const jobs = Object.fromEntries(results.map(({ key, result, outputs }) => [key, { result, outputs }]))
  const outputs = Object.entries(called.file.on.workflow_call?.outputs ?? {}).map(([name, { value }]) => [
    name,
    String(evaluated(value, { ...called.contexts, jobs }) ?? ''),
  ])
  const worst = (['failure', 'success'] as const).find((each) =>
    results.some(({ verdict }) => verdict === each),
  )
  return { verdict: worst ?? 'skipped', outputs: Object.fromEntries(outputs) as Record<string, string> }
}

type Carried = { readonly group: JobGroup; readonly planned: PlannedJob; readonly contexts: Contexts }

async function carryOutJob(work: Work, { group, planned, contexts }: Carried): Promise<Done> {
  const { job } = planned
  const { plan, scope, key } = group
  try {
    job.name = scope.prefix + nameOf(key, plan, contexts)
    job.environment = environmentOf(plan, contexts)
    job.isUnrecorded = isUnrecorded(plan, contexts)
  } catch (trouble) {
    if (!(trouble instanceof Error)) throw trouble
    fail(work, { ...group, members: [planned] }, trouble.message)
    return { verdict: 'failure', outputs: {} }
  }
  const { concurrency } = plan
  const leave = concurrency ? await takeTurn(work, { setting: concurrency, contexts, job }) : () => {}
  try {
    return await carryOutSteps(work, { group, planned, contexts })
  } finally {
    leave()
  }
}

async function carryOutSteps(work: Work, { group, planned, contexts }: Carried): Promise<Done> {
  const { job } = planned
  const { plan } = group
  const gate = await openGate(work, job)
  if (gate === 'rejected') {
    finish(job, 'failure')
    touch(work)
    return { verdict: 'failure', outputs: {} }
  }
  job.queuedAt = Date.now()
  touch(work)
  start(job)
  touch(work)
  const steps = stepsOf(work, { group, planned, contexts })
  const verdict = await steps.run(planned)
  finish(job, verdict)
  gate?.report(verdict)
  touch(work)
  return { verdict, outputs: textsOf(plan.outputs, steps.contexts) }
}

/** The machine of a job, with the variables and secrets of its environment. */
function stepsOf(work: Work, { group, planned, contexts }: Carried): JobSteps {
  const { repository } = work
  const { plan, scope } = group
  const environment =
    planned.job.environment === undefined ? undefined : repository.environment(planned.job.environment)
  const { index, total } = planned.place
  const inJob: Contexts = {
    ...contexts,
    vars: { ...(contexts.vars as Combination), ...environment?.variables },
    secrets: { ...(contexts.secrets as Combination), ...environment?.secrets },
    strategy: { 'job-index': index, 'job-total': total, 'fail-fast': true, 'max-parallel': total },
  }
  const variables = { ...textsOf(scope.file.env, inJob), ...textsOf(plan.env, inJob) }
  const machine = new Machine(work, planned.job, variables)
  if (plan.uses) machine.logUnsupported(plan.uses)
  return new JobSteps(machine, { file: scope.file, plan, contexts: inJob })
}
