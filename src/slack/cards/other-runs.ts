import type { OtherRun } from '../../release/other-runs.ts'
import type { Release } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { firstOf, sha } from '../mrkdwn.ts'
import { runLink } from './run-name.ts'

/** How many runs a line names. */
const shown = 3

/**
 * Other runs that could deploy to the same service environment: a warning while the release is in progress, and the other
 * candidate if the end is unknown.
 */
export function otherRunLines(release: Release): readonly string[] {
  const { stage, tracks, subject } = release
  const { others } = tracks
  if (others === undefined || subject.kind === 'rollback') return []
  if (stage.at === 'ended' && stage.outcome !== 'unknown') return []
  switch (others.checked) {
    case 'before the dispatch':
      return others.runs.length === 0
        ? []
        : [
            `:warning: In progress at the dispatch: ${named(others.runs)}. If it also deploys here, twokey may not be able to tell the two rollouts apart.`,
          ]
    case 'beside the run':
      return [
        others.runs.length === 0
          ? `:mag: No other run of ${outside(subject.repository, 100)} was in progress at the same time as this release’s.`
          : `:mag: In progress at the same time, and could also have deployed here: ${named(others.runs)}.`,
      ]
    case 'unavailable':
      return [
        `:warning: twokey could not read which other runs were in progress at the same time: ${outside(others.why, 150)}.`,
      ]
  }
}

function named(runs: readonly OtherRun[]): string {
  return firstOf(runs, shown, runText, '; ')
}

/** `run 12 of deploy.yml, push by octocat, 3f2c1ab of main`. */
export function runText(run: OtherRun): string {
  return `${runLink(run)} of ${outside(run.workflow, 60)}${startedText(run)}`
}

/** `, attempt 2, push by octocat, 3f2c1ab of main`: how a run was started. */
export function startedText({
  attempt,
  event,
  login,
  sha: head,
  branch,
}: Pick<OtherRun, 'attempt' | 'event' | 'login' | 'sha' | 'branch'>): string {
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  const by = login === null ? 'somebody' : outside(login, 40)
  const from = branch === null ? '' : ` of ${outside(branch, 60)}`
  return `${again}, ${outside(event, 40)} by ${by}, ${sha(head)}${from}`
}
