import { cannotPull } from '../aws/fate.ts'
import type { Sandbox } from '../sandbox.ts'
import { registry } from '../seed.ts'
import type { Troubled, TroubleName } from './shown.ts'

const dispatchRoute = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'

/** A failure that happens once, and can be cancelled before it happens. */
type Trouble = {
  isAhead(sandbox: Sandbox): boolean
  bring(sandbox: Sandbox): void
  spare(sandbox: Sandbox): void
}

const troubles: Record<TroubleName, Trouble> = {
  migration: {
    isAhead: ({ aws }) => aws.world.migrations.queued.length > 0,
    bring: ({ aws }) =>
      aws.world.migrations.next({
        kind: 'exits',
        code: 1,
        log: [
          'Migrating blog 117 → 118: add unique index on posts.slug',
          'ERROR: could not create unique index: key (slug)=(hello) is duplicated',
        ],
      }),
    spare: ({ aws }) => aws.world.migrations.unqueue(() => true),
  },
  unhealthy: {
    isAhead: ({ aws }) => aws.world.rollouts.queued.some(({ kind }) => kind === 'unhealthy'),
    bring: ({ aws }) => aws.world.unhealthy('next'),
    spare: ({ aws }) => aws.world.rollouts.unqueue(({ kind }) => kind === 'unhealthy'),
  },
  image: {
    isAhead: ({ aws }) => aws.world.rollouts.queued.some(({ kind }) => kind === 'never-starts'),
    bring: ({ aws, github }) => {
      const tip = github.world.repository().git.tip('heads/main')
      aws.world.rollouts.next(cannotPull(`${registry}:${tip?.sha ?? 'latest'}`))
    },
    spare: ({ aws }) => aws.world.rollouts.unqueue(({ kind }) => kind === 'never-starts'),
  },
  github: {
    isAhead: ({ github }) => github.faults.waitFor(dispatchRoute),
    bring: ({ github }) => github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 }),
    spare: ({ github }) => github.faults.clear(dispatchRoute),
  },
}

/** Which failures are queued. */
export function troublesAhead(sandbox: Sandbox): Troubled {
  return {
    migration: troubles.migration.isAhead(sandbox),
    unhealthy: troubles.unhealthy.isAhead(sandbox),
    image: troubles.image.isAhead(sandbox),
    github: troubles.github.isAhead(sandbox),
  }
}

/** Queues a failure, at most once, or cancels it. */
export function setTrouble(sandbox: Sandbox, name: TroubleName, next: 'goes wrong' | 'goes well'): void {
  const trouble = troubles[name]
  if (trouble.isAhead(sandbox) === (next === 'goes wrong')) return
  if (next === 'goes wrong') trouble.bring(sandbox)
  else trouble.spare(sandbox)
}
