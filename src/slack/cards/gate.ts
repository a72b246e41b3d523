import type { ThreadPost } from '../../release/effects.ts'
import type { Release } from '../../release/release.ts'
import { outside, reason } from '../escape.ts'
import { count, date, mention, mentions } from '../mrkdwn.ts'
import { runLinkFirst } from './run-name.ts'
import { subjectText } from './subject.ts'

/** How an event starts a run on GitHub. `who`: a mention. `what`: the commit. */
type Start = {
  readonly sentence: (who: string, what: string) => string
  /** Beside the commit. */
  readonly short: (who: string) => string
}

const starts: Readonly<Record<string, Start>> = {
  push: {
    sentence: (who, what) => `${who} pushed ${what}`,
    short: (who) => `pushed by ${who}`,
  },
  schedule: {
    sentence: (who, what) => `A scheduled run wants to deploy ${what}; ${who} last changed its schedule`,
    short: (who) => `started by a schedule that ${who} last changed`,
  },
  workflow_dispatch: {
    sentence: (who, what) => `${who} started a run of ${what} on GitHub`,
    short: (who) => `started on GitHub by ${who}`,
  },
  release: {
    sentence: (who, what) => `${who} published a release of ${what}`,
    short: (who) => `published as a GitHub release by ${who}`,
  },
}

function startOf(event: string): Start {
  const name = outside(event, 40)
  return (
    starts[event] ?? {
      sentence: (who, what) => `${who} started a run of ${what} on GitHub (${name})`,
      short: (who) => `started on GitHub by ${who} (${name})`,
    }
  )
}

/** `@Ana pushed 3f2c1ab (main)`: who started the run that waits, and of what; null for other releases. */
export function starterText({ subject, requester }: Release, what: string): string | null {
  if (subject.kind !== 'gate') return null
  return startOf(subject.run.event).sentence(mention(requester), what)
}

/** `pushed by @Ana`: who started the run that waits; null for other releases. */
export function startedByText({ subject, requester }: Release): string | null {
  if (subject.kind !== 'gate') return null
  return startOf(subject.run.event).short(mention(requester))
}

/** What was requested, and by whom where somebody started it on GitHub. */
export function askedText(release: Release): string {
  const what = subjectText(release)
  const started = starterText(release, what)
  if (started !== null) return `${started}. The run waits for approvals.`
  return `${askedFor[release.subject.kind]} requested: ${what}.`
}

const askedFor = {
  deploy: 'Deploy',
  gate: 'Deploy',
  rerun: 'Re-run of failed jobs',
  rollback: 'Rollback',
} as const

/** The run that waits at the gate, until twokey follows it; null for other releases. */
export function waitingRunLine({ subject, tracks, stage }: Release): string | null {
  if (subject.kind !== 'gate' || tracks.run !== null || stage.at === 'ended') return null
  const { workflow, githubEnvironment, run } = subject
  const attempt = run.attempt > 1 ? `, attempt ${run.attempt},` : ''
  const until = tracks.gate?.timerUntil
  const timer = until === undefined ? '' : ` GitHub’s own wait timer ends ${date(until)}.`
  const later =
    run.since === undefined
      ? ''
      : ' It is a later job: somebody opened the gate on GitHub for an earlier one.'
  return `${runLinkFirst(run)} of ${outside(workflow, 60)}${attempt} waits on GitHub for the environment ${outside(githubEnvironment, 60)}.${later}${timer}`
}

/** That twokey cannot open the gate, before it is about to; null: it can, as far as is known. */
export function mayNotOpenLine({ tracks, stage }: Release): string | null {
  const why = tracks.gate?.mayNot
  if (why === undefined || (stage.at !== 'approval' && stage.at !== 'wait')) return null
  return `:warning: twokey cannot open this gate: ${reason(why, 200)}. The run waits, whatever is approved here.`
}

/** That the gate was opened on GitHub past the approvals, or too late; null: it was not. */
export function openedOutsideLine({ tracks, policy }: Release): string | null {
  const { openedBy: by, isUnwanted = false } = tracks.gate ?? {}
  if (by === undefined && isUnwanted)
    return ':warning: GitHub applied an earlier approval after this end, and the run started. twokey cancelled it.'
  if (by === undefined) return null
  return `:warning: The gate was opened on GitHub${byText(by)}, without the ${count(policy.required, 'approval')} required here.`
}

/** The post about it. */
export function gateOpenedLines(
  post: Extract<ThreadPost, { tell: 'gate-opened-outside' }>,
): readonly (string | null)[] {
  const { by, missing, required, mention: concerned, run = 'goes on' } = post
  return [
    `:warning: The gate was opened on GitHub${byText(by)}, while ${missing} of ${count(required, 'approval')} ${missing === 1 ? 'was' : 'were'} missing here. ${run === 'goes on' ? 'The run goes on.' : 'A rollback has replaced this release, so twokey asks GitHub to cancel the run.'}`,
    mentions(concerned),
  ]
}

/** The post that somebody reviewed the run on GitHub. */
export function gateReviewedLines({
  review: { by, environment, verdict },
}: Extract<ThreadPost, { tell: 'gate-reviewed' }>): readonly string[] {
  return [`${outside(by, 40)} ${verdict} the run at the gate of ${outside(environment, 60)} on GitHub.`]
}

/** The post that twokey's own approval came too late. */
export function gateOpenedLateLines(
  { stage }: Release,
  { mention: concerned }: Extract<ThreadPost, { tell: 'gate-opened-late' }>,
): readonly (string | null)[] {
  const ended = stage.at === 'ended' ? ` (${stage.outcome})` : ''
  return [
    `:warning: The run started although this release had ended${ended}: GitHub answered an approval of twokey late, and applied it after the end. twokey asks GitHub to cancel the run, and follows it to its end.`,
    '*Next:* check on GitHub that the run stops.',
    mentions(concerned),
  ]
}

function byText(logins: readonly string[]): string {
  return logins.length === 0 ? '' : ` by ${logins.map((login) => outside(login, 40)).join(', ')}`
}
