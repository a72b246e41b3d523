import { z } from 'zod'
import type { UnreleasedRollout } from '../../release/unreleased.ts'
import type { LocatedRow } from '../../store/audit-reader.ts'
import type { ReportRow } from './row.ts'

const text = z.string().nullish().catch(null)

const started = z.object({
  at: z.number().nullish().catch(null),
  url: text,
  headSha: text,
  title: text,
  login: text,
  event: text,
  workflow: text,
  services: z.array(z.string()).catch([]),
})

const ofNoRelease = {
  release: null,
  kind: 'outside twokey',
  endedAt: null,
  requester: null,
  required: null,
  approvals: [],
  endedBy: null,
} as const

/** A run that somebody started on GitHub, in each service that it could reach. */
export function startedOnGitHub({ at, environment, detail }: LocatedRow): readonly ReportRow[] {
  const { data } = started.safeParse(detail)
  if (!data) return []
  return data.services.map((service) => ({
    ...ofNoRelease,
    requestedAt: data.at ?? at,
    service,
    environment: environment ?? '',
    commit: data.headSha ?? null,
    title: data.title ?? null,
    revision: null,
    login: data.login ?? null,
    outcome: 'not followed',
    run: data.url ?? null,
    exceptions: [
      `${data.workflow ?? 'the workflow'} was started outside twokey (${data.event ?? 'unknown event'}), without approvals in Slack`,
    ],
  }))
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
