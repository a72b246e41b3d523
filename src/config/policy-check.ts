import { placesOf } from './layers.ts'
import type { Finding, Path } from './problems.ts'
import type { Draft } from './schema.ts'

type DraftApprovals = { readonly [Key in keyof FullApprovals]?: FullApprovals[Key] }
type FullApprovals = {
  readonly required: number
  readonly approvers: readonly (string | undefined)[]
  readonly requesterMayApprove: boolean
}
type Requesters = 'everyone' | readonly (string | undefined)[]

/** Approvals as said in one place of the file; a later layer wins over an earlier one, field by field. */
type Layer = { readonly path: Path; readonly approvals: DraftApprovals | undefined }
type Policy = {
  readonly layers: readonly Layer[]
  readonly requesters: Requesters | undefined
  readonly personOf: (account: string) => string
}

/** Policies that nobody, or too few of those listed, could ever satisfy. Groups are counted later, by Slack. */
export function policyFindings(draft: Draft): readonly Finding[] {
  const personOf = personsOf(draft)
  const ofEnvironments = Object.entries(draft.environments ?? {}).flatMap(([name, environment]) => {
    const path: Path = ['environments', name]
    const deploy: Layer = { path: [...path, 'approvals'], approvals: environment?.approvals }
    const rollback = rollbackLayer(path, environment?.rollback)
    return policiesFindings({ deploy: [deploy], rollback: [rollback] }, environment?.requesters, personOf)
  })
  const ofServices = placesOf(draft).flatMap(({ path, own, environment, common }) => {
    if (!own.approvals && !own.requesters && !own.rollback) return []
    const above: Path = ['environments', environment]
    const deploy: readonly Layer[] = [
      { path: [...above, 'approvals'], approvals: common?.approvals },
      { path: [...path, 'approvals'], approvals: own.approvals },
    ]
    const rollback = [rollbackLayer(above, common?.rollback), rollbackLayer(path, own.rollback)]
    return policiesFindings({ deploy, rollback }, own.requesters ?? common?.requesters, personOf)
  })
  return [...ofEnvironments, ...ofServices]
}

function rollbackLayer(path: Path, rollback: { readonly approvals?: DraftApprovals } | undefined): Layer {
  return { path: [...path, 'rollback', 'approvals'], approvals: rollback?.approvals }
}

function policiesFindings(
  { deploy, rollback }: { readonly deploy: readonly Layer[]; readonly rollback: readonly Layer[] },
  requesters: Requesters | undefined,
  personOf: (account: string) => string,
): readonly Finding[] {
  const ofDeploy = unsatisfiable({ layers: deploy, requesters, personOf })
  const ofRollback = unsatisfiable({ layers: [...deploy, ...rollback], requesters, personOf })
  return [...ofDeploy, ...ofRollback]
}

function unsatisfiable({ layers, requesters, personOf }: Policy): readonly Finding[] {
  const required = said(layers, 'required')
  if (!required?.value || !layers[0]?.approvals) return []
  const approvers = said(layers, 'approvers')
  if (!approvers) {
    return [
      {
        path: [...required.layer, 'approvers'],
        allowed: 'a list of at least one Slack account or user group ID',
        message: `${count(required.value, 'approval')} required, and nobody is named who may give one. Name the approvers, or set required to 0.`,
      },
    ]
  }
  const ids = approvers.value?.filter((id) => id !== undefined) ?? []
  if (ids.length === 0 || ids.length !== approvers.value?.length || ids.some(isGroup)) return []
  const persons = new Set(ids.map(personOf))
  const mayApproveOwn = said(layers, 'requesterMayApprove')?.value ?? false
  const lost = mayApproveOwn ? 0 : fewestLost(persons, requesters, personOf)
  const eligible = persons.size - lost
  if (eligible >= required.value) return []
  const why = lost ? ', less the one who asks and may not approve' : ''
  return [
    {
      path: [...required.layer, 'required'],
      found: String(required.value),
      allowed: `a whole number from 0 to ${eligible}`,
      message: `The approvers are ${count(persons.size, 'person', 'people')}${why}: ${required.value} can never approve. Name more approvers, or ask for fewer approvals.`,
    },
  ]
}

/** How many approvers drop out by asking: 1 only where everyone who may ask is one of them. */
function fewestLost(
  persons: ReadonlySet<string>,
  requesters: Requesters = 'everyone',
  personOf: (account: string) => string,
): 0 | 1 {
  if (requesters === 'everyone' || requesters.length === 0) return 0
  return requesters.every((id) => id !== undefined && !isGroup(id) && persons.has(personOf(id))) ? 1 : 0
}

/** The last word on a field, `undefined` where that is a mistake told elsewhere. */
function said<Key extends keyof FullApprovals>(
  layers: readonly Layer[],
  key: Key,
): { readonly value: FullApprovals[Key] | undefined; readonly layer: Path } | undefined {
  const last = layers.findLast(({ approvals }) => approvals && key in approvals)
  return last && { value: last.approvals?.[key], layer: last.path }
}

/** Names a person by one of their accounts, the same for all of them. */
function personsOf({ people = [] }: Draft): (account: string) => string {
  const first = new Map<string, string>()
  for (const person of people) {
    const accounts = (person?.slack ?? []).filter((account) => account !== undefined)
    for (const account of accounts) first.set(account, accounts[0] ?? account)
  }
  return (account) => first.get(account) ?? account
}

function isGroup(id: string): boolean {
  return id.startsWith('S')
}

function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`
}
