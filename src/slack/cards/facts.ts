import type { Checks } from '../../release/checks.ts'
import type { Time } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'
import type { Changes, Commit, Shipped } from '../../release/subject.ts'
import { outside } from '../escape.ts'
import { count, date, link, sha } from '../mrkdwn.ts'
import { homeOf } from './commits.ts'
import { joinWithDots } from './marks.ts'
import { migrationFileLines } from './migration-files.ts'
import { rerunLines } from './rerun.ts'
import { rollbackFactLines } from './rollback-facts.ts'
import { containedLines, type LinkToCard, retryLines, setbackLines } from './setbacks.ts'

/** What an approver has to know before they approve: warnings first, then all other facts in one line, then the database. */
export function factLines(release: Release, linkTo: LinkToCard = () => null): readonly string[] {
  const { subject } = release
  const facts = release.facts ?? {}
  if (subject.kind === 'rollback') return [...retryLines(facts, linkTo), ...rollbackFactLines(subject)]
  const { changes, commit } = subject
  const { checks } = facts
  const isBlank = !changes.known && checks !== undefined && nothingRead(checks)
  const line = joinWithDots([
    checks && !isBlank ? checksText(checks, checks.at ?? release.requestedAt) : null,
    ...(changes.known ? sizeText(changes) : []),
    ...successText(release),
  ])
  return [
    ...(subject.kind === 'rerun' ? rerunLines(subject.run, facts.retryOf, linkTo) : []),
    ...removalLines(changes),
    ...(checks && isBlank ? [nothingKnown(commit, checks)] : []),
    ...(checks ? failedLines(checks) : []),
    // The lines of a re-run link the failed release.
    ...setbackLines(commit, subject.kind === 'rerun' ? { ...facts, retryOf: undefined } : facts, {
      environment: release.environment,
      linkTo,
    }),
    ...containedLines(facts, linkTo),
    ...(facts.workflow?.isChanged === true ? [workflowChanged(subject, facts.workflow.since)] : []),
    ...(line === '' ? [] : [line]),
    ...migrationFileLines(changes),
  ]
}

/** What the small print says of the workflow. One that changed is a warning; what changed since the request voids approvals. */
export function workflowUnchangedText({
  facts,
  voided,
}: Partial<Pick<Release, 'facts' | 'voided'>>): string | null {
  return facts?.workflow?.isChanged === false && voided === null
    ? 'The workflow that runs is unchanged since the last deploy'
    : null
}

function workflowChanged({ changes, repository, workflow, tip }: Shipped, since: string): string {
  const home = homeOf(changes, repository)
  const isLinked = home !== null && [since, tip].every((commit) => /^[0-9a-f]{40}$/.test(commit))
  const diff = isLinked && since !== tip ? ` (${link(`${home}/compare/${since}...${tip}`, 'diff')})` : ''
  return `:warning: *The workflow changed since the last deploy*: ${outside(workflow, 60)}, or a file that it uses${diff}`
}

/** Environments in which the commit ran before, but the success whose end a warning tells. */
function successText({ environment, facts }: Release): readonly string[] {
  const servedSince = facts?.setbacks?.last.servedSince
  const successes = (facts?.succeededIn ?? []).filter(
    ({ environment: where, at }) => where !== environment || at === null || at !== servedSince,
  )
  return successes.map((success) => {
    const where = success.environment === environment ? 'here' : `in ${outside(success.environment, 40)}`
    return success.at === null ? `not ${where} yet` : `succeeded ${where} ${date(success.at)}`
  })
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

/** What failed is a warning of its own. Pending checks may have ended by now, so the time of the look is shown. */
function checksText(checks: Checks, at: Time): string | null {
  const { passed, pending, failed, source, unread } = checks
  const what = source === 'checks' ? 'check' : 'workflow run'
  if (failed > 0) return null
  if (pending > 0)
    return `:hourglass_flowing_sand: CI was pending ${date(at)}: ${pending} of ${count(passed + pending, what)} not finished`
  if (unread !== undefined) {
    const some = passed > 0 ? `: ${count(passed, what)} passed` : ''
    return `:grey_question: CI could not be read${passed > 0 ? ' completely' : ''}${some}`
  }
  return passed === 0 ? 'no CI checks' : `:white_check_mark: CI passed (${count(passed, what)})`
}

/** A deploy that removes commits says so before anything is listed. */
function removalLines(changes: Changes): readonly string[] {
  if (!changes.known) return []
  const { direction, total, removed } = changes
  switch (direction) {
    case 'forward':
      return []
    case 'back':
      return [`:warning: *Goes back to an older commit. Removes ${count(total, 'commit')}.*`]
    case 'aside': {
      const gone = removed ? count(removed.total, 'commit') : 'others'
      return [
        `:warning: *A different line of history than what is serving: removes ${gone}, adds ${count(total, 'commit')}.*`,
      ]
    }
  }
}

function sizeText({ direction, size }: Extract<Changes, { known: true }>): readonly (string | null)[] {
  if (size === undefined || size.files === 0) return []
  // GitHub compares the older commit with the newer one.
  const [added, gone] =
    direction === 'back' ? [size.deletions, size.additions] : [size.additions, size.deletions]
  const files = size.isCut ? `${size.files} or more files` : count(size.files, 'file')
  return [`${sizeOf[direction]}${files}, +${added} −${gone}`, size.workflows > 0 ? 'changes `.github`' : null]
}

/** What the size is of. Forward it is that of the listed commits. */
const sizeOf = {
  forward: '',
  back: 'changes ',
  aside: 'added commits: ',
} as const satisfies Record<Extract<Changes, { known: true }>['direction'], string>
