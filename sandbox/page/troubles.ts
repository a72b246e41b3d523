import { home } from '../aws/arn.ts'
import { cannotPull } from '../aws/outcomes.ts'
import { deployRole, hasSeededTrust, seedRoles, trustOf } from '../aws/seed-roles.ts'
import type { Sandbox } from '../sandbox.ts'
import { registry, repository } from '../seed.ts'
import type { QueuedTroubles, TroubleName } from './shown.ts'

const dispatchRoute = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'

/** A failure that happens once and can be cancelled before it happens, or a fault that stays until it is cancelled. */
type Trouble = {
  isQueued(sandbox: Sandbox): boolean
  queue(sandbox: Sandbox): void
  cancel(sandbox: Sandbox): void
}

const troubles: Record<TroubleName, Trouble> = {
  migration: {
    isQueued: ({ aws }) => aws.world.migrations.queued.length > 0,
    queue: ({ aws }) =>
      aws.world.migrations.next({
        kind: 'exits',
        code: 1,
        log: [
          'Migrating blog 117 → 118: add unique index on posts.slug',
          'ERROR: could not create unique index: key (slug)=(hello) is duplicated',
        ],
      }),
    cancel: ({ aws }) => aws.world.migrations.unqueue(() => true),
  },
  unhealthy: {
    isQueued: ({ aws }) => aws.world.rollouts.queued.some(({ kind }) => kind === 'unhealthy'),
    queue: ({ aws }) => aws.world.unhealthy('next'),
    cancel: ({ aws }) => aws.world.rollouts.unqueue(({ kind }) => kind === 'unhealthy'),
  },
  image: {
    isQueued: ({ aws }) => aws.world.rollouts.queued.some(({ kind }) => kind === 'never-starts'),
    queue: ({ aws, github }) => {
      const tip = github.world.repository().git.tip('heads/main')
      aws.world.rollouts.next(cannotPull(`${registry}:${tip?.sha ?? 'latest'}`))
    },
    cancel: ({ aws }) => aws.world.rollouts.unqueue(({ kind }) => kind === 'never-starts'),
  },
  github: {
    isQueued: ({ github }) => github.faults.isQueued(dispatchRoute),
    queue: ({ github }) => github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 }),
    cancel: ({ github }) => github.faults.clear(dispatchRoute),
  },
  role: {
    isQueued: ({ aws }) => !hasSeededTrust(aws.iam),
    queue: ({ aws }) => {
      const trustPolicy = trustOf(`repo:${repository}:ref:refs/heads/main`)
      aws.iam.addRole(home, deployRole.name, { trusts: [], trustPolicy })
    },
    cancel: ({ aws }) => seedRoles(aws.iam),
  },
}

/** Which failures are queued. */
export function queuedTroubles(sandbox: Sandbox): QueuedTroubles {
  return {
    migration: troubles.migration.isQueued(sandbox),
    unhealthy: troubles.unhealthy.isQueued(sandbox),
    image: troubles.image.isQueued(sandbox),
    github: troubles.github.isQueued(sandbox),
    role: troubles.role.isQueued(sandbox),
  }
}

/** Queues a failure, at most once, or cancels it. */
export function setTrouble(sandbox: Sandbox, name: TroubleName, next: 'fails' | 'works'): void {
  const trouble = troubles[name]
  if (trouble.isQueued(sandbox) === (next === 'fails')) return
  if (next === 'fails') trouble.queue(sandbox)
  else trouble.cancel(sandbox)
}
