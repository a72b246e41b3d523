import type { ThreadPost } from '../../release/effects.ts'
import type { Release } from '../../release/release.ts'
import type { ReplacedRelease } from '../../release/replacement.ts'
import { outside } from '../escape.ts'
import { capital, mention, mentions, revision, sha } from '../mrkdwn.ts'
import { subjectText } from './subject.ts'

/** How many releases are named. More than one is rare, because their services must share a target. */
const named = 3

/** The releases that it replaces, shown until it is sent, because approvers agree to that as well. */
export function replacedLines({ behind, stage }: Release): readonly string[] {
  const isOpen = stage.at === 'approval' || stage.at === 'wait' || stage.at === 'ready'
  if (!isOpen || behind.length === 0) return []
  return [
    `:fast_forward: Replaces ${namesOf(behind)} (${statesOf(behind)}), which twokey stops once this rollback is approved.${migrationText(behind)}`,
  ]
}

/** The same list as it was at the request. */
export function askedToReplace(behind: readonly ReplacedRelease[]): readonly string[] {
  if (behind.length === 0) return []
  return [
    `It replaces ${namesOf(behind)} (${statesOf(behind)}), which twokey stops once this rollback is approved.`,
  ]
}

/** What the approver has to know of the database, as it was at the request. */
const migrations: Readonly<Record<NonNullable<ReplacedRelease['migration']>, string>> = {
  moving: 'Its migration was running at the request and is not stopped: it may still be applied.',
  succeeded: 'Its migration was applied and stays.',
  failed: 'Its migration failed and may have been applied in part.',
}

function migrationText(behind: readonly ReplacedRelease[]): string {
  const known = behind.flatMap(({ migration }) => (migration ? [` ${migrations[migration]}`] : []))
  return [...new Set(known)].join('')
}

/** `deploy of 43cc8da, migrating`. */
function statesOf(behind: readonly ReplacedRelease[]): string {
  return behind
    .slice(0, named)
    .map(({ commit, state }) => (commit === undefined ? state : `deploy of ${sha(commit)}, ${state}`))
    .join('; ')
}

/** What serves now that a replaced release has ended, also for people whose approvals are already in. */
export function replacedEndedLines(
  release: Release,
  { by, was, serving, approved }: Extract<ThreadPost, { tell: 'freed' }>,
): readonly (string | null)[] {
  const [have, them] = by.length === 1 ? ['has', 'it'] : ['have', 'them']
  return [
    `${capital(namesOf(by))} ${have} ended, so this rollback no longer needs to stop ${them}. The rollback goes ${subjectText(release)}.`,
    migrationText(by).trim() || null,
    servesText(was, serving),
    approved.length > 0
      ? `This changed after ${mentions(approved)} approved. The approvals remain valid: they are for the revision and its images.`
      : null,
  ]
}

function servesText(was: Release['servingBefore'], serving: Release['servingBefore']): string {
  if (serving === null) return ':warning: The running revision could not be determined.'
  if (was === null || was.arn === serving.arn) return `${revision(serving)} is serving.`
  return `:warning: ${revision(serving)} is serving now instead of ${revision(was)}.`
}

function namesOf(behind: readonly ReplacedRelease[]): string {
  const words = behind
    .slice(0, named)
    .map(({ release, requester }) => `release ${outside(release, 60)} of ${mention(requester)}`)
  return `${words.join(', ')}${behind.length > named ? ' and others' : ''}`
}
