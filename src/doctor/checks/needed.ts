import type { DefinitionSeen, ServiceSeen, SubnetSeen } from '../../ports/doctor.ts'
import type { Check } from '../diagnosis.ts'
import { fault, type Judged, ok, warning } from '../judged.ts'
import { targetInText } from '../named.ts'
import { type NeededSeen, type Seen, type TargetSeen, whenRead } from '../seen.ts'

/** What tasks of a definition need, with the definition. */
type Needing = { readonly definition: DefinitionSeen; readonly needed: NeededSeen }

/** The task definitions that services run and that migrations use, each once. */
function needing({ deployed }: Seen): readonly Needing[] {
  const all = deployed.flatMap(({ services, migration, neededByMigration }) => [
    ...services.flatMap(({ seen, needed }) =>
      'value' in seen && seen.value ? [{ definition: seen.value.definition, needed }] : [],
    ),
    ...('value' in migration && migration.value
      ? [{ definition: migration.value, needed: neededByMigration }]
      : []),
  ])
  return [...new Map(all.map((each) => [each.definition.name, each])).values()]
}

function ofDefinitions(judge: (about: string, needing: Needing) => readonly Judged[]): Check['judge'] {
  return (seen) => needing(seen).flatMap((each) => judge(each.definition.name, each))
}

export const imagesStored: Check = {
  id: 'images-stored',
  label: 'Images in ECR',
  why: 'A task whose image is gone does not start, neither after a crash nor in a rollback.',
  judge: ofDefinitions((about, { needed: { lostImages } }) =>
    whenRead(about, lostImages, 'ecr:DescribeImages', (lost) =>
      lost.length === 0
        ? [ok(about, 'no image in ECR is missing or archived')]
        : lost.map(({ container, image, is }) =>
            fault(
              about,
              `the image ${image} of the container ${container} is ${is}`,
              is === 'archived'
                ? 'Restore it: `aws ecr update-image-storage-class --target-storage-class STANDARD`.'
                : 'Deploy a commit whose image is there, and let the lifecycle policy of the repository keep images that services run.',
            ),
          ),
    ),
  ),
}

export const logGroup: Check = {
  id: 'log-group',
  label: 'Log groups',
  why: 'A container whose log group is missing does not start.',
  judge: ofDefinitions((about, { needed: { missingLogGroups } }) =>
    whenRead(about, missingLogGroups, 'logs:DescribeLogGroups', (missing) =>
      missing.length === 0
        ? [ok(about, 'its log groups exist')]
        : missing.map((name) =>
            fault(
              about,
              `CloudWatch Logs has no log group ${name}`,
              `Run \`aws logs create-log-group --log-group-name ${name}\`.`,
            ),
          ),
    ),
  ),
}

export const secretsReadable: Check = {
  id: 'secrets',
  label: 'Secrets of the containers',
  why: 'A container whose secret cannot be read does not start.',
  judge: ofDefinitions((about, { definition: { executionRole }, needed: { secrets, refusedSecrets } }) => [
    ...whenRead(about, secrets, 'secretsmanager:DescribeSecret', (all) => {
      const lost = all.filter(({ is }) => is === 'missing' || is === 'deleted')
      const checked = all.filter(({ is }) => is !== 'not checked')
      return lost.length === 0
        ? [ok(about, `${checked.length} of ${all.length} secrets looked up, none is missing`)]
        : lost.map(({ name, is }) =>
            fault(
              about,
              is === 'missing'
                ? `Secrets Manager has no secret ${name}`
                : `the secret ${name} is scheduled for deletion`,
              is === 'missing'
                ? 'Create it, or correct `valueFrom` in the task definition.'
                : `Run \`aws secretsmanager restore-secret --secret-id ${name}\`.`,
            ),
          )
    }),
    ...whenRead(about, refusedSecrets, 'iam:SimulatePrincipalPolicy on the execution role', (refused) =>
      refused.map((name) =>
        fault(
          about,
          `the execution role ${executionRole} may not read ${name}`,
          'Allow secretsmanager:GetSecretValue (ssm:GetParameters for a parameter) on it in a policy of the role.',
        ),
      ),
    ),
  ]),
}

function ofServices(
  judge: (about: string, service: ServiceSeen, seen: TargetSeen) => readonly Judged[],
): Check['judge'] {
  return ({ deployed }) =>
    deployed.flatMap(({ services }) =>
      services.flatMap((each) =>
        'value' in each.seen && each.seen.value
          ? judge(targetInText(each.target), each.seen.value, each)
          : [],
      ),
    )
}

