import type { ReleaseLink } from '../../release/facts.ts'
import type { FailedRun } from '../../release/subject.ts'
import { outside } from '../escape.ts'
import { count } from '../mrkdwn.ts'
import { runLinkFirst } from './run-name.ts'
import { type LinkToCard, linked } from './setbacks.ts'

/** What a re-run does, and in which state the failed attempt may have left the database. */
export function rerunLines(
  run: FailedRun,
  failed: ReleaseLink | undefined,
  linkTo: LinkToCard,
): readonly string[] {
  const of = failed ? ` (${linked(failed, linkTo)})` : ''
  return [
    `${runLinkFirst(run)}${of}: attempt ${run.attempt + 1} runs ${jobsText(run)} again, and the jobs after ${run.failed.count === 1 ? 'it' : 'them'}. Commit, workflow and inputs stay as they were.`,
    ...migrationLines(run),
  ]
}

/** `2 failed jobs (build, migrate)`. */
function jobsText({ failed: { count: total, names } }: FailedRun): string {
  const more = total > names.length ? ` and ${total - names.length} more` : ''
  return `${count(total, 'failed job')} (${names.map((name) => outside(name, 60)).join(', ')}${more})`
}

function migrationLines({ migration, attempt }: FailedRun): readonly string[] {
  switch (migration) {
    case 'failed':
      return [
        `:warning: *The migration of attempt ${attempt} failed and may have been applied in part.* Check the database before you approve: the new attempt may start it again.`,
      ]
    case 'unknown':
      return [
        `:warning: *It is not known whether the migration of attempt ${attempt} was applied.* Check the database before you approve: the new attempt may start it again.`,
      ]
    case 'succeeded':
      return [`The migration of attempt ${attempt} was applied.`]
    case 'none':
      return []
  }
}
