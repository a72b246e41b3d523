import type { ContainerSeen, DefinitionSeen, ServiceSeen } from '../../ports/doctor.ts'
import type { Check } from '../diagnosis.ts'
import { fault, type Judged, ok, warning } from '../judged.ts'
import { serviceEnvironmentName, targetInText } from '../named.ts'
import { type DeployedSeen, whenRead } from '../seen.ts'

/** Judges each ECS service that exists. */
function ofServices(judge: (about: string, service: ServiceSeen) => readonly Judged[]): Check['judge'] {
  return ({ deployed }) =>
    deployed.flatMap(({ services }) =>
      services.flatMap(({ target, seen }) => {
        const about = targetInText(target)
        return whenRead(about, seen, 'ecs:DescribeServices and ecs:DescribeTaskDefinition', (service) =>
          service === null ? [] : judge(about, service),
        )
      }),
    )
}

/** Judges the task definitions that services run, and those of migrations, each once. */
function ofDefinitions(judge: (definition: DefinitionSeen) => readonly Judged[]): Check['judge'] {
  return ({ deployed }) => {
    const all = deployed.flatMap(definitionsOf)
    return [...new Map(all.map((each) => [each.name, each])).values()].flatMap(judge)
  }
}

function definitionsOf({ services, migration }: DeployedSeen): readonly DefinitionSeen[] {
  return [
    ...services.flatMap(({ seen }) => ('value' in seen && seen.value ? [seen.value.definition] : [])),
    ...('value' in migration && migration.value ? [migration.value] : []),
  ]
}

export const serviceExists: Check = {
  id: 'service',
  label: 'ECS service',
  why: 'A deploy to a service that does not exist fails.',
  judge: ({ deployed }) =>
    deployed.flatMap(({ services }) =>
      services.flatMap(({ target, seen }) => {
        const about = targetInText(target)
        return whenRead(about, seen, 'ecs:DescribeServices and ecs:DescribeTaskDefinition', (service) => [
          service === null
            ? fault(
                about,
                'ECS has no such service',
                'Correct the names or the region in twokey.yml, or create the service.',
              )
            : existing(about, service),
        ])
      }),
    ),
}

function existing(about: string, { controller, definition }: ServiceSeen): Judged {
  return controller === 'EXTERNAL'
    ? fault(
        about,
        'it has the deployment controller EXTERNAL, which twokey does not support',
        'Remove the service from twokey.yml, or give it the deployment controller ECS or CODE_DEPLOY.',
      )
    : ok(about, `runs ${definition.name}`)
}

export const migrationFamily: Check = {
  id: 'migration-family',
  label: 'Task definition of the migration',
  why: 'twokey finds the migration, and so its exit code, by its family.',
  judge: ({ deployed }) =>
    deployed.flatMap(({ serviceEnvironment, migration }) => {
      const { family } = serviceEnvironment.migration ?? {}
      if (family === undefined) return []
      return whenRead(
        serviceEnvironmentName(serviceEnvironment),
        migration,
        'ecs:DescribeTaskDefinition',
        (found) => [
          found === null
            ? warning(
                serviceEnvironmentName(serviceEnvironment),
                `ECS has no active task definition ${family}`,
                'Correct `migration` in twokey.yml, unless the first deploy registers it.',
              )
            : ok(serviceEnvironmentName(serviceEnvironment), found.name),
        ],
      )
    }),
}

export const circuitBreaker: Check = {
  id: 'circuit-breaker',
  label: 'Circuit breaker',
  why: 'Without it, ECS starts failing tasks again and again, and rolls nothing back.',
  judge: ofServices((about, { controller, strategy, circuitBreaker: { isOn, rollsBack } }) => {
    if (controller !== 'ECS' || strategy !== 'ROLLING') return []
    if (isOn && rollsBack) return [ok(about, 'it is on, and rolls back')]
    return [
      warning(
        about,
        isOn ? 'it is on, but does not roll back' : 'it is off',
        'Run `aws ecs update-service --deployment-configuration "deploymentCircuitBreaker={enable=true,rollback=true}"` with the names of the cluster and the service.',
      ),
    ]
  }),
}

export const mutableImage: Check = {
  id: 'mutable-image',
  label: 'Images that name a version',
  why: 'Nobody knows what `latest` runs, and a rollback to the revision brings nothing back.',
  judge: ofDefinitions(({ name, containers }) => {
    const mutable = containers.filter((container) => container.isEssential && isMutable(container))
    const unpinned = containers.filter(({ pinsDigest }) => !pinsDigest)
    return [
      ...mutable.map(({ name: container, image, pinsDigest }) =>
        warning(
          name,
          `the container ${container} runs ${image}${pinsDigest ? '' : ', and versionConsistency is disabled'}`,
          'Let the workflow push the image with the commit as its tag, and register the task definition with that tag or its digest.',
        ),
      ),
      ...unpinned
        .filter((container) => !mutable.includes(container))
        .map(({ name: container, image }) =>
          isDigest(image)
            ? ok(name, `the container ${container} names a digest`)
            : warning(
                name,
                `the container ${container} has versionConsistency: disabled, so tasks of one deployment may run different images`,
                'Remove `versionConsistency` from the container.',
              ),
        ),
      ...(mutable.length + unpinned.length === 0
        ? [ok(name, containers.map(({ image }) => image).join(', '))]
        : []),
    ]
  }),
}

function isDigest(image: string): boolean {
  return image.includes('@sha256:')
}

function isMutable({ image }: ContainerSeen): boolean {
  if (isDigest(image)) return false
  const tag = /:([^:/]+)$/.exec(image)?.[1]
  return tag === undefined || tag === 'latest'
}

export const plainSecrets: Check = {
  id: 'plain-secrets',
  label: 'Secrets in plain text',
  why: 'Whoever may describe task definitions can read it, and it stays in every revision.',
  judge: ofDefinitions(({ name, containers }) => {
    const found = containers.flatMap(({ name: container, plainSecrets }) =>
      plainSecrets.map((secret) => ({ container, ...secret })),
    )
    return found.length === 0
      ? [ok(name, 'no variable in plain text looks like a secret')]
      : found.map(({ container, variable, because }) =>
          warning(
            name,
            `the variable ${variable} of the container ${container} looks like a secret, by ${because}`,
            'Store it in Secrets Manager, name it under `secrets` of the container instead of `environment`, and replace the secret.',
          ),
        )
  }),
}
