import type { Release } from '../../release/release.ts'
import type { ChangeSize, Changes } from '../../release/subject.ts'
import { count } from '../mrkdwn.ts'
import { among } from './marks.ts'

/** What an approver has to know before they approve: warnings first, then all other facts in one line. */
export function factLines({ subject }: Release): readonly string[] {
  if (subject.kind === 'rollback') return []
  const { changes } = subject
  const facts = among(changes.known ? sizeWords(changes) : [])
  return [...removalLines(changes), ...(facts === '' ? [] : [facts])]
}

/** A deploy that takes commits out says so before anything is listed. */
function removalLines(changes: Changes): readonly string[] {
  if (!changes.known) return []
  const { direction, total, removed, size } = changes
  switch (direction) {
    case 'forward':
      return []
    case 'back':
      return [
        `:warning: *Goes back to an older commit. Removes ${count(total, 'commit')}.*`,
        ...staysApplied(size?.migrations ?? 0),
      ]
    case 'aside': {
      const gone = removed ? count(removed.total, 'commit') : 'others'
      return [
        `:warning: *Not a descendant of what is serving. Removes ${gone}, adds ${count(total, 'commit')}.*`,
        ...staysApplied(removed?.migrations ?? 0),
      ]
    }
  }
}

function staysApplied(migrations: number): readonly string[] {
  if (migrations === 0) return []
  const whose = migrations === 1 ? 'a migration' : `${migrations} migration files`
  return [`:warning: Removes ${whose}. Migrations that were applied are not undone.`]
}

function sizeWords({ direction, size }: Extract<Changes, { known: true }>): readonly (string | null)[] {
  if (size === undefined || size.files === 0) return []
  // GitHub compares the older commit with the newer one.
  const [added, gone] =
    direction === 'back' ? [size.deletions, size.additions] : [size.additions, size.deletions]
  return [
    `${size.isCut ? `${size.files} or more files` : count(size.files, 'file')}, +${added} −${gone}`,
    direction === 'back' ? null : migrationWords(size),
    size.workflows > 0 ? 'changes `.github`' : null,
  ]
}

function migrationWords({ migrations, isCut }: ChangeSize): string | null {
  if (migrations === 0) return isCut ? 'may contain migrations' : null
  return migrations === 1 ? 'contains a migration' : `contains ${migrations} migration files`
}
