import { z } from 'zod'
import { environment, someApprovals, standard } from './environment-schema.ts'
import { asCode, atLeastOne, awsName, cluster, ecsService, inputs, notYet, text } from './values.ts'

const target = z
  .strictObject({
    cluster: cluster.describe('The cluster.'),
    service: ecsService.describe('The service.'),
  })
  .describe('An ECS service.')

const workflow = text(/^[^/\s]+\.ya?ml$/, 'the name of a file in .github/workflows, such as deploy.yml')

const containers = z
  .array(awsName('a container'))
  .min(1)
  .meta({ allowed: 'a list of at least one container name' })

const commitFrom = z
  .strictObject({
    env: text(/^[A-Za-z_][\w.-]{0,254}$/, 'the name of an environment variable, such as APP_REVISION')
      .describe('The variable, in `environment` of the container.')
      .optional(),
    label: text(/^[A-Za-z0-9][\w./-]{0,254}$/, 'the key of a label, such as com.example.revision')
      .describe('The label, in `dockerLabels` of the container.')
      .optional(),
  })
  .refine((place) => (place.env === undefined) !== (place.label === undefined))
  .meta({ allowed: 'either { env: NAME } or { label: KEY }' })

const migration = z.strictObject({
  family: awsName('a task definition family').describe(
    "Task definition family of the migration task. Use the service's family if one step does both.",
  ),
  cluster: cluster.describe('The cluster that it runs in.').meta({ defaultText: "the service's" }).optional(),
  container: awsName('a container')
    .describe('The container whose exit code counts; required if the task has essential sidecars.')
    .meta({ defaultText: 'every essential one' })
    .optional(),
})

const migrationPaths = z
  .array(
    text(
      /^(?!\.{0,2}\/|.*(?:^|\/)\.\.(?:\/|$))\S(?:.*\S)?$/,
      'a path from the root of the repository, such as db/migrate or services/*/sql',
    ),
  )
  .meta({ allowed: 'a list of paths from the root of the repository' })

const serviceEnvironment = environment
  .partial()
  .extend({
    cluster: cluster.describe('The cluster of the ECS service to update.').optional(),
    service: ecsService.describe('The name of the ECS service to update.').optional(),
    targets: z
      .array(target)
      .min(1)
      .describe('Instead of `cluster` and `service`, if one workflow updates several ECS services.')
      .meta({ allowed: 'a list of at least one { cluster, service }' })
      .optional(),
    approvals: someApprovals.describe('The approvals that a deploy of this service needs.').optional(),
    workflow: workflow
      .describe('The workflow that deploys to this environment.')
      .meta({ defaultText: "the service's" })
      .optional(),
    inputs: inputs
      .describe("Inputs of the workflow for this environment, merged over the service's input by input.")
      .meta({ defaultText: "the service's" })
      .optional(),
    containers: containers
      .describe('The containers whose image carries the commit in this environment.')
      .meta({ defaultText: "the service's" })
      .optional(),
    commitFrom: commitFrom
      .describe(
        'Where the containers carry the commit in this environment: an environment variable or a label.',
      )
      .meta({ defaultText: "the service's" })
      .optional(),
    migration: migration
      .partial()
      .describe("The migration of this environment, merged over the service's field by field.")
      .meta({ allowed: 'any fields of `migration`', defaultText: "the service's" })
      .optional(),
  })
  .describe(
    'Where the service runs in this environment, and settings that override those of the environment.',
  )

/** The schema of an entry of `services`. */
export const service = z
  .strictObject({
    repository: text(
      /^[A-Za-z0-9][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]+$/,
      'a repository on GitHub as owner/name',
    ).describe('The repository with the code and the deploy workflow.'),
    workflow: workflow
      .describe('The workflow that deploys; it must have a `workflow_dispatch` trigger.')
      .meta({ defaultText: 'required, unless each environment sets its own' })
      .optional(),
    inputs: inputs
      .describe("The values of the workflow's inputs, by input name.")
      .meta({ defaultText: 'none' })
      .optional(),
    environmentFrom: z
      .enum(['input', 'branch'])
      .describe(
        'What tells the workflow which environment to deploy to: an input, or the branch that it runs on.',
      )
      .meta({ allowed: 'input or branch', defaultText: asCode(standard.environmentFrom) })
      .optional(),
    pipeline: notYet.describe('A pipeline of CodePipeline, instead of `workflow`.').optional(),
    containers: containers
      .describe('The containers of the task definition whose image carries the commit.')
      .meta({ defaultText: 'required, unless each environment sets its own' })
      .optional(),
    commitFrom: commitFrom
      .describe('The only source of the commit of these containers: an environment variable or a label.')
      .meta({ defaultText: "the images' tags, and the usual labels and variables" })
      .optional(),
    migration: migration
      .describe('The one-off ECS task that the workflow runs before it updates the service.')
      .optional(),
    migrationPaths: migrationPaths
      .describe(
        'Files and folders of the repository that hold migrations. Cards say how many of them a deploy changes.',
      )
      .meta({ defaultText: 'the usual places of migration tools' })
      .optional(),
    environments: z
      .record(z.string(), serviceEnvironment)
      .refine(atLeastOne)
      .describe('The environments that it deploys to, by their names under `environments`.')
      .meta({ allowed: 'a mapping of environment names to settings, at least one' }),
  })
  .describe('A service.')
