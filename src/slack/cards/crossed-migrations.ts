import type { CrossedMigration, CrossedMigrations } from '../../release/crossed-migrations.ts'
import { outside } from '../escape.ts'
import { count, date } from '../mrkdwn.ts'
import { runLink } from './run-name.ts'

/** The migrations that a rollback goes back across: which release and run, and when. @param revision `blog-api:42` */
export function crossedText({ last, more, isComplete }: CrossedMigrations, revision: string): string {
  const rest = more > 0 ? `; and ${more} more` : ''
  const known = isComplete ? '' : ' twokey knows of'
  return `${count(last.length + more, 'migration')}${known} ran since ${outside(revision, 80)} was deployed: ${last.map(migrationText).join('; ')}${rest}. ${outside(revision, 80)} runs on the newer schema.`
}

function migrationText({ release, run, at, applied }: CrossedMigration): string {
  const by = run === null ? '' : `, ${runLink(run)}`
  return `release ${outside(release, 40)}${by}, ${date(at)}${applied === 'yes' ? '' : ' (perhaps applied in part)'}`
}
