import { notFound, ok } from '../answer.ts'
import type { RepositoryRoutes } from '../call.ts'
import { latest } from '../runs.ts'
import { concurrencyGroup, concurrencyGroupOfRun, queueOf } from '../shapes/concurrency.ts'
import { runOf } from './runs.ts'

/** The queues of concurrency groups. */
export const concurrencyRoutes = {
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/concurrency_groups': (call) => {
    const run = runOf(call)
    if (!run || call.world.server === 'enterprise') return notFound
    const groups = latest(run).groups.map((group) =>
      concurrencyGroupOfRun(group, run, call.repository, call.at),
    )
    return ok({ total_count: groups.length, concurrency_groups: groups })
  },

  'GET /repos/{owner}/{repo}/actions/concurrency_groups/{concurrency_group_name}': (call) => {
    const { repository, params, at, world } = call
    const group = params.concurrency_group_name!
    if (world.server === 'enterprise' || queueOf(group, repository).length === 0) return notFound
    return ok(concurrencyGroup(group, repository, at))
  },
} satisfies RepositoryRoutes
