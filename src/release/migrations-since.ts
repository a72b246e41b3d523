import type { CrossedMigration, CrossedMigrations } from './crossed-migrations.ts'
import type { Release } from './release.ts'

/** How many are named. */
const named = 5

/**
 * The migrations of the deploys since a revision. The first deploy that rolled out this revision, or an earlier one of its
 * family, ends the search.
 * @param releases of the service environment, newest first, also the one in progress that the rollback replaces
 * @param revision its name, `blog-api:42`
 */
export function migrationsSince(releases: readonly Release[], revision: string): CrossedMigrations {
  const deploys = releases.filter(({ subject }) => subject.kind !== 'rollback')
  const reached = deploys.findIndex((deploy) => hasRolledOut(deploy, revision))
  const since = reached === -1 ? deploys : deploys.slice(0, reached)
  const all = since.flatMap(migrationOf)
  return {
    last: all.slice(0, named),
    more: Math.max(0, all.length - named),
    isComplete: reached !== -1,
  }
}

/** Whether it rolled out the revision or an earlier one of its family. */
function hasRolledOut({ tracks }: Release, revision: string): boolean {
  const wanted = numbered(revision)
  return tracks.rollouts.some(({ seen }) => {
    const { family, number } = numbered(seen?.revision.name ?? '')
    return family === wanted.family && number <= wanted.number
  })
}

function numbered(revision: string): { readonly family: string; readonly number: number } {
  const [family = '', number = ''] = revision.split(':')
  return { family, number: Number(number) }
}

function migrationOf({ id, tracks }: Release): readonly CrossedMigration[] {
  const { tasks, binding } = tracks.migration
  if (tasks.length === 0) return []
  const { run } = tracks
  const number = run?.seen?.number
  const isClear = binding !== 'ambiguous' && tasks.every(({ verdict }) => verdict === 'succeeded')
  return [
    {
      release: id,
      run: run && { id: run.id, ...(number !== undefined && { number }), url: run.url },
      at: Math.max(...tasks.map(({ createdAt }) => createdAt)),
      applied: isClear ? 'yes' : 'perhaps',
    },
  ]
}
