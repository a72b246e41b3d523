import type { Policy } from '../release/approval.ts'
import type { TargetSighting } from '../release/observation.ts'
import { type Refusal, refuse } from '../release/refusal.ts'
import type { Subject, WorkflowInput } from '../release/release.ts'
import { targetName } from '../release/release.ts'
import type { Request } from '../release/request.ts'
import type { Store } from '../store/store.ts'
import type { Outside } from './observe.ts'
import { type ServiceEnvironment, type Settings, targetsOf } from './settings.ts'

export type PrepareNeeds = {
  readonly outside: Outside
  readonly settings: Settings
  readonly store: Store
  readonly newId: () => string
}

export type Prepared = { readonly request: Request } | { readonly refused: Refusal }

type Ask = { readonly place: ServiceEnvironment; readonly requester: string }

/** Looks up all that a deploy needs before anyone is asked to approve it. */
export async function prepareDeploy(
  needs: PrepareNeeds,
  ask: Ask & { readonly ref: string | null },
): Promise<Prepared> {
  const { place, requester, ref } = ask
  const refused = await notAllowed(needs, ask)
  if (refused) return { refused }
  const sightings = await needs.outside.ecs.before(beforeLook(place))
  const serving = servingOf(place, sightings)
  if ('refused' in serving) return serving
  const inspected = await needs.outside.github.inspect({
    repository: place.repository,
    workflow: place.workflow,
    branch: place.branch,
    ref,
    running: serving.revision.commit,
    needs: inputsNeeded(needs.settings, place),
  })
  if ('refused' in inspected) return inspected
  const { commit, tip, changes } = inspected
  if (!tip.inputs.includes('sha') && commit.sha !== tip.sha)
    return refuse(
      'input_missing',
      `${place.workflow} takes no \`sha\` input, so only the tip of ${place.branch} can ship (${tip.sha.slice(0, 7)}).`,
      `Type \`/deploy ${place.environment} ${place.service}\` for the tip, or declare the input in the workflow.`,
    )
  const subject: Subject = {
    kind: 'deploy',
    repository: place.repository,
    workflow: place.workflow,
    branch: place.branch,
    ref,
    commit,
    tip: tip.sha,
    githubTree: tip.githubTree,
    inputs: tip.inputs,
    githubEnvironment: place.githubEnvironment,
    changes,
  }
  return requestOf(needs, {
    place,
    requester,
    subject,
    policy: place.policy,
    waitMs: place.waitMs,
    serving: serving.revision,
  })
}

/** Looks up all that a rollback needs: the revision exists, is ACTIVE and ran well in each target. */
export async function prepareRollback(
  needs: PrepareNeeds,
  ask: Ask & { readonly number: number },
): Promise<Prepared> {
  const { place, requester, number } = ask
  const refused = await notAllowed(needs, ask)
  if (refused) return { refused }
  const { ecs } = needs.outside
  const serving = servingOf(place, await ecs.before(beforeLook(place)))
  if ('refused' in serving) return serving
  const ranWell = await ranWellHere(needs.store, place)
  const found = await Promise.all(
    targetsOf(place).map((target) =>
      ecs.rollbackTarget({ target, number, containers: place.containers, ranWell }),
    ),
  )
  const no = found.find((each) => 'refused' in each)
  if (no) return no
  const revisions = found.flatMap((each) => ('revision' in each ? [each.revision] : []))
  const [revision] = revisions
  if (!revision || revisions.some((other) => other.arn !== revision.arn))
    return refuse(
      'different_services',
      `The targets of ${place.service} in ${place.environment} run task definitions of different families; one number does not name a revision of all.`,
      'Roll them back one by one in ECS.',
    )
  const subject: Subject = { kind: 'rollback', repository: place.repository, revision }
  const { policy, waitMs } = place.rollback
  return requestOf(needs, { place, requester, subject, policy, waitMs, serving: serving.primary })
}

async function notAllowed({ outside }: PrepareNeeds, { place, requester }: Ask): Promise<Refusal | null> {
  const standing = await outside.people.requester(requester, place.requesters)
  if (standing.eligible) return null
  const code = standing.why === 'not_an_approver' ? 'not_allowed' : standing.why
  return refuse(
    code,
    `You may not ask for a release of ${place.environment}: ${standing.sentence}.`,
    'Ask a colleague who may, or whoever keeps twokey.yml.',
  ).refused
}

async function requestOf(
  { outside, settings, newId }: PrepareNeeds,
  known: {
    readonly place: ServiceEnvironment
    readonly requester: string
    readonly subject: Subject
    readonly policy: Policy
    readonly waitMs: number
    readonly serving: Request['serving']
  },
): Promise<Prepared> {
  const { place, requester, subject, policy, waitMs, serving } = known
  const eligible = await outside.people.count(policy.approvers, {
    except: policy.requesterMayApprove ? [] : [requester],
    atMost: policy.required,
  })
  return {
    request: {
      id: newId(),
      service: place.service,
      environment: place.environment,
      targets: targetsOf(place),
      subject,
      requester,
      channel: place.channel,
      policy,
      waitMs,
      deadlines: place.deadlines,
      settleMs: settings.polling.settleMs,
      notify: place.notify,
      containers: place.containers,
      migration: place.migration ? { ...place.migration, region: place.region } : null,
      serving,
      eligible,
    },
  }
}

function beforeLook(place: ServiceEnvironment) {
  return { look: 'before', targets: targetsOf(place), containers: place.containers } as const
}

/** What the first target runs, and what it is meant to run; a target that ECS does not know ends the request. */
function servingOf(place: ServiceEnvironment, sightings: readonly TargetSighting[]) {
  for (const target of targetsOf(place)) {
    const name = targetName(target)
    if (!sightings.some((sighting) => targetName(sighting.target) === name))
      return refuse(
        'service_not_found',
        `ECS knows no service ${name}.`,
        'Compare cluster, service and region in twokey.yml with the account that twokey reads.',
      )
  }
  const { serving, primary } = sightings[0]!
  return { revision: serving, primary: primary.revision }
}

/** One workflow that serves several environments must be told which. */
function inputsNeeded(settings: Settings, place: ServiceEnvironment): readonly WorkflowInput[] {
  const sharing = settings.serviceEnvironments.filter(
    (other) =>
      other.service === place.service &&
      other.workflow === place.workflow &&
      other.repository === place.repository,
  )
  return sharing.length > 1 ? ['environment'] : []
}

/** ARNs of the revisions that releases of twokey brought there successfully. */
async function ranWellHere(
  store: Store,
  { service, environment }: ServiceEnvironment,
): Promise<readonly string[]> {
  const releases = await store.history({ service, environment, ended: true, limit: 100 })
  return releases.flatMap(({ stage, tracks }) =>
    stage.at === 'ended' && stage.outcome === 'succeeded'
      ? tracks.rollouts.flatMap(({ seen }) => (seen ? [seen.revision.arn] : []))
      : [],
  )
}
