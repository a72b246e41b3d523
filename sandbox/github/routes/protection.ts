import { type Answer, notFound, ok, refuse } from '../answer.ts'
import { page, type RepositoryCall, type RepositoryRoutes } from '../call.ts'
import type { Environment } from '../deployments.ts'
import type { GateRule } from '../gate-state.ts'
import { enableRule, rulesOf, rulesOfApp, waitingJobs } from '../protection.ts'
import { latest, type Run } from '../runs.ts'
import { protectionRuleOf, ruleAppOf } from '../shapes/environments.ts'
import { runOf } from './runs.ts'

/** Custom deployment protection rules, and the reviews of their Apps. */
export const protectionRoutes = {
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule': (call) => {
    const run = runOf(call)
    const body = call.body as Body
    const environment = call.repository.environment(body.environment_name)
    return run && environment ? review(call, run, environment) : notFound
  },

  'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules': (call) => {
    const environment = environmentCalled(call)
    if (!environment) return notFound
    const rules = rulesOf(call.repository, environment).map((rule) => protectionRuleOf(rule, call.at))
    return ok({ total_count: rules.length, custom_deployment_protection_rules: rules })
  },

  'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules/apps': (call) => {
    const environment = environmentCalled(call)
    if (!environment) return notFound
    const available = call.world.apps.filter(
      (app) => app.isInstalledOn(call.repository) && app.events.includes('deployment_protection_rule'),
    )
    const { shown, headers } = page(call, available)
    return ok(
      {
        total_count: available.length,
        available_custom_deployment_protection_rule_integrations: shown.map((app) => ruleAppOf(app, call.at)),
      },
      headers,
    )
  },

  'POST /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules': (call) => {
    const { repository, world, at, body } = call
    const environment = environmentCalled(call)
    const { integration_id: id } = (body ?? {}) as { readonly integration_id?: number }
    const app = world.apps.find((each) => each.id === id)
    if (!environment || !app) return notFound
    const rule = { id: world.id(), app }
    const refused = enableRule(repository, environment, rule)
    if (refused !== undefined) return refuse(422, refused)
    world.changed()
    return { status: 201, body: protectionRuleOf(rule, at) }
  },

  'DELETE /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules/{protection_rule_id}':
    (call) => {
      const environment = environmentCalled(call)
      const rule = environment?.rules?.find(({ id }) => id === Number(call.params.protection_rule_id))
      if (!environment || !rule) return notFound
      environment.rules = environment.rules?.filter((each) => each !== rule)
      call.world.changed()
      return { status: 204 }
    },
} satisfies RepositoryRoutes

type Body = {
  readonly environment_name: string
  readonly state?: 'approved' | 'rejected'
  readonly comment?: string
}

/** Of a comment, in characters, and of a deployment. Source: docs.github.com, creating custom protection rules. */
const longestComment = 1024
const mostReports = 10

function environmentCalled({ repository, params }: RepositoryCall): Environment | undefined {
  return repository.environment(params.environment_name!)
}

/** A review, or a status report, of the App for all jobs of the run that wait at this gate now. */
function review(call: RepositoryCall, run: Run, environment: Environment): Answer {
  const { access, world } = call
  const { state, comment = '' } = call.body as Body
  if (access.kind !== 'installation') return refuse(403, 'Resource not accessible by personal access token')
  const waiting = waitingJobs(run, environment)
  if (waiting.length === 0) return refuse(422, 'No pending deployment requests to approve or reject')
  const rules = rulesOfApp(waiting, access.app)
  if (rules.length === 0) return refuse(403, 'Resource not accessible by integration')
  const pending = rules.filter((rule) => rule.state === 'pending')
  if (pending.length === 0) return refuse(422, 'Deployment protection rule has already been reviewed')
  if (comment.length > longestComment)
    return refuse(422, `Comment is too long (maximum is ${longestComment} characters)`)
  if (state === undefined) return report(pending, comment)
  if (pending.some((rule) => world.gates.reviewing.has(rule)))
    return refuse(422, 'There was a problem approving one of the gates')
  run.reviews.push({
    environment: environment.name,
    attempt: latest(run).number,
    state,
    user: access.account,
    comment,
    at: Date.now(),
    isByApp: true,
  })
  decide(call, pending, state)
  return { status: 204 }
}

function report(rules: readonly GateRule[], comment: string): Answer {
  if (rules.some(({ reports }) => reports.length >= mostReports))
    return refuse(422, `A deployment can have at most ${mostReports} status reports`)
  for (const { reports } of rules) reports.push(comment)
  return { status: 204 }
}

/** GitHub answers first; the gates follow. */
function decide({ world }: RepositoryCall, rules: readonly GateRule[], state: 'approved' | 'rejected'): void {
  const { reviewing } = world.gates
  const apply = () => {
    for (const rule of rules) {
      rule.state = state
      reviewing.delete(rule)
    }
    world.changed()
  }
  const { review: lag = 0 } = world.lag
  for (const rule of rules) reviewing.add(rule)
  if (lag === 0) apply()
  else setTimeout(apply, lag).unref()
}
