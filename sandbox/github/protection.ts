import type { App } from './apps.ts'
import { type Environment, isReviewed } from './deployments.ts'
import type { Gate, GateRule, ProtectionRule } from './gate-state.ts'
import type { Repository } from './repository.ts'
import { type Job, latest, type Run } from './runs.ts'

/** How many custom rules may be enabled on an environment. Source: docs.github.com, deployment protection rules. */
const mostRules = 6

/** GitHub creates an environment without a gate for any unknown name that is deployed to. */
export function addEnvironment(ids: { id(): number }, repository: Repository, name: string): Environment {
  const made: Environment = { id: ids.id(), name, createdAt: Date.now(), reviewers: [], waitMs: 0 }
  repository.environments.push(made)
  return made
}

/** Enables an App's rule on an environment; returns GitHub's reason if it refuses. */
export function enableRule(
  repository: Repository,
  environment: Environment,
  rule: ProtectionRule,
): string | undefined {
  const rules = environment.rules ?? []
  if (!repository.hasGates)
    return 'Failed to create the environment protection rule. Please ensure the billing plan supports the custom deployment protection rule.'
  if (!rule.app.isInstalledOn(repository)) return 'The GitHub App is not installed on this repository.'
  if (rules.some(({ app }) => app === rule.app))
    return 'The custom deployment protection rule is already enabled.'
  if (rules.length >= mostRules)
    return `An environment can have at most ${mostRules} custom deployment protection rules.`
  environment.rules = [...rules, rule]
  return undefined
}

/** The rules that jobs of an environment wait for. A plan without gates ignores them. */
export function rulesOf(repository: Repository, { rules = [] }: Environment): readonly ProtectionRule[] {
  return repository.hasGates ? rules : []
}

/** The gate of a job that starts to wait now; undefined if nothing protects the environment. */
export function newGate(repository: Repository, environment: Environment): Gate | undefined {
  const needsReview = repository.hasGates && isReviewed(environment)
  const rules = rulesOf(repository, environment)
  const waits = repository.hasGates && environment.waitMs > 0
  if (!needsReview && rules.length === 0 && !waits) return undefined
  return {
    since: Date.now(),
    review: needsReview ? 'pending' : undefined,
    rules: rules.map((rule) => ({ rule, state: 'pending', reports: [] })),
    isBypassed: false,
  }
}

export type GateVerdict = 'open' | 'rejected' | 'removed' | 'expired'

/** What became of a gate; undefined while the job waits. */
export function verdictOf(
  gate: Gate,
  { repository, environment }: { readonly repository: Repository; readonly environment: Environment },
  livesFor: number,
): GateVerdict | undefined {
  if (gate.isBypassed) return 'open'
  if (gate.review === 'rejected' || gate.rules.some(({ state }) => state === 'rejected')) return 'rejected'
  const pending = gate.rules.filter(({ state }) => state === 'pending')
  if (!repository.environments.includes(environment)) return 'removed'
  if (pending.some(({ rule }) => !environment.rules?.includes(rule))) return 'removed'
  const age = Date.now() - gate.since
  if (gate.review !== 'pending' && pending.length === 0 && age >= environment.waitMs) return 'open'
  return age >= livesFor ? 'expired' : undefined
}

/** A job that waits at its gate. */
export type WaitingJob = Job & { readonly gate: Gate }

/** The jobs of a run's latest attempt that wait at the gate of an environment. */
export function waitingJobs(run: Run, { name }: Environment): WaitingJob[] {
  return latest(run).jobs.filter(
    (job): job is WaitingJob =>
      job.status === 'waiting' && job.gate !== undefined && isSameName(job.environment, name),
  )
}

/** Names of environments are case-insensitive. */
function isSameName(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase()
}

/** What these jobs wait for of one App. */
export function rulesOfApp(waiting: readonly WaitingJob[], app: App | undefined): GateRule[] {
  return waiting.flatMap(({ gate }) => gate.rules.filter(({ rule }) => rule.app === app))
}
