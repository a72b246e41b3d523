import type { AwsDoctor } from '../../ports/doctor.ts'
import type { Ecs } from '../../ports/ports.ts'
import type { EcsSetup } from '../../ports/setup.ts'
import { type AwsLocation, locationOf } from '../../release/names.ts'
import { imageLost } from '../../release/refusals/revisions.ts'
import { RemoteClock } from '../../runtime/remote-clock.ts'
import { type Access, type AwsSettings, accountOf } from '../accounts/access.ts'
import { createDeployment } from '../codedeploy/create.ts'
import { groupsOf } from '../codedeploy/group.ts'
import { type CodeDeployReads, codeDeployReadsOf } from '../codedeploy/reads.ts'
import { type Revisions, revisionsOf } from '../codedeploy/revisions.ts'
import { codeDeploySightOf } from '../codedeploy/sighting.ts'
import { continueDeployment, stopDeployment } from '../codedeploy/steer.ts'
import { type WaysBack, waysBackOf } from '../codedeploy/way-back.ts'
import { awsDoctor } from '../doctor/doctor.ts'
import { imagesOf, type ReadImage, storedImages } from '../ecr/stored-images.ts'
import { type Clients, clientsOf } from './client.ts'
import { type CommitLookup, commitsBy } from './commit.ts'
import { type Failures, failuresOf } from './failures.ts'
import { failedTasksOf, glanceAt, originOf } from './glance.ts'
import { logTail } from './logs.ts'
import { migrationsSeen, tasksBefore } from './migration.ts'
import { missingNames } from './missing.ts'
import { type Reads, readsOf } from './reads.ts'
import { pastRevisions } from './revisions.ts'
import { combineSightings, inspectRevision, rollbackSighting } from './rollback-target.ts'
import { rolloutSightsOf } from './rollout-sighting.ts'
import { definitionOf, hasChangedSince, servingOf } from './serving.ts'
import { isOfCodeDeploy, type Sight, sightOf } from './sighting.ts'
import { continueRollout, stopRollout } from './steer.ts'
import { update, updateBy } from './update.ts'

/** Rollouts that began up to this long ago are reported for a service without a release in progress, ms. */
const recentMs = 15 * 60_000

type Settings = AwsSettings & {
  /** How long to wait for log lines that have not arrived yet, ms; default 1,000. */
  readonly logLagMs?: number
  /** Minimum time between two rounds of batch reads of one kind, ms; default 100. */
  readonly paceMs?: number
  /** How long something that should appear may take, ms; default a minute. */
  readonly settleMs?: number
}

/** One account and region as twokey reaches it. */
type Connection = {
  readonly reading: Access
  readonly clients: Clients
  readonly reads: Reads
  readonly failures: Failures
  readonly codeDeploy: CodeDeployReads
  readonly codeDeployed: Revisions
  readonly waysBack: WaysBack
  readonly readLook: Sight
  readonly readImage: ReadImage
}

/**
 * Connects to ECS, CodeDeploy, CloudWatch Logs and ECR. Each account and region has its own clients, batches and caches.
 * Uses the region of the target, else the one of the settings.
 * @param lookup looks up which words of task definitions are commits
 */
