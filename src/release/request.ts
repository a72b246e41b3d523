import { authorsOf, type Policy } from './approval.ts'
import { Draft } from './draft.ts'
import type { AuditEntry, Effect } from './effects.ts'
import type { Revision } from './observation.ts'
import { type Refusal, refuse } from './refusal.ts'
import {
  freshTracks,
  type PersonId,
  type Release,
  type Subject,
  type Target,
  type Time,
  targetName,
} from './release.ts'
import { stateOf } from './state.ts'
import { passGate } from './steps/approval.ts'

/** All that is known when a release is asked for; looked up outside before. */
export type Request = {
  readonly id: string
  readonly service: string
  readonly environment: string
  readonly targets: readonly Target[]
  readonly subject: Subject
  readonly requester: PersonId
  readonly channel: string
  readonly policy: Policy
  readonly waitMs: number
  readonly deadlines: Release['deadlines']
  readonly settleMs: number
  readonly notify: readonly string[]
  readonly containers: readonly string[]
  readonly migration: Release['migration']
  readonly serving: Revision | null
  /** How many people may turn a key, counted up to the number required. */
  readonly eligible: number
}

/** Which place of its targets a release takes: a rollback may stand behind a running deploy, ready to take its place. */
export type Place = 'current' | 'next'

export type Requested =
  | {
      readonly release: Release
      readonly place: Place
      readonly effects: readonly Effect[]
      readonly audit: readonly AuditEntry[]
    }
  | { readonly refused: Refusal }

/**
 * Makes the release, or says why not.
 * @param holders the releases that hold one of the targets, in either place
 */
export function request(asked: Request, holders: readonly Release[], now: Time): Requested {
  const refused = nothingToDo(asked, holders) ?? unsatisfiable(asked) ?? laneTaken(asked, holders)
  if (refused) return { refused }
  const draft = new Draft(newRelease(asked, now), now)
  draft.note(asked.requester, 'requested', {
    service: asked.service,
    environment: asked.environment,
    targets: asked.targets.map(targetName),
    subject: asked.subject,
    policy: asked.policy,
  })
  draft.tell('asked', { tell: 'asked', by: asked.requester, subject: asked.subject, serving: asked.serving })
  passGate(draft)
  return {
    release: draft.release,
    place: holders.length > 0 ? 'next' : 'current',
    effects: draft.effects,
    audit: draft.audit,
  }
}

function newRelease(asked: Request, now: Time): Release {
  const { serving, eligible: _, ...rest } = asked
  return {
    ...rest,
    requestedAt: now,
    servingBefore: serving,
    approvals: [],
    round: 0,
    stage: { at: 'approval', since: now },
    tracks: freshTracks(asked.targets),
    sentAt: null,
    cancelAsked: null,
    supersededBy: null,
    cancelSentAt: null,
    blind: {},
    told: [],
  }
}

/** A rollback to what serves now is of use while a deploy is on its way to replace it. */
function nothingToDo(
  { subject, serving, service, environment }: Request,
  holders: readonly Release[],
): Refusal | undefined {
  if (serving === null || (subject.kind === 'rollback' && holders.length > 0)) return undefined
  if (subject.kind === 'rollback') {
    if (serving.arn !== subject.revision.arn) return undefined
    return refuse(
      'already_serving',
      `${serving.name} is what serves ${service} in ${environment} now.`,
      `Type \`/rollback ${service}\` to see the revisions that ran well.`,
    ).refused
  }
  if (serving.commit === null || !subject.commit.sha.startsWith(serving.commit)) return undefined
  return refuse(
    'nothing_to_deploy',
    `Nothing to deploy: ${service} in ${environment} runs ${subject.commit.sha.slice(0, 7)} already (${serving.name}).`,
    `Name another commit, as in \`/deploy ${environment} ${service} <branch, tag or commit>\`.`,
  ).refused
}

function unsatisfiable({ eligible, policy, subject, environment }: Request): Refusal | undefined {
  if (policy.required > 0 && !policy.authorsMayApprove && authorsOf(subject) === null)
    return refuse(
      'policy_unsatisfiable',
      `Nobody could approve this: authors may not approve in ${environment}, and who wrote all of what ships could not be told.`,
      'Ship a commit whose authors GitHub knows, or ask whoever keeps twokey.yml.',
    ).refused
  if (eligible >= policy.required) return undefined
  return refuse(
    'policy_unsatisfiable',
    `Nobody could approve this: ${environment} asks for ${policy.required} approvals, and ${eligible} of its approvers may give one to you.`,
    'Ask whoever keeps twokey.yml to name more approvers.',
  ).refused
}

function laneTaken(
  { subject, service, environment, id }: Request,
  holders: readonly Release[],
): Refusal | undefined {
  const holder = holders.find(
    (other) => other.id !== id && (subject.kind === 'deploy' || other.subject.kind === 'rollback'),
  )
  if (!holder) return undefined
  const who = `release ${holder.id} of <@${holder.requester}> is ${stateOf(holder)}`
  if (subject.kind === 'rollback')
    return refuse(
      'rollback_under_way',
      `A rollback of ${service} in ${environment} is in flight: ${who}.`,
      'See its card; cancel it there first.',
    ).refused
  return refuse(
    'in_flight',
    `${service} in ${environment} is taken: ${who}.`,
    `Wait for its end, cancel it on its card, or go back with \`/rollback ${service}\`.`,
  ).refused
}
