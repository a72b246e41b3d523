import { serviceEnvironmentEntries } from './layers.ts'
import type { Finding, Path } from './problems.ts'
import type { Draft } from './schema.ts'

type DraftApprovals = { readonly [Key in keyof FullApprovals]?: FullApprovals[Key] }
type FullApprovals = {
  readonly required: number
  readonly approvers: readonly (string | undefined)[]
  readonly requesterMayApprove: boolean
  readonly authorsMayApprove: boolean
}
type Requesters = 'everyone' | readonly (string | undefined)[]

/** Approvals as set in one place of the file; a later layer overrides an earlier one, field by field. */
type Layer = {
  readonly path: Path
  readonly approvals: DraftApprovals | undefined
  /** The path of `required`, if it has another name there. */
  readonly requiredPath?: Path
}
type Policy = {
  readonly layers: readonly Layer[]
  readonly requesters: Requesters | undefined
  readonly personOf: (account: string) => string
  /** People with a GitHub login: only they can approve if authors may not. */
  readonly withLogin: ReadonlySet<string>
}

/** Policies that nobody, or too few of the listed people, can ever satisfy. Groups are counted later, by Slack. */
export function policyFindings(draft: Draft): readonly Finding[] {
  const personOf = personsOf(draft)
  const withLogin = new Set((draft.people ?? []).flatMap((each) => (each?.github && each.slack?.[0]) || []))
  const ofEnvironments = Object.entries(draft.environments ?? {}).flatMap(([name, environment]) => {
    const path: Path = ['environments', name]
    return policiesFindings({
      deploy: [{ path: [...path, 'approvals'], approvals: environment?.approvals }],
      rollback: [rollbackLayer(path, environment?.rollback)],
      pause: [pauseLayer(path, environment?.pause)],
      raises: [
        ...freezeLayers(path, environment?.freezes),
        ...redCommitLayers(path, environment?.checks, environment?.redCommit),
      ],
      emergency: environment?.emergency && { path: [...path, 'emergency'], said: environment.emergency },
      requesters: environment?.requesters,
      personOf,
      withLogin,
    })
  })
  const ofServices = serviceEnvironmentEntries(draft).flatMap(({ path, own, environment, common }) => {
    const { approvals, requesters, rollback, pause, freezes, emergency, checks, redCommit } = own
    if (![approvals, requesters, rollback, pause, freezes, emergency, checks, redCommit].some(Boolean))
      return []
    const above: Path = ['environments', environment]
    return policiesFindings({
      deploy: [
        { path: [...above, 'approvals'], approvals: common?.approvals },
        { path: [...path, 'approvals'], approvals },
      ],
      rollback: [rollbackLayer(above, common?.rollback), rollbackLayer(path, rollback)],
      pause: [pauseLayer(above, common?.pause), pauseLayer(path, pause)],
      raises: [
        ...(freezes ? freezeLayers(path, freezes) : freezeLayers(above, common?.freezes)),
        ...redCommitLayers(
          redCommit ? path : above,
          checks ?? common?.checks,
          redCommit ?? common?.redCommit,
        ),
      ],
      emergency: emergency
        ? { path: [...path, 'emergency'], said: emergency }
        : common?.emergency && { path: [...above, 'emergency'], said: common.emergency },
      requesters: requesters ?? common?.requesters,
      personOf,
      withLogin,
    })
  })
  return [...ofEnvironments, ...ofServices]
}

function rollbackLayer(path: Path, rollback: { readonly approvals?: DraftApprovals } | undefined): Layer {
  return { path: [...path, 'rollback', 'approvals'], approvals: rollback?.approvals }
}

function pauseLayer(path: Path, pause: { readonly approvals?: DraftApprovals } | undefined): Layer {
  return { path: [...path, 'pause', 'approvals'], approvals: pause?.approvals }
}

/** A layer for each freeze that requires a number of approvals. */
function freezeLayers(
  path: Path,
  freezes: readonly ({ readonly approvals?: number } | undefined)[] = [],
): readonly Layer[] {
  return freezes.flatMap((freeze, index) => {
    const freezePath = [...path, 'freezes', index]
    return freeze?.approvals === undefined
      ? []
      : [
          {
            path: freezePath,
            approvals: { required: freeze.approvals },
            requiredPath: [...freezePath, 'approvals'],
          },
        ]
  })
}

/** A layer for a commit whose checks failed. Without `checks: required` it never applies. */
function redCommitLayers(
  path: Path,
  checks: string | undefined,
  redCommit: { readonly approvals?: number } | undefined,
): readonly Layer[] {
  if (checks !== 'required' || redCommit?.approvals === undefined) return []
  const here = [...path, 'redCommit']
  return [{ path: here, approvals: { required: redCommit.approvals }, requiredPath: [...here, 'approvals'] }]
}

/** Applied last, to override what the other layers set about authors. */
const anyAuthor: Layer = { path: [], approvals: { authorsMayApprove: true } }

type Policies = Omit<Policy, 'layers'> & {
  readonly deploy: readonly Layer[]
  readonly rollback: readonly Layer[]
  readonly pause: readonly Layer[]
  /** What may require more approvals than usual. */
  readonly raises: readonly Layer[]
  readonly emergency: Emergency | undefined
}

