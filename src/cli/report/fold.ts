import { z } from 'zod'
import type { PersonId, Time } from '../../release/names.ts'
import { isSamePerson, type Person } from '../../release/policy/approval.ts'
import { followed, noRows } from '../../store/audit.ts'
import type { ReleaseChain } from '../../store/report-reader.ts'
import type { AuditRow } from '../../store/store.ts'
import { exceptionText } from './exceptions.ts'
import { type Approved, type NameOf, personName, type ReportRow } from './row.ts'

/** The first row of a release, as far as a report needs it. Older rows may lack any of it. */
const requested = z.object({
  subject: z
    .object({
      kind: z.enum(['deploy', 'gate', 'rerun', 'rollback']).catch('deploy'),
      run: z.object({ event: z.string() }).nullish().catch(null),
      commit: z.object({ sha: z.string(), title: z.string() }).nullish().catch(null),
      revision: z.object({ name: z.string(), commit: z.string().nullish() }).nullish().catch(null),
      changes: z.object({ direction: z.string() }).nullish().catch(null),
      authorship: z
        .object({ logins: z.array(z.string()) })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
  policy: z
    .object({
      required: z.number(),
      people: z.array(z.object({ slack: z.array(z.string()), github: z.string().optional() })).catch([]),
    })
    .nullish()
    .catch(null),
})

const approved = z.object({ via: z.string().catch('') })
const counted = z.object({
  required: z.number().nullish().catch(null),
  counted: z
    .array(z.object({ by: z.string(), at: z.number(), via: z.string() }))
    .nullish()
    .catch(null),
})
const found = z.object({ url: z.string() })

type Approval = { readonly by: PersonId; readonly at: Time; readonly via: string }

/** The facts about a release in its audit chain. */
export function rowOf(chain: ReleaseChain, nameOf: NameOf): ReportRow {
  const { id, service, environment, rows } = chain
  const first = requested.safeParse(rows[0]?.detail ?? {}).data
  const { subject, policy } = first ?? {}
  const people: readonly Person[] = policy?.people ?? []
  const approvals = approvalsIn(rows, people)
  const end = rows.findLast(({ what }) => what.startsWith('ended '))
  const run = rows.findLast(({ what }) => what === 'run found')
  const required = rows.map(requiredBy).findLast((count) => count !== null) ?? policy?.required ?? null
  return {
    release: id,
    kind: subject?.kind ?? 'deploy',
    requestedAt: chain.requestedAt,
    endedAt: chain.endedAt,
    service,
    environment,
    commit: subject?.commit?.sha ?? subject?.revision?.commit ?? null,
    title: subject?.commit?.title ?? null,
    revision: subject?.revision?.name ?? null,
    requester: nameOf(chain.requester),
    login: null,
    required,
    approvals: approvals.map(({ by, at, via }): Approved => ({ by: nameOf(by), at, via })),
    outcome: end && chain.endedAt !== null ? end.what.slice('ended '.length) : 'in progress',
    endedBy: end && end.actor !== 'twokey' ? nameOf(end.actor) : null,
    run: run ? (found.safeParse(run.detail).data?.url ?? null) : null,
    exceptions: [
      ...(isIntact(rows) ? [] : ['its audit chain is not intact: run `twokey audit verify`']),
      ...(subject?.changes?.direction === 'back' ? ['an older commit than what was serving'] : []),
      ...(subject?.kind === 'gate' && subject.run?.event === 'workflow_dispatch'
        ? ['started by hand on GitHub, which does not show its inputs']
        : []),
      ...(chain.retryOf === null ? [] : [`retry of ${chain.retryOf}`]),
      ...selfApprovals(
        { requester: chain.requester, approvals, people, nameOf },
        subject?.authorship?.logins ?? [],
      ),
      ...exceptionText(rows, nameOf),
    ],
  }
}

/** Approvals as they were counted just before the dispatch; before that, as they were given, withdrawn and voided. */
function approvalsIn(rows: readonly AuditRow[], people: readonly Person[]): readonly Approval[] {
  let approvals: readonly Approval[] = []
  for (const { what, actor, at, detail } of rows) {
    switch (what) {
      case 'approved':
        approvals = [...approvals, { by: actor, at, via: approved.parse(detail).via }]
        break
      case 'withdrew':
        approvals = approvals.filter(({ by }) => !isSamePerson({ people }, by, actor))
        break
      case 'approval dismissed':
        approvals = approvals.filter(({ by }) => by !== detail.by)
        break
      case 'approvals voided':
        approvals = []
        break
      case 'keys counted':
        approvals = counted.safeParse(detail).data?.counted ?? approvals
        break
    }
  }
  return approvals
}

/** A freeze, or stricter rules after the request, may have raised it. */
function requiredBy({ what, detail }: AuditRow): number | null {
  return what === 'keys counted' ? (counted.safeParse(detail).data?.required ?? null) : null
}

/** Approvals by the requester and by authors: if the policy allows them, they are no separation of duties. */
function selfApprovals(
  {
    requester,
    approvals,
    people,
    nameOf,
  }: {
    readonly requester: PersonId
    readonly approvals: readonly Approval[]
    readonly people: readonly Person[]
    readonly nameOf: NameOf
  },
  authors: readonly string[],
): readonly string[] {
  const isAuthor = (id: PersonId) =>
    people.some(
      ({ slack, github }) =>
        github !== undefined && slack.includes(id) && authors.includes(github.toLowerCase()),
    )
  return approvals.flatMap(({ by }) => [
    ...(isSamePerson({ people }, by, requester)
      ? [`approved by the requester, ${personName(nameOf(by))}`]
      : []),
    ...(isAuthor(by) ? [`approved by an author of the change, ${personName(nameOf(by))}`] : []),
  ])
}

/** Whether each row follows the one before it. */
function isIntact(rows: readonly AuditRow[]): boolean {
  let head = noRows
  for (const row of rows) {
    const next = followed(head, row)
    if ('broken' in next) return false
    head = next.head
  }
  return rows.length > 0
}