export function connectEcs(
  lookup: CommitLookup,
  settings: Settings = {},
): Ecs & EcsSetup & { readonly doctor: () => AwsDoctor } {
  const clock = new RemoteClock()
  const commits = commitsBy(lookup)
  const connections = new Map<string, Connection>()

  function connectionTo({ region = settings.region, roleArn }: AwsLocation): Connection {
    const key = `${roleArn ?? ''} ${region ?? ''}`
    const known = connections.get(key)
    if (known) return known
    const account = accountOf(
      { ...settings, ...(region !== undefined && { region }), ...(roleArn !== undefined && { roleArn }) },
      clock,
    )
    const clients = clientsOf(account)
    const reads = readsOf(clients, settings.paceMs ?? 100)
    const failures = failuresOf(reads)
    const sights = rolloutSightsOf({ reads, commits, failures })
    const codeDeploy = codeDeployReadsOf(clients, settings.paceMs ?? 100)
    const groups = groupsOf(codeDeploy)
    const codeDeployed = revisionsOf(codeDeploy, groups)
    const codeDeploySight = codeDeploySightOf({
      codeDeploy,
      groups,
      revisions: codeDeployed,
      failures,
      now: () => clock.now(),
      settleMs: settings.settleMs ?? 60_000,
    })
    const readLook = sightOf({ reads, commits, sights, codeDeploySight })
    const waysBack = waysBackOf({
      codeDeploy,
      groups,
      revisions: codeDeployed,
      now: () => clock.now(),
      settleMs: settings.settleMs ?? 60_000,
    })
    const made = {
      reading: account.reading,
      clients,
      reads,
      failures,
      codeDeploy,
      codeDeployed,
      waysBack,
      readLook,
      readImage: imagesOf(account),
    }
    connections.set(key, made)
    return made
  }

  return {
    now: () => clock.now(),
    serving: (targets) => Promise.all(targets.map((target) => servingOf(connectionTo(target).reads, target))),
    glances: (targets) =>
      Promise.all(targets.map((target) => glanceAt(connectionTo(target).reads, target, clock.now()))),
    failedTasks: async (ask) => failedTasksOf(connectionTo(ask.target).reads, ask),
    originOf: async (ask) => originOf(connectionTo(ask.target), ask),
    definitionOf: (target) => definitionOf(connectionTo(target).reads, target),
    doctor: () => awsDoctor(connectionTo, clock),
    async changedSince(targets, since) {
      const changed = await Promise.all(
        targets.map((target) => hasChangedSince(connectionTo(target).reads, target, since)),
      )
      return targets.filter((_, index) => changed[index])
    },
    async revision({ arn, location, source }) {
      return commits.revision(arn, await connectionTo(location).reads.definition(arn), { source })
    },
    async before({ targets, source }) {
      const since = clock.now() - recentMs
      const rolloutsAsk = { source, approved: null, images: 'unwanted', since, arn: null } as const
      const seen = targets.map((target) => connectionTo(target).readLook({ target, ...rolloutsAsk }))
      return (await Promise.all(seen)).filter((sighting) => sighting !== null)
    },
    async rollouts({ targets, source, commit: approved, images }) {
      const seen = targets.map((asked) =>
        connectionTo(asked.target).readLook({ ...asked, source, approved, images }),
      )
      return (await Promise.all(seen)).filter((sighting) => sighting !== null)
    },
    migration: async (look) => migrationsSeen(connectionTo(look).reads, look),
    tasksBefore: async (look) => tasksBefore(connectionTo(look).reads, look),
    missing: async (ask) => missingNames(connectionTo(ask.location).reads, ask),
    async inspect(ask) {
      const found = await inspectRevision({ ...connectionTo(ask.target), commits }, ask)
      if ('refused' in found) return found
      const readIn = (region: string) => connectionTo({ ...locationOf(ask.target), region }).readImage
      const { lost, unread } = await storedImages(readIn, found.images)
      const [first] = lost
      if (first) return { refused: imageLost(ask.serviceEnvironment, found.revision.name, first) }
      return unread === null ? found : { ...found, imagesUnread: unread }
    },
    async rollbackTarget({ targets, ...look }) {
      const seen = targets.map((target) =>
        rollbackSighting({ ...connectionTo(target), commits }, { target, ...look }),
      )
      return combineSightings(await Promise.all(seen))
    },
    past: async (ask) => pastRevisions({ ...connectionTo(ask.target), commits }, ask),
    update: async (ask) => {
      const there = connectionTo(ask.target)
      return updateBy(ask, there.reads, {
        ecs: () => update(there.clients, ask),
        codeDeploy: (service) => createDeployment({ ...there, now: () => clock.now() }, ask, service),
      })
    },
    continueRollout: async (ask) => {
      const steer = isOfCodeDeploy(ask.rollout) ? continueDeployment : continueRollout
      return steer(connectionTo(ask.target).clients, ask)
    },
    stopRollout: async (ask) => {
      const steer = isOfCodeDeploy(ask.rollout) ? stopDeployment : stopRollout
      return steer(connectionTo(ask.target).clients, ask)
    },
    log: async (pointer, lines) => {
      const location = pointer.log === 'rollout' ? pointer.target : pointer
      const { reads, failures } = connectionTo(location)
      const clientsIn = (region: string | undefined) =>
        connectionTo({ ...location, ...(region !== undefined && { region }) }).clients
      return logTail({ reads, failures, clientsIn, lagMs: settings.logLagMs ?? 1_000 }, pointer, lines)
    },
  }
}
