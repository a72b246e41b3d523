import type { Release } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { count, mention, revision } from '../mrkdwn.ts'
import { startedByText } from './gate.ts'
import { joinWithDots } from './marks.ts'
import { servingNow } from './serving.ts'
import { subjectText } from './subject.ts'

/** What an environment runs, what it would run, and who wants that: `prod runs blog-api:43 (1111111) → 3f2c1ab (main) · 4 commits · requested by @Ana`. */
export function fromToLine(release: Release): string {
  return joinWithDots([`${fromText(release)} → ${toText(release)}`, commitsText(release), byText(release)])
}

function fromText(release: Release): string {
  const now = servingNow(release, 'a revision that twokey could not read')
  return `${outside(release.environment, 60)} runs ${now}`
}

function toText(release: Release): string {
  const { subject } = release
  switch (subject.kind) {
    case 'rollback':
      return revision(subject.revision)
    case 'rerun':
      return `${subjectText(release)}, re-running the failed jobs`
    case 'deploy':
    case 'gate':
      return subjectText(release)
  }
}

/** How many commits are added. A warning of its own says how many are removed. */
function commitsText({ subject }: Release): string | null {
  if (subject.kind === 'rollback' || !subject.changes.known) return null
  const { direction, total } = subject.changes
  return direction === 'forward' && total > 0 ? count(total, 'commit') : null
}

function byText(release: Release): string {
  return startedByText(release) ?? `requested by ${mention(release.requester)}`
}
