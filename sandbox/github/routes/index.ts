import type { Answer } from '../answer.ts'
import type { Call, RepositoryCall, RepositoryRoute } from '../call.ts'
import type { Route } from '../coverage.ts'
import {
  authenticatedApp,
  installation,
  installations,
  installationToken,
  rateLimit,
  repositoryInstallation,
} from './apps.ts'
import { checkRoutes } from './checks.ts'
import { concurrencyRoutes } from './concurrency.ts'
import { deploymentRoutes } from './deployments.ts'
import { environmentRoutes } from './environments.ts'
import { gitRoutes } from './git.ts'
import { hookConfig, hookDeliveries, hookDelivery, redelivery } from './hook-deliveries.ts'
import { oidcRoutes } from './oidc.ts'
import { protectionRoutes } from './protection.ts'
import { runRoutes } from './runs.ts'
import { authenticatedUser } from './users.ts'
import { workflowRoutes } from './workflows.ts'

/** The handlers of all repository routes. */
export const repositoryRoutes: Record<RepositoryRoute, (call: RepositoryCall) => Answer> = {
  ...gitRoutes,
  ...checkRoutes,
  ...workflowRoutes,
  ...runRoutes,
  ...environmentRoutes,
  ...oidcRoutes,
  ...protectionRoutes,
  ...deploymentRoutes,
  ...concurrencyRoutes,
  'GET /repos/{owner}/{repo}/installation': repositoryInstallation,
}

/** The handlers of all other routes. */
export const otherRoutes: Record<Exclude<Route, RepositoryRoute>, (call: Call) => Answer> = {
  'GET /rate_limit': rateLimit,
  'GET /user': authenticatedUser,
  'GET /app': authenticatedApp,
  'GET /app/hook/config': hookConfig,
  'GET /app/hook/deliveries': hookDeliveries,
  'GET /app/hook/deliveries/{delivery_id}': hookDelivery,
  'POST /app/hook/deliveries/{delivery_id}/attempts': redelivery,
  'GET /app/installations': installations,
  'GET /app/installations/{installation_id}': installation,
  'POST /app/installations/{installation_id}/access_tokens': installationToken,
}

/** The routes that an App calls as itself, with a JWT. */
export const appRoutes: ReadonlySet<Route> = new Set([
  'GET /app',
  'GET /app/hook/config',
  'GET /app/hook/deliveries',
  'GET /app/hook/deliveries/{delivery_id}',
  'POST /app/hook/deliveries/{delivery_id}/attempts',
  'GET /app/installations',
  'GET /app/installations/{installation_id}',
  'GET /repos/{owner}/{repo}/installation',
  'POST /app/installations/{installation_id}/access_tokens',
])

export function isRepositoryRoute(route: Route): route is RepositoryRoute {
  return route.includes(' /repos/')
}
