import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import { z } from 'zod'

/** An AppSpec for ECS as twokey needs it. JSON is YAML too, and its keys may be in any case. */
export type AppSpec = {
  /** ARN, or family and number. */
  readonly taskDefinition: string
  readonly containerName: string | null
  readonly containerPort: number | null
  /** The same AppSpec with another task definition, and everything else as it was. */
  readonly with: (taskDefinition: string) => AppSpecContent
}

/** `sha256`: of exactly this content, by which CodeDeploy identifies it. */
export type AppSpecContent = { readonly content: string; readonly sha256: string }

type Members = Readonly<Record<string, unknown>>

const members = z.record(z.string(), z.unknown())

/** Reads the content of an AppSpec; null if it is not one for a single ECS service. */
export function readAppSpec(content: string): AppSpec | null {
  const spec = members.safeParse(parsed(content)).data ?? {}
  const resources = z.array(members).safeParse(member(spec, 'resources')).data ?? []
  const [resource, ...others] = resources.flatMap((each) => Object.values(each))
  const properties = membersOf(member(membersOf(resource), 'properties'))
  const taskDefinition = z.string().safeParse(member(properties, 'taskdefinition')).data
  if (taskDefinition === undefined || others.length > 0) return null
  const balancer = membersOf(member(properties, 'loadbalancerinfo'))
  return {
    taskDefinition,
    containerName: z.string().safeParse(member(balancer, 'containername')).data ?? null,
    containerPort: z.coerce.number().safeParse(member(balancer, 'containerport')).data ?? null,
    with: (wanted) => {
      const text = JSON.stringify(replaced(spec, wanted))
      return { content: text, sha256: createHash('sha256').update(text).digest('hex') }
    },
  }
}

function parsed(content: string): unknown {
  try {
    return parse(content)
  } catch {
    // It is not an AppSpec, which the caller says.
    return undefined
  }
}

function membersOf(value: unknown): Members {
  return members.safeParse(value).data ?? {}
}

function member(of: Members, name: string): unknown {
  return Object.entries(of).find(([key]) => key.toLowerCase() === name)?.[1]
}

function replaced(spec: Members, taskDefinition: string): Members {
  return changed(spec, 'resources', (resources) =>
    z
      .array(members)
      .parse(resources)
      .map((resource) =>
        Object.fromEntries(
          Object.entries(resource).map(([name, each]) => [
            name,
            changed(membersOf(each), 'properties', (properties) =>
              changed(membersOf(properties), 'taskdefinition', () => taskDefinition),
            ),
          ]),
        ),
      ),
  )
}

function changed(of: Members, name: string, change: (value: unknown) => unknown): Members {
  return Object.fromEntries(
    Object.entries(of).map(([key, value]) => [key, key.toLowerCase() === name ? change(value) : value]),
  )
}