/** The settings for emergencies, and where they are. */
type Emergency = {
  readonly path: Path
  readonly said: { readonly requesters?: Requesters; readonly approvals?: DraftApprovals }
}

function policiesFindings({
  deploy,
  rollback,
  pause,
  raises,
  emergency,
  ...common
}: Policies): readonly Finding[] {
  const usual = lastSetting(deploy, 'required')?.value ?? 0
  const raising = raises.filter(({ approvals }) => (approvals?.required ?? 0) > usual)
  return [
    ...unsatisfiable({ layers: deploy, ...common }),
    // A rollback has no authors.
    ...unsatisfiable({ layers: [...deploy, ...rollback, anyAuthor], ...common }),
    ...unsatisfiable({ layers: [...deploy, ...pause], ...common }),
    ...raising.flatMap((raise) => unsatisfiable({ layers: [...deploy, raise], ...common })),
    ...(emergency ? emergencyFindings(emergency, { layers: deploy, ...common }) : []),
  ]
}

/**
 * An emergency may not require more approvals than usual, and needs people of the usual policy who acknowledge it
 * afterwards.
 */
function emergencyFindings({ path, said: own }: Emergency, usual: Policy): readonly Finding[] {
  const requested = own.approvals?.required
  const most = lastSetting(usual.layers, 'required')?.value
  const required: Path = [...path, 'approvals', 'required']
  if (!lastSetting(usual.layers, 'approvers'))
    return [
      {
        path,
        allowed: 'an environment whose `approvals` list approvers',
        message: 'Approvers must acknowledge an emergency afterwards, but none are listed.',
      },
    ]
  if (requested !== undefined && most !== undefined && requested > most)
    return [
      {
        path: required,
        found: String(requested),
        allowed: `a whole number from 0 to ${most}`,
        message: `A deploy needs ${count(most, 'approval')}: an emergency must not need more.`,
      },
    ]
  const layers = [...usual.layers, { path: [...path, 'approvals'], approvals: own.approvals }]
  return unsatisfiable({ ...usual, layers, requesters: own.requesters ?? usual.requesters })
}

function unsatisfiable({ layers, requesters, personOf, withLogin }: Policy): readonly Finding[] {
  const required = lastSetting(layers, 'required')
  if (!required?.value || !layers[0]?.approvals) return []
  const approvers = lastSetting(layers, 'approvers')
  if (!approvers) {
    return [
      {
        path: required.requiredPath ?? [...required.layer, 'approvers'],
        allowed: 'a list of at least one Slack account or user group ID',
        message: `${count(required.value, 'approval')} required, but no approvers are listed. List the approvers, or set required to 0.`,
      },
    ]
  }
  const ids = approvers.value?.filter((id) => id !== undefined) ?? []
  if (ids.length === 0 || ids.length !== approvers.value?.length) return []
  const needsLogin = lastSetting(layers, 'authorsMayApprove')?.value === false
  if (ids.some(isGroup) && !needsLogin) return []
  // Every member of a group needs a login, so at most the people with a login count.
  const named = new Set(ids.some(isGroup) ? withLogin : ids.map(personOf))
  const persons = needsLogin ? new Set([...named].filter((person) => withLogin.has(person))) : named
  const mayApproveOwn = lastSetting(layers, 'requesterMayApprove')?.value ?? false
  const lost = mayApproveOwn ? 0 : fewestLost(persons, requesters, personOf)
  const eligible = persons.size - lost
  if (eligible >= required.value) return []
  const mend = needsLogin ? 'Add the GitHub logins of more approvers under `people`' : 'Add more approvers'
  const whose = needsLogin
    ? ' whose GitHub login is listed under `people`, because authors may not approve'
    : ''
  const why = `${whose}${lost ? ', without the requester, who may not approve' : ''}`
  return [
    {
      path: required.requiredPath ?? [...required.layer, 'required'],
      found: String(required.value),
      allowed: `a whole number from 0 to ${eligible}`,
      message: `The approvers are ${count(persons.size, 'person', 'people')}${why}: ${required.value} approvals are never possible. ${mend}, or require fewer approvals.`,
    },
  ]
}

/** How many approvers are lost because they are the requester: 1 only if everyone who may request is an approver. */
function fewestLost(
  persons: ReadonlySet<string>,
  requesters: Requesters = 'everyone',
  personOf: (account: string) => string,
): 0 | 1 {
  if (requesters === 'everyone' || requesters.length === 0) return 0
  return requesters.every((id) => id !== undefined && !isGroup(id) && persons.has(personOf(id))) ? 1 : 0
}

/** The value of a field in the last layer that sets it; `undefined` if it has a mistake, which is reported elsewhere. */
function lastSetting<Key extends keyof FullApprovals>(
  layers: readonly Layer[],
  key: Key,
):
  | { readonly value: FullApprovals[Key] | undefined; readonly layer: Path; readonly requiredPath?: Path }
  | undefined {
  const last = layers.findLast(({ approvals }) => approvals && key in approvals)
  return last && { value: last.approvals?.[key], layer: last.path, requiredPath: last.requiredPath }
}

/** Maps each account to one account of the same person. */
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
