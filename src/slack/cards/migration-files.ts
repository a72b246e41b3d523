import type { ChangeSize, Changes } from '../../release/subject.ts'
import { outside } from '../escape.ts'
import { count } from '../mrkdwn.ts'

type Known = Extract<Changes, { known: true }>

/** What a deploy changes in the database, by the migration files of its commits, or that these files were not checked. */
export function migrationFileLines(changes: Changes): readonly string[] {
  if (!changes.known)
    return [`:grey_question: *Commits and migration files not checked:* ${outside(changes.why)}`]
  const { direction, size, total, removed } = changes
  switch (direction) {
    case 'forward':
      return [total === 0 ? noneChanged : addedText(size)]
    case 'back':
      return [removedText(size?.isCut && size.migrations === 0 ? undefined : size?.migrations)]
    case 'aside':
      return [addedText(size), removedText(removed?.migrations)]
  }
}

const noneChanged = 'No migration files changed'

function addedText(size: Known['size']): string {
  if (size === undefined)
    return ':grey_question: *Migration files not checked:* GitHub did not list the files'
  const { migrations, isCut, files } = size
  if (migrations > 0) return `*Changes the database:* ${filesText(size)}`
  return isCut
    ? `:grey_question: *Migration files not checked completely:* GitHub listed ${files} files, none of them a migration`
    : noneChanged
}

function filesText({ migrations, isCut }: ChangeSize): string {
  return `${isCut ? 'at least ' : ''}${count(migrations, 'migration file')}`
}

/** Code that is removed leaves its migrations behind. @param migrations undefined: not known */
function removedText(migrations: number | undefined): string {
  if (migrations === undefined)
    return ':grey_question: *Migration files of the removed commits not checked:* GitHub did not list all files'
  if (migrations === 0) return 'No migration files in the removed commits'
  const were = migrations === 1 ? 'it was' : 'they were'
  return `:warning: *The database is not changed back.* The removed commits contain ${count(migrations, 'migration file')}: if ${were} applied, the older code runs on the newer schema.`
}
