import type { Deployment } from '../deployments.ts'
import { account } from '../people.ts'
import type { Repository } from '../repository.ts'
import type { Account, Attempt, Job } from '../runs.ts'
import type { Addresses } from '../shapes/accounts.ts'
import type { HookEvent } from './events.ts'
import {
  deploymentStatusPayload,
  jobPayload,
  protectionRulePayload,
  reviewPayload,
  reviewRequestedPayload,
  runPayload,
  type Subject,
} from './payloads.ts'

/** An event that the webhooks report. */
export type Happening = {
  readonly event: HookEvent
  readonly action: string
  readonly repository: Repository
  readonly sender: Account
  readonly payload: (at: Addresses) => Readonly<Record<string, unknown>>
  /** The one App that is told; absent: all that are subscribed. */
  readonly only?: { readonly appId: number }
}

/** Finds what has happened since the last look, by comparing runs and deployments with what was seen. */
export class Watch {
  readonly #seen = new WeakMap<object, Set<string>>()
  readonly #over = new WeakSet<Attempt>()
  readonly #settings: { readonly isReduced: boolean }

  /** @param settings `isReduced`: payloads of rules lack the deployment and what GitHub does not document */
  constructor(settings: { readonly isReduced: boolean }) {
    this.#settings = settings
  }

  look(repositories: readonly Repository[]): Happening[] {
    return repositories.flatMap((repository) => [
      ...repository.runs.flatMap((run) =>
        run.attempts.flatMap((attempt) => this.#attempt({ repository, run, attempt })),
      ),
      ...repository.deployments.flatMap((deployment) => this.#statuses(repository, deployment)),
    ])
  }

  /** Whether this is seen for the first time. */
  #isNew(of: object, what: string): boolean {
    const known = this.#seen.get(of) ?? new Set()
    this.#seen.set(of, known)
    if (known.has(what)) return false
    known.add(what)
    return true
  }

  #attempt(subject: Subject): Happening[] {
    const { repository, run, attempt } = subject
    if (this.#over.has(attempt)) return []
    const happened = (event: HookEvent, action: string, payload: Happening['payload']): Happening => ({
      event,
      action,
      repository,
      sender: attempt.actor,
      payload,
    })
    const ofRun = (action: string) => happened('workflow_run', action, (at) => runPayload(subject, at))
    const found: Happening[] = []
    if (this.#isNew(attempt, 'requested')) found.push(ofRun('requested'))
    if (attempt.status === 'in_progress' && this.#isNew(attempt, 'in_progress'))
      found.push(ofRun('in_progress'))
    const deployments = repository.deployments.filter(({ job }) => job?.runId === run.id)
    for (const job of attempt.jobs) {
      const deployment = deployments.find((each) => each.job?.jobId === job.id)
      for (const action of newActions(job))
        if (this.#isNew(job, action))
          found.push(happened('workflow_job', action, (at) => jobPayload(subject, job, deployment, at)))
      found.push(...this.#gate(subject, job, deployment, happened))
    }
    for (const review of run.reviews)
      if (!review.isByApp && review.attempt === attempt.number && this.#isNew(review, 'reviewed')) {
        const jobs = attempt.jobs.filter(({ environment }) => environment === review.environment)
        found.push({
          ...happened('deployment_review', review.state, (at) =>
            reviewPayload(subject, { review, jobs }, at),
          ),
          sender: review.user,
        })
      }
    if (attempt.status === 'completed') {
      this.#over.add(attempt)
      if (this.#isNew(attempt, 'completed')) found.push(ofRun('completed'))
    }
    return found
  }

  #gate(
    subject: Subject,
    job: Job,
    deployment: Deployment | undefined,
    happened: (event: HookEvent, action: string, payload: Happening['payload']) => Happening,
  ): Happening[] {
    const { gate } = job
    if (!gate || job.status !== 'waiting') return []
    const { isReduced } = this.#settings
    const environment = subject.repository.environment(job.environment!)!
    const rules = gate.rules
      .filter((rule) => this.#isNew(rule, 'requested'))
      .map(({ rule }) => ({
        ...happened('deployment_protection_rule', 'requested', (at) =>
          protectionRulePayload(subject, { environment, deployment, isReduced }, at),
        ),
        only: { appId: rule.app.id },
      }))
    const isAsked = gate.review === 'pending' && this.#isNew(gate, 'requested')
    const reviews = isAsked
      ? [
          happened('deployment_review', 'requested', (at) =>
            reviewRequestedPayload(subject, { job, environment }, at),
          ),
        ]
      : []
    return [...rules, ...reviews]
  }

  #statuses(repository: Repository, deployment: Deployment): Happening[] {
    const fresh = deployment.statuses.filter((status) => this.#isNew(status, 'created'))
    if (fresh.length === 0) return []
    const { job } = deployment
    const run = job && repository.run(job.runId)
    const attempt = run?.attempts.find(({ jobs }) => jobs.some(({ id }) => id === job?.jobId))
    return fresh.map((status) => ({
      event: 'deployment_status',
      action: 'created',
      repository,
      sender: job ? account('github-actions[bot]') : status.creator,
      payload: (at) => deploymentStatusPayload({ repository, run, attempt }, { status, deployment }, at),
    }))
  }
}

/** The actions that a job's status corresponds to. GitHub queues a job once nothing holds it back any more. */
function newActions({ status, queuedAt, isKept }: Job): string[] {
  if (isKept) return []
  switch (status) {
    case 'waiting':
    case 'in_progress':
    case 'completed':
      return [status]
    case 'queued':
      return queuedAt === undefined ? [] : ['queued']
    case 'pending':
      return []
  }
}
