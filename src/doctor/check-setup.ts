import { Trouble } from '../ports/ports.ts'
import type { ChannelSeen, EcsSetup, GitHubSetup, GroupSeen, QueueSetup, SlackSetup } from '../ports/setup.ts'
import { gateName, locationOf } from '../release/names.ts'
import { type Policy, personOf } from '../release/policy/approval.ts'
import type { EligibleApprovers } from '../release/policy/eligible-approvers.ts'
import { inTime } from '../runtime/bounded.ts'
import { inParallel } from '../runtime/in-parallel.ts'
import { bindingRules, type ServiceEnvironment, type Settings, targetsOf } from '../settings/settings.ts'
import { accountFindings, type RunningTarget, sharedFindings } from './aws-accounts.ts'
import { type Finding, joined, joinedProblems } from './finding.ts'
import {
  enoughFor,
  judgeAccount,
  judgeChannel,
  judged,
  judgeGate,
  judgeGroup,
  judgeMissing,
  judgePerson,
  judgePolicy,
  judgeQueue,
  judgeTarget,
  judgeWorkflow,
  type Read,
} from './judge.ts'
import {
  accountsIn,
  channelsIn,
  type NamedChannel,
  type NamedPolicy,
  policiesIn,
  queueName,
  serviceEnvironmentName,
  targetInText,
} from './named.ts'

export type SetupDeps = {
  readonly settings: Settings
  /** `slack.channel` of twokey.yml. */
  readonly channel: string
  readonly github: GitHubSetup
  readonly ecs: EcsSetup
  /** Those of `events`. */
  readonly queues: readonly QueueSetup[]
  readonly slack: SlackSetup
}

/** How long one read may take, ms. A client may retry within that time. */
const readMs = 30_000

/** The most accounts that are looked up by name: Slack allows about a hundred lookups a minute. */
const mostPeople = 40

/** Looks at everything that the config names: GitHub, ECS, queues and Slack. Changes nothing. Does not throw. */
export async function checkSetup(deps: SetupDeps): Promise<readonly Finding[]> {
  const found = await Promise.all([
    checkGitHub(deps),
    checkEcs(deps),
    checkQueues(deps.queues),
    checkSlack(deps),
  ])
  return found.flat()
}

/** The account, each workflow with its repository and branch, and the gates of environments that need approvals. */
export async function checkGitHub({
  settings,
  github,
}: Pick<SetupDeps, 'settings' | 'github'>): Promise<readonly Finding[]> {
  const account = judged('GitHub', await read(() => github.account()), judgeAccount)
  // A token that is not valid is not valid for any repository either.
  if (account.state !== 'right') return [account]
  const gates = await inParallel(gatesIn(settings), async (serviceEnvironment) => {
    const { repository, githubEnvironment: environment } = serviceEnvironment
    return judged(
      `gate ${environment}: ${repository}`,
      await read(() => github.protection({ repository, environment })),
      (seen) => judgeGate(serviceEnvironment, seen),
    )
  })
  const workflows = await inParallel(settings.serviceEnvironments, async (serviceEnvironment) =>
    judged(
      `${serviceEnvironmentName(serviceEnvironment)}: ${serviceEnvironment.repository}`,
      await read(() =>
        github.workflow({ ...serviceEnvironment, rules: rulesOf(settings, serviceEnvironment) }),
      ),
      (seen) => judgeWorkflow(serviceEnvironment, seen),
    ),
  )
  return [account, ...joinedProblems([...workflows, ...gates])]
}

/** One service environment for each GitHub environment that should be protected. */
function gatesIn({ serviceEnvironments }: Settings): readonly ServiceEnvironment[] {
  const named = serviceEnvironments
    .filter(({ policy }) => policy.required > 0)
    .map((each) => [gateName(each), each] as const)
  return [...new Map(named).values()]
}

/** The rules of a deploy that nobody requested. */
function rulesOf(settings: Settings, serviceEnvironment: ServiceEnvironment) {
  return (sha: string) =>
    bindingRules(settings, serviceEnvironment, { sha, releaseId: 'r-check', requester: 'U0CHECK' })
}

/** The account of each environment, each ECS service, and what its task definitions should contain. */
export async function checkEcs({
  settings,
  ecs,
}: Pick<SetupDeps, 'settings' | 'ecs'>): Promise<readonly Finding[]> {
  const found = await inParallel(settings.serviceEnvironments, (serviceEnvironment) =>
    checkServiceEnvironment(ecs, serviceEnvironment),
  )
  const running = found.flatMap((each) => each.running)
  const findings = found.flatMap((each) => each.findings)
  return joinedProblems([...accountFindings(running), ...sharedFindings(running), ...findings])
}

