import { z } from 'zod'
import { unmarked } from '../../release/foreign.ts'
import { githubLogin } from '../../release/names.ts'
import type { UnreleasedRollout } from '../../release/unreleased.ts'
import type { LocatedRow } from '../../store/audit-reader.ts'
import type { NameOf, ReportRow } from './row.ts'

const text = z.string().nullish().catch(null)
const ofServices = z.array(z.string()).catch([])

const started = z.object({
  at: z.number().nullish().catch(null),
  url: text,
  headSha: text,
  title: text,
  login: text,
  event: text,
  workflow: text,
  by: text,
  services: ofServices,
})

const rejected = z.object({
  run: z.object({ url: text, sha: text, login: text, event: text }).catch({}),
  title: text,
  workflow: text,
  by: text,
  reason: text,
  services: ofServices,
})

const ofNoRelease = {
  release: null,
  kind: 'outside twokey',
  endedAt: null,
  requester: null,
  revision: null,
  required: null,
  approvals: [],
  endedBy: null,
} as const

/** The rows of the report about a row of an environment's chain, by its name in the audit log. */
const rowsAbout: Readonly<Record<string, (row: LocatedRow, nameOf: NameOf) => readonly ReportRow[]>> = {
  'started on GitHub': startedOnGitHub,
  'rejected at the gate': rejectedAtGate,
}

/** What an audit row says of something that was started outside twokey; nothing if it is about something else. */
export function outsideRows(row: LocatedRow, nameOf: NameOf): readonly ReportRow[] {
  return rowsAbout[row.what]?.(row, nameOf) ?? []
}

/** A run that somebody started on GitHub, in each service that it could reach. */
function startedOnGitHub(row: LocatedRow, nameOf: NameOf): readonly ReportRow[] {
  const { data } = started.safeParse(row.detail)
  if (!data) return []
  const run = rowOfRun(row, nameOf, { ...data, sha: data.headSha })
  return data.services.map((service) => ({
    ...run,
    requestedAt: data.at ?? row.at,
    service,
    outcome: 'not followed',
    exceptions: [
      `${data.workflow ?? 'the workflow'} was started outside twokey (${data.event ?? 'unknown event'}), without approvals in Slack`,
    ],
  }))
}

/** A run that twokey rejected at the gate without asking anybody, in each service that shares the gate. */
function rejectedAtGate(row: LocatedRow, nameOf: NameOf): readonly ReportRow[] {
  const { data } = rejected.safeParse(row.detail)
  if (!data) return []
  const run = rowOfRun(row, nameOf, { ...data, ...data.run })
  const why = data.reason ? `: ${unmarked(data.reason)}` : ''
  return (data.services.length === 0 ? [''] : data.services).map((service) => ({
    ...run,
    service,
    outcome: 'rejected at the gate',
    exceptions: [
      `${data.workflow ?? 'a workflow'} (${data.run.event ?? 'unknown event'}) was rejected at the gate without asking for approvals${why}`,
    ],
  }))
}

/** What the audit log has of a run outside twokey. */
type LoggedRun = Readonly<
  Partial<Record<'sha' | 'title' | 'by' | 'login' | 'url', string | null | undefined>>
>

/** What a report says of any such run. */
function rowOfRun(
  { at, environment }: LocatedRow,
  nameOf: NameOf,
  { sha, title, by, login, url }: LoggedRun,
): Omit<ReportRow, 'service' | 'outcome' | 'exceptions'> {
  return {
    ...ofNoRelease,
    requestedAt: at,
    environment: environment ?? '',
    commit: sha ?? null,
    title: title ?? null,
    requester: slackPerson(by, nameOf),
    login: login ?? null,
    run: url ?? null,
  }
}

/** Only of people whose Slack account twokey.yml named; the login is shown in any case. */
function slackPerson(id: string | null | undefined, nameOf: NameOf): ReportRow['requester'] {
  return id && githubLogin(id) === null ? nameOf(id) : null
}

/** A rollout that no release made. */
export function rolledOutOutside(rollout: UnreleasedRollout): ReportRow {
  const { service, environment, at, commit, revision, run } = rollout
  return {
    ...ofNoRelease,
    requestedAt: at,
    service,
    environment,
    commit,
    title: null,
    revision,
    login: run?.login ?? null,
    outcome: 'rolled out',
    run: run?.url ?? null,
    exceptions: ['rolled out outside twokey, without approvals in Slack'],
  }
}
