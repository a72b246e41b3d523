import type { Checks } from '../../release/facts.ts'
import type { Time } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'
import type { ChangeSize, Changes, Commit } from '../../release/subject.ts'
import { outside } from '../escape.ts'
import { count, date, sha } from '../mrkdwn.ts'
import { among } from './marks.ts'

/** What an approver has to know before they approve: warnings first, then all other facts in one line. */
export function factLines(release: Release): readonly string[] {
  const { subject, facts = {} } = release
  if (subject.kind === 'rollback') return []
  const { changes, commit } = subject
  const { checks } = facts
  if (!changes.known && checks && nothingRead(checks)) return [nothingKnown(commit, checks)]
  const line = among([
    checks ? checksWords(checks, release.requestedAt) : null,
    ...(changes.known ? sizeWords(changes) : []),
  ])
  return [...removalLines(changes), ...(checks ? failedLines(checks) : []), ...(line === '' ? [] : [line])]
}

function nothingRead({ passed, pending, failed, unread }: Checks): boolean {
  return unread !== undefined && passed + pending + failed === 0
}

/** Why the changes are not known stands where they would be listed. */
function nothingKnown({ sha: commit }: Commit, { unread = '' }: Checks): string {
  return `:warning: twokey could read neither the checks nor the changes of ${sha(commit)}. Look at the commit on GitHub before you approve. (${outside(unread, 200)})`
}

function failedLines({ failed, failing }: Checks): readonly string[] {
  if (failed === 0) return []
  const named = failing.map((name) => outside(name, 60)).join(', ')
  const more = failed > failing.length ? ` and ${failed - failing.length} more` : ''
  return [`:x: *CI failed:* ${named}${more}`]
}

/** What failed is a warning of its own. What was pending may have ended since, so its time stands beside it. */
function checksWords(checks: Checks, at: Time): string | null {
  const { passed, pending, failed, source, unread } = checks
  const what = source === 'checks' ? 'check' : 'workflow run'
  if (failed > 0) return null
  if (pending > 0) return `:hourglass_flowing_sand: CI was pending ${date(at)} (${count(pending, what)})`
  if (unread !== undefined) {
    const some = passed > 0 ? `: ${count(passed, what)} passed` : ''
    return `:grey_question: CI could not be read${passed > 0 ? ' completely' : ''}${some}`
  }
  return passed === 0 ? 'no CI checks' : `:white_check_mark: CI passed (${count(passed, what)})`
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
