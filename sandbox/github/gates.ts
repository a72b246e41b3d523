import type { App } from './apps.ts'
import type { Environment } from './deployments.ts'
import type { GateRule, ProtectionRule } from './gate-state.ts'
import { addEnvironment, enableRule, waitingJobs } from './protection.ts'
import type { Repository } from './repository.ts'
import { type Account, latest, type Run } from './runs.ts'

type Surroundings = {
  readonly app: App
  id(): number
  changed(): void
  repository(fullName?: string): Repository
  find(runId: number): { readonly repository: Repository; readonly run: Run }
}

/** Which App's rule, on which environment; default: the bot's App on `production` of the first repository. */
type RuleOf = { readonly app?: App; readonly environment?: string; readonly repository?: string }

type Decision = {
  readonly by: Account
  readonly state: 'approved' | 'rejected'
  readonly environment?: string
  readonly comment?: string
}

/** What administrators and reviewers of a repository do at the gates of its environments. */
export class Gates {
  /** The rules whose review GitHub is applying. */
  readonly reviewing = new Set<GateRule>()
  readonly #world: Surroundings

  constructor(world: Surroundings) {
    this.#world = world
  }

  /** Enables an App's custom rule on an environment. Throws GitHub's refusal. */
  enableRule(of: RuleOf = {}): ProtectionRule {
    const { repository, environment } = this.#ruled(of)
    const rule = { id: this.#world.id(), app: of.app ?? this.#world.app }
    const refused = enableRule(repository, environment, rule)
    if (refused !== undefined) throw new Error(refused)
    this.#world.changed()
    return rule
  }

  /** Removes an App's custom rule from an environment. The jobs that wait for it fail. */
  disableRule(of: RuleOf = {}): void {
    const { environment } = this.#ruled(of)
    const app = of.app ?? this.#world.app
    environment.rules = environment.rules?.filter((rule) => rule.app !== app)
    this.#world.changed()
  }

  /** Starts all jobs of a run that wait at an environment's gate. Throws if administrators may not do so. */
  bypass(runId: number, name = 'production'): void {
    const { repository, run } = this.#world.find(runId)
    const environment = repository.environment(name)
    if (!environment || environment.canAdminsBypass === false)
      throw new Error(`Administrators may not bypass the rules of ${name}`)
    for (const { gate } of waitingJobs(run, environment)) gate.isBypassed = true
    this.#world.changed()
  }

  /** A required reviewer's decision for all jobs of a run that wait at an environment's gate now. */
  review(runId: number, { by, state, environment: name = 'production', comment = '' }: Decision): void {
    const { repository, run } = this.#world.find(runId)
    const environment = repository.environment(name)
    const waiting = environment ? waitingJobs(run, environment) : []
    const asked = waiting.filter(({ gate }) => gate.review === 'pending')
    if (!environment || asked.length === 0) throw new Error(`Run ${runId} waits for no review of ${name}`)
    for (const { gate } of asked) gate.review = state
    const attempt = latest(run).number
    run.reviews.push({ environment: environment.name, attempt, state, user: by, comment, at: Date.now() })
    this.#world.changed()
  }

  #ruled({ repository: of, environment: name = 'production' }: RuleOf): {
    readonly repository: Repository
    readonly environment: Environment
  } {
    const repository = this.#world.repository(of)
    const environment = repository.environment(name) ?? addEnvironment(this.#world, repository, name)
    return { repository, environment }
  }
}
