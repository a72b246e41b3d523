import { parse } from 'yaml'
import { z } from 'zod'

/** The parts of an AppSpec for ECS that the sandbox acts on. */
export type AppSpec = {
  readonly taskDefinition: string
  readonly containerName: string | undefined
  readonly containerPort: number | undefined
  /** Names of Lambda functions by event. */
  readonly hooks: Readonly<Record<string, string>>
}

const hookEvents = [
  'beforeinstall',
  'afterinstall',
  'afterallowtesttraffic',
  'beforeallowtraffic',
  'afterallowtraffic',
] as const

/** Keys are accepted in any case. Source: AppSpec file structure for Amazon ECS. */
const shape = z.strictObject({
  version: z.union([z.literal(0), z.literal('0.0')]),
  resources: z
    .array(
      z.record(
        z.string(),
        z.strictObject({
          type: z.literal('AWS::ECS::Service'),
          properties: z.strictObject({
            taskdefinition: z.string().min(1),
            loadbalancerinfo: z
              .strictObject({
                containername: z.string().min(1),
                containerport: z.union([z.int(), z.string().regex(/^\d+$/)]),
              })
              .optional(),
            platformversion: z.string().optional(),
            networkconfiguration: z.looseObject({}).optional(),
            capacityproviderstrategy: z.array(z.looseObject({})).optional(),
          }),
        }),
      ),
    )
    .length(1),
  hooks: z.array(z.partialRecord(z.enum(hookEvents), z.string().min(1))).optional(),
})

/** Reads the content of an AppSpec, JSON or YAML; a string says what is wrong with it. */
export function readAppSpec(content: string): AppSpec | string {
  let parsed: unknown
  try {
    parsed = parse(content)
  } catch {
    return 'The AppSpec content is neither JSON nor YAML.'
  }
  const read = shape.safeParse(lowerKeys(parsed))
  if (!read.success)
    return `The deployment specification is invalid: ${z.prettifyError(read.error).replaceAll('\n', ' ')}`
  const { resources, hooks = [] } = read.data
  const [resource] = Object.values(resources[0]!)
  if (resource === undefined) return 'The deployment specification names no service.'
  const { taskdefinition, loadbalancerinfo } = resource.properties
  return {
    taskDefinition: taskdefinition,
    containerName: loadbalancerinfo?.containername,
    containerPort: loadbalancerinfo && Number(loadbalancerinfo.containerport),
    hooks: Object.assign({}, ...hooks),
  }
}

/** Names of resources are lowered too, which changes nothing. */
function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toLowerCase(), lowerKeys(member)]),
  )
}
