import type { Gate } from '../ports/gates.ts'
import type { Trouble } from '../ports/ports.ts'
import type { ChannelSeen, DispatchableWorkflow, GitHubAccount, GroupSeen } from '../ports/setup.ts'
import { unmarked } from '../release/foreign.ts'
import type { Missing } from '../release/missing.ts'
import type { Target } from '../release/names.ts'
import type { EligibleApprovers } from '../release/policy/eligible-approvers.ts'
import type { Refusal } from '../release/refusal.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import type { Finding } from './finding.ts'
import { type NamedChannel, type NamedPolicy, serviceEnvironmentName } from './named.ts'

/** What was read, or why it could not be. */
export type Read<T> = { readonly value: T } | { readonly trouble: Trouble }

/** Judges a value that was read; whatever could not be read is wrong only if that does not pass by itself. */
export function judged<T>(
  about: string,
  read: Read<T>,
  judge: (value: T) => Omit<Finding, 'about'>,
): Finding {
  if ('value' in read) return { about, ...judge(read.value) }
  const { kind, message } = read.trouble
  return kind === 'terminal'
    ? { about, ...wrong(unmarked(message), null) }
    : { about, state: 'unavailable', says: `could not be checked: ${unmarked(message)}`, next: null }
}

function right(says: string): Omit<Finding, 'about'> {
  return { state: 'right', says, next: null }
}

/** It works, with a limit to know. */
function caution(says: string): Omit<Finding, 'about'> {
  return { state: 'caution', says, next: null }
}

function wrong(says: string, next: string | null): Omit<Finding, 'about'> {
  return { state: 'wrong', says, next }
}

export function judgeAccount(account: GitHubAccount): Omit<Finding, 'about'> {
  switch (account.is) {
    case 'user':
      return right(`as ${account.login}`)
    case 'token of an app':
      return right('GITHUB_TOKEN is valid, and belongs to a GitHub App')
    case 'app':
      return account.lacks.length === 0
        ? right(`as the GitHub App ${account.slug}`)
        : wrong(
            `the GitHub App ${account.slug} lacks permissions: ${account.lacks.join(', ')}`,
            'Add them in the settings of the App, and accept them for its installations.',
          )
  }
}

/** Whether runs that others start are held, and whether enough approvers are known to GitHub's gate by their logins. */
export function judgeGate({ policy, environment }: ServiceEnvironment, gate: Gate): Omit<Finding, 'about'> {
  if (gate.gate !== 'twokey')
    return caution(
      `approvals for ${environment} can be bypassed on GitHub${gate.gate === 'open' ? openText(gate) : ''}: see docs/gates.md`,
    )
  const logins = policy.people.filter(({ github }) => github !== undefined).length
  if (!policy.requesterMayApprove && logins < policy.required)
    return wrong(
      `${policy.required} approvals needed, but \`people\` in twokey.yml has the GitHub logins of ${logins === 0 ? 'nobody' : `only ${logins}`}, so no run that waits can be approved`,
      'Add the GitHub login of everybody who may approve under `people`.',
    )
  return gate.bypass === 'nobody'
    ? right('only twokey lets runs through')
    : caution('only twokey lets runs through, but administrators can bypass it')
}

function openText({ repository }: Extract<Gate, { gate: 'open' }>): string {
  return repository === 'private'
    ? ' (no required reviewers; private repositories have them on GitHub Enterprise only)'
    : ' (no required reviewers)'
}

export function judgeWorkflow(
  { workflow, branch, policy }: ServiceEnvironment,
  seen: DispatchableWorkflow | { readonly refused: Refusal },
): Omit<Finding, 'about'> {
  if ('refused' in seen) return wrong(plain(seen.refused.sentence), unmarked(seen.refused.next))
  const { tip, startsOn } = seen
  const found = `${workflow} on ${branch} (${tip.slice(0, 7)})`
  return startsOn.length > 0 && policy.required > 0
    ? caution(
        `${found}. It also starts on ${startsOn.join(', ')}, without approvals unless twokey reviews the gate`,
      )
    : right(found)
}

export function judgeTarget({ cluster, service }: Target, arn: string | null): Omit<Finding, 'about'> {
  return arn === null
    ? wrong(
        `ECS has no service ${service} in the cluster ${cluster}`,
        'Correct the names or the region in twokey.yml, or create the service.',
      )
    : right(`runs ${arn.slice(arn.lastIndexOf('/') + 1)}`)
}