/** How many tasks a deployment starts beside those that run. Source: developer guide, deployment configuration. */
function extraTasks({ strategy, controller, desired, maximumPercent }: ServiceSeen): number {
  if (strategy !== 'ROLLING' || controller !== 'ECS') return desired
  return Math.max(0, Math.floor((desired * maximumPercent) / 100) - desired)
}

export const freeAddresses: Check = {
  id: 'free-addresses',
  label: 'Free IP addresses',
  why: 'A task without an address does not start: the deploy stands still, and so does the migration.',
  judge: ofServices((about, service, { subnets }) =>
    whenRead(about, subnets, 'ec2:DescribeSubnets', (all) => {
      if (all.length === 0) return []
      // The migration needs one, too.
      const needed = extraTasks(service) + 1
      const free = all.reduce((sum, subnet) => sum + subnet.free, 0)
      const found = all.map(({ id, free }) => `${id} has ${free} free`).join(', ')
      const share = Math.ceil(needed / all.length)
      const narrow: readonly SubnetSeen[] = all.filter((subnet) => subnet.free < share)
      if (free < needed)
        return [
          fault(
            about,
            `${found}, and a deploy needs ${needed} at once`,
            'Add a larger subnet to the service, or stop what uses the addresses.',
          ),
        ]
      return narrow.length > 0
        ? [
            warning(
              about,
              `${found}, and a deploy needs ${needed} at once: ECS spreads tasks over the subnets`,
              'Free addresses there, or replace the subnet by a larger one.',
            ),
          ]
        : [ok(about, found)]
    }),
  ),
}

export const gracePeriod: Check = {
  id: 'grace-period',
  label: 'Grace period of health checks',
  why: 'ECS stops tasks that are still starting, and the circuit breaker rolls a good version back.',
  judge: ofServices((about, service, { targetGroups }) => {
    if (!service.isBehindLoadBalancer) return []
    return whenRead(about, targetGroups, 'elasticloadbalancing:DescribeTargetGroups', (groups) => {
      const start = Math.max(
        0,
        ...service.definition.containers
          .filter(({ isEssential }) => isEssential)
          .map(({ startSeconds }) => startSeconds ?? 0),
      )
      const { graceSeconds } = service
      const short = groups.flatMap(({ name, intervalSeconds, healthyThreshold, unhealthyThreshold }) => {
        const needed = start + healthyThreshold * intervalSeconds
        // A task that starts faster than the load balancer gives it up needs no grace period.
        const isGivenUp = start > 0 && unhealthyThreshold * intervalSeconds <= start
        return isGivenUp && graceSeconds < needed
          ? [
              {
                needed,
                text: `a container may take ${start} s to start (startPeriod), the target group ${name} takes ${healthyThreshold} × ${intervalSeconds} s to find it healthy, and the grace period is ${graceSeconds} s`,
              },
            ]
          : []
      })
      const [first] = short.toSorted((one, other) => other.needed - one.needed)
      const [unhealthy] = service.unhealthy
      const raise = (seconds: number) =>
        `Run \`aws ecs update-service --health-check-grace-period-seconds ${seconds}\` with the names of the cluster and the service.`
      if (first) return [warning(about, first.text, raise(first.needed))]
      return unhealthy !== undefined && graceSeconds < shortestGrace
        ? [
            warning(
              about,
              `the grace period is ${graceSeconds} s, and ECS says: ${unhealthy}`,
              raise(shortestGrace),
            ),
          ]
        : [ok(about, `${graceSeconds} s`)]
    })
  }),
}

/** A grace period in which most services start, seconds. */
const shortestGrace = 60

/** Signatures of AWS are refused from five minutes on. Source: IAM user guide, request signing. */
const mostAheadMs = 60_000

export const clock: Check = {
  id: 'clock',
  label: 'Clock of this machine',
  why: 'AWS refuses requests whose time is five minutes off, and twokey measures waits by this clock.',
  judge: ({ clockAheadMs }) => {
    const seconds = Math.round(Math.abs(clockAheadMs) / 1000)
    const evidence = `it is ${seconds} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the clock of AWS`
    return [
      Math.abs(clockAheadMs) > mostAheadMs
        ? warning('this machine', evidence, 'Synchronize it, by chrony for example.')
        : ok('this machine', evidence),
    ]
  },
}
