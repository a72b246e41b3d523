import type { WaitingAtGate } from '../ports/gates.ts'
import { isSameOnGitHub, type PersonId, type Time } from '../release/names.ts'
import { personWithLogin } from '../release/policy/approval.ts'
import type { Refusal } from '../release/refusal.ts'
import {
  runOfFork,
  runOfOtherBranch,
  runOfOtherWorkflow,
  runOfPullRequest,
} from '../release/refusals/gates.ts'
import type { Subject } from '../release/subject.ts'
import { withApprovalsOf } from '../settings/behind-gate.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { pastFacts } from './facts.ts'
import { basisOf, completed, judgeCommit, type PrepareDeps, type Prepared } from './prepare.ts'
import { beforeLook, missingIn, servingOf } from './services-before.ts'
import { asOne, type SharedGate } from './shared-gate.ts'

/**
 * Looks up everything about a run that waits, before anybody is asked to approve it. Refuses a run that twokey.yml does
 * not describe: of a fork, of another branch or workflow.
 * @param before `requestedBy`: who requested the release that dispatched the run, which may then wait at another gate as
 * well; null: twokey did not dispatch it. `since`: since when a later job waits, by GitHub's clock, where somebody opened
 * the gate on GitHub for an earlier one
 */
export async function prepareGate(
  deps: PrepareDeps,
  { serviceEnvironments }: SharedGate,
  run: WaitingAtGate,
  { requestedBy, since }: { readonly requestedBy: PersonId | null; readonly since: Time | undefined },
): Promise<Prepared> {
  const described = describedBy(serviceEnvironments, run)
  if ('refused' in described) return described
  const { serviceEnvironment } = described
  const serving = servingOf(serviceEnvironment, await deps.outside.ecs.before(beforeLook(serviceEnvironment)))
  if ('refused' in serving) return serving
  const { repository, workflow, branch, githubEnvironment } = serviceEnvironment
  const [inspected, missing] = await Promise.all([
    deps.outside.github.inspectRun({
      repository,
      workflow,
      branch,
      run,
      running: serving.running,
      migrationPaths: serviceEnvironment.migrationPaths,
      ...(serviceEnvironment.checks && { checks: 'required' }),
    }),
    missingIn(deps.outside, serviceEnvironment, serving.primary),
  ])
  if ('refused' in inspected) return inspected
  const { commit, githubTree, notes, changes, authorship, checks } = inspected
  const { runId: id, number, attempt, url, event, login } = run
  const subject: Subject = {
    kind: 'gate',
    repository,
    workflow,
    branch,
    ref: null,
    commit,
    tip: commit.sha,
    githubTree,
    paths: [],
    inputs: [],
    notes,
    missing,
    githubEnvironment,
    changes,
    authorship,
    run: {
      id,
      ...(number !== undefined && { number }),
      attempt,
      url,
      event,
      login,
      ...(since !== undefined && { since }),
    },
  }
  const { policy, waitMs, checks: checksRule } = serviceEnvironment
  const basis = basisOf(deps, serviceEnvironment, {
    id: deps.newId(),
    requester: requestedBy ?? personWithLogin(policy, login),
    policy,
    ...(checksRule && { checksRule }),
    waitMs,
  })
  const asked = { ...basis, subject, serving: serving.running, seen: {} }
  const judged = await judgeCommit(deps, asked, checks)
  if ('refused' in judged) return judged
  const past = await pastFacts(deps, serviceEnvironment, subject, undefined)
  return completed(deps, { ...judged, facts: { checks, ...past } })
}

/**
 * The service environment that the run deploys to, or all of them, under the strictest rules. Those of other workflows and
 * branches behind the gate count for the approvals.
 */
function describedBy(
  serviceEnvironments: readonly ServiceEnvironment[],
  run: WaitingAtGate,
): { readonly serviceEnvironment: ServiceEnvironment } | { readonly refused: Refusal } {
  const environments = [...new Set(serviceEnvironments.map(({ environment }) => environment))]
  const environment = environments.join(', ')
  const [first] = serviceEnvironments
  const { headRepository, workflow, branch, event } = run
  if (headRepository !== null && first && !isSameOnGitHub(headRepository, first.repository))
    return { refused: runOfFork({ headRepository, repository: first.repository }) }
  if (ofPullRequest(event)) return { refused: runOfPullRequest({ event, environment }) }
  const ofWorkflow = serviceEnvironments.filter(
    (serviceEnvironment) => serviceEnvironment.workflow === workflow,
  )
  if (ofWorkflow.length === 0) {
    const known = [...new Set(serviceEnvironments.map((serviceEnvironment) => serviceEnvironment.workflow))]
    return { refused: runOfOtherWorkflow({ workflow, environment, known }) }
  }
  const meant = ofWorkflow.filter((serviceEnvironment) => serviceEnvironment.branch === branch)
  if (meant.length === 0) {
    const deployed = [...new Set(ofWorkflow.map((serviceEnvironment) => serviceEnvironment.branch))]
    return { refused: runOfOtherBranch({ branch, environment, deployed }) }
  }
  const one = asOne(meant)
  if ('refused' in one) return one
  const others = serviceEnvironments.filter((each) => !meant.includes(each))
  return { serviceEnvironment: withApprovalsOf(one.serviceEnvironment, others) }
}

/**
 * Whether a run builds something else than its head: the merge of a pull request with its base, which may be any branch.
 * Source: docs.github.com, events that trigger workflows.
 */
function ofPullRequest(event: string): boolean {
  return event.startsWith('pull_request')
}
