import type { Route } from './coverage.ts'
import type { HookEvent } from './hooks/events.ts'

export type Level = 'none' | 'read' | 'write'

/** What a token or an installation may do, by GitHub's names of permissions; absent: nothing. */
export type Permissions = {
  readonly actions: Level
  readonly contents: Level
  readonly checks: Level
  readonly statuses: Level
  readonly deployments?: Level
  /** Of a repository; to change its environments. No App of the sandbox has it. */
  readonly administration?: Level
}

/** The permissions that twokey needs. */
export const permissions = {
  actions: 'write',
  contents: 'read',
  checks: 'read',
  statuses: 'read',
  deployments: 'write',
} as const satisfies Permissions

export type Requirement = {
  readonly permission: keyof Permissions
  readonly level: Exclude<Level, 'none'>
}

/**
 * The permission that a route requires; undefined if any token will do, or none. Source: docs.github.com,
 * permissions required for GitHub Apps and for fine-grained personal access tokens.
 */
export function requirementOf(route: Route): Requirement | undefined {
  const level = route.startsWith('GET ') ? 'read' : 'write'
  if (route.endsWith('/pending_deployments'))
    return level === 'read'
      ? { permission: 'actions', level: 'read' }
      : { permission: 'deployments', level: 'read' }
  if (/\/deployments\b|\/deployment_protection_rule$/.test(route)) return { permission: 'deployments', level }
  if (route.endsWith('/deployment_protection_rules/apps')) return { permission: 'administration', level }
  if (/^\w+ \/app\b/.test(route)) return undefined
  if (/\/environments\b/.test(route))
    return { permission: level === 'read' ? 'actions' : 'administration', level }
  if (/\/actions\//.test(route)) return { permission: 'actions', level }
  if (/\/check-runs$/.test(route)) return { permission: 'checks', level }
  if (/\/commits\/[^/]+\/status$/.test(route)) return { permission: 'statuses', level }
  if (/\/(git|commits|compare|branches|contents)\b/.test(route)) return { permission: 'contents', level }
  return undefined
}

/** The permission that an App needs for an event. */
export function requirementOfEvent(event: HookEvent): Requirement {
  return { permission: event.startsWith('workflow_') ? 'actions' : 'deployments', level: 'read' }
}

const ranks: Record<Level, number> = { none: 0, read: 1, write: 2 }

/** Whether a level includes another one. */
export function includes(has: Level | undefined, needs: Level): boolean {
  return ranks[has ?? 'none'] >= ranks[needs]
}