/** `running`: the targets that ECS has. */
async function checkServiceEnvironment(
  ecs: EcsSetup,
  serviceEnvironment: ServiceEnvironment,
): Promise<{ readonly running: readonly RunningTarget[]; readonly findings: readonly Finding[] }> {
  const { containers, migration = null } = serviceEnvironment
  const targets = targetsOf(serviceEnvironment)
  const all = await inParallel(targets, async (target) => {
    const seen = await read(() => ecs.definitionOf(target))
    const definition = 'value' in seen ? seen.value : null
    return {
      running: definition === null ? [] : [{ serviceEnvironment, target, definition }],
      finding: judged(targetInText(target), seen, (arn) => judgeTarget(target, arn)),
    }
  })
  const running = all.flatMap((each) => each.running)
  const findings = all.map(({ finding }) => finding)
  // Containers are looked for in all targets, so all of them must be known.
  if (running.length < targets.length) return { running, findings }
  const serving = running.map(({ definition }) => definition)
  const missing = await read(() =>
    ecs.missing({ serving, containers, migration, location: locationOf(serviceEnvironment) }),
  )
  const missed = 'value' in missing ? missing.value : []
  return { running, findings: [...findings, ...missed.map((each) => judgeMissing(serviceEnvironment, each))] }
}

/** The queues of events. A message that a check reads stays for twokey. */
export async function checkQueues(queues: readonly QueueSetup[]): Promise<readonly Finding[]> {
  return inParallel(queues, async (queue) =>
    judged(queueName(queue), await read(() => queue.exists()), judgeQueue),
  )
}

/** What the config names in Slack, and what Slack has. */
export type SlackRead = {
  readonly channels: readonly { readonly named: NamedChannel; readonly seen: Read<ChannelSeen | null> }[]
  readonly groups: readonly { readonly id: string; readonly seen: Read<GroupSeen | null> }[]
  readonly policies: readonly { readonly named: NamedPolicy; readonly seen: Read<EligibleApprovers> }[]
}

type SlackDeps = Pick<SetupDeps, 'settings' | 'channel' | 'slack'>

/** Reads channels, user groups, and who may approve. */
export async function readSlack({ settings, channel, slack }: SlackDeps): Promise<SlackRead> {
  return {
    channels: await inParallel(channelsIn(channel, settings), async (named) => ({
      named,
      seen: await read(() => slack.channel(named.id)),
    })),
    groups: await inParallel(accountsIn(settings).groups, async (id) => ({
      id,
      seen: await read(() => slack.group(id)),
    })),
    policies: await inParallel(policiesIn(settings), async (named) => ({
      named,
      seen: await read(() => slack.eligibleApprovers(named.policy.approvers, approversAsk(named.policy))),
    })),
  }
}

/** Channels, user groups, people, and whether there are enough approvers. */
export async function checkSlack(deps: SlackDeps): Promise<readonly Finding[]> {
  const { channels, groups, policies } = await readSlack(deps)
  const { people } = accountsIn(deps.settings)
  const accounts = await inParallel(people.slice(0, mostPeople), async (id) =>
    judged(id, await read(() => deps.slack.notAMember(id)), judgePerson),
  )
  return [
    ...channels.map(({ named, seen }) => judged(named.id, seen, (value) => judgeChannel(named, value))),
    ...groups.map(({ id, seen }) => judged(`user group ${id}`, seen, (value) => judgeGroup(id, value))),
    ...policies.map(({ named, seen }) =>
      judged(`approvals: ${named.of}`, seen, (eligible) => judgePolicy(named, eligible)),
    ),
    ...joined(accounts),
  ]
}

function approversAsk(policy: Policy) {
  return { enough: enoughFor(policy), voter: (account: string) => personOf(policy, account) }
}

/** Reads within a time limit. Does not throw. */
export async function read<T>(ask: () => Promise<T>): Promise<Read<T>> {
  try {
    const late = () => {
      throw new Trouble('passing', `there was no answer within ${readMs / 1000} s`)
    }
    return { value: await inTime(ask(), readMs, late) }
  } catch (error) {
    const trouble = error instanceof Trouble ? error : new Trouble('passing', String(error), { cause: error })
    return { trouble }
  }
}
