import type { Subject } from '../../release/subject.ts'
import { outside } from '../escape.ts'
import { crossedText } from './crossed-migrations.ts'

type Rollback = Extract<Subject, { kind: 'rollback' }>

/** What an approver of a rollback has to know: what was not checked, and that the database stays as it is. */
export function rollbackFactLines(subject: Rollback): readonly string[] {
  const { difference, images, imagesUnread } = subject
  return [
    ...(difference.known
      ? []
      : [`:grey_question: *Differences from the running revision not checked:* ${outside(difference.why)}`]),
    ...(images.length > 0 ? [] : [':grey_question: *Its images are not known*']),
    ...(imagesUnread === undefined
      ? []
      : [`:grey_question: *Not checked whether ECR still has its images:* ${outside(imagesUnread)}`]),
    databaseText(subject),
  ]
}

function databaseText({ migrations, revision }: Rollback): string {
  const name = outside(revision.name, 80)
  if (migrations === undefined)
    return `*This rollback does not change the database:* migrations that were applied since ${name} stay.`
  if (migrations.last.length > 0)
    return `:warning: *This rollback does not change the database.* ${crossedText(migrations, revision.name)}`
  return migrations.isComplete
    ? `*This rollback does not change the database.* No migration ran since ${name} was deployed.`
    : `*This rollback does not change the database.* twokey knows of no migration since ${name} was deployed, but not of all releases since then.`
}