export function judgeQueue(exists: boolean): Omit<Finding, 'about'> {
  return exists
    ? right('twokey can read events from it')
    : wrong(
        'SQS has no such queue',
        'Correct its address in twokey.yml (`events`), or create the queue. Until then twokey only polls.',
      )
}

export function judgeMissing(serviceEnvironment: ServiceEnvironment, missing: Missing): Finding {
  return {
    about: serviceEnvironmentName(serviceEnvironment),
    ...wrong(missingText(missing), 'Correct the name in twokey.yml, unless the next deploy registers it.'),
  }
}

function missingText(missing: Missing): string {
  switch (missing.missing) {
    case 'migration family':
      return `ECS has no active task definition ${missing.family}, the family of the migration`
    case 'migration container':
      return `${missing.in.definition} has no container ${missing.container}; it has ${missing.in.has.join(', ')}`
    case 'containers':
      return `no task definition here has a container ${missing.containers.join(', ')}: ${missing.in
        .map(({ definition, has }) => `${definition} has ${has.join(', ')}`)
        .join('; ')}`
  }
}

export function judgeChannel(
  { id, of, isProtected }: NamedChannel,
  seen: ChannelSeen | null,
): Omit<Finding, 'about'> {
  if (seen === null)
    return wrong(
      `Slack has no channel ${id}, or it is private and twokey is not in it`,
      `Check the ID in twokey.yml (${of}); if it is right, type \`/invite @twokey\` in the channel.`,
    )
  const name = `#${seen.name}`
  if (seen.isArchived)
    return wrong(`${name} is archived`, `Unarchive it, or set another channel in twokey.yml (${of}).`)
  if (!seen.isMember) return wrong(`twokey is not in ${name}`, `Type \`/invite @twokey\` in ${name}.`)
  if (seen.isShared && isProtected)
    return wrong(
      `${name} is shared with another organization, and approvals are not allowed there`,
      'Choose a channel that is not shared, or write `externalChannels: true` for the environment in twokey.yml.',
    )
  return { ...right(name), channel: id }
}

export function judgeGroup(id: string, seen: GroupSeen | null): Omit<Finding, 'about'> {
  if (seen === null)
    return wrong(
      `Slack has no user group ${id}, or it is disabled`,
      'Copy its ID in Slack: People → User groups → ⋯ → Copy group ID.',
    )
  const { handle, members } = seen
  const name = handle === null ? id : `@${handle}`
  return members === 0
    ? wrong(`the user group ${name} has no members`, 'Add people to it in Slack: People → User groups.')
    : right(`${handle === null ? '' : `${name}, `}${members} ${members === 1 ? 'person' : 'people'}`)
}

/** How many people have to be counted to know whether the policy can be met: one more if the requester may not approve. */
export function enoughFor({ required, requesterMayApprove }: NamedPolicy['policy']): number {
  return requesterMayApprove ? required : required + 1
}

export function judgePolicy(
  { policy }: NamedPolicy,
  { persons, looked, candidates }: EligibleApprovers,
): Omit<Finding, 'about'> {
  const { required, requesterMayApprove } = policy
  const needs = `${required} ${required === 1 ? 'approval' : 'approvals'} needed`
  const isCounted = looked >= candidates
  const eligible = `${isCounted ? '' : 'at least '}${persons} ${persons === 1 ? 'person' : 'people'} may approve`
  if (persons < required)
    return isCounted
      ? wrong(
          `${needs}, but only ${eligible}`,
          'Add approvers to twokey.yml or people to its user groups, or lower `approvals.required`.',
        )
      : wrong(
          `${needs}, but of the first ${looked} accounts only ${persons} may approve`,
          'Use a smaller user group in twokey.yml.',
        )
  return persons === required && !requesterMayApprove
    ? caution(`${needs}, ${eligible}: none of them can get their own requests approved`)
    : right(`${needs}, ${eligible}`)
}

/** @param why null: a full member */
export function judgePerson(why: string | null): Omit<Finding, 'about'> {
  return why === null
    ? right('full members of the workspace')
    : wrong(why, 'Use another account in twokey.yml. To copy an ID in Slack: profile → ⋯ → Copy member ID.')
}

/** A refusal's sentence within a finding. */
function plain(sentence: string): string {
  return unmarked(sentence)
    .replace(/^Nothing was done: /, '')
    .replace(/\.$/, '')
}
