import { inputValue } from './inputs.ts'
import { type ServiceEnvironmentEntry, serviceEnvironmentEntries, settingOf } from './layers.ts'
import { type Finding, foundText, type Path, pathText } from './problems.ts'
import type { Draft } from './schema.ts'

/** The inputs of a service environment's workflow, as far as they are known before any request. */
type Inputs = {
  readonly serviceEnvironment: ServiceEnvironmentEntry
  readonly githubEnvironment: string
  readonly environmentFrom: 'input' | 'branch'
  /** Keys are lower case. Includes default names that the file does not mention. */
  readonly fixed: ReadonlyMap<string, Fixed>
  /** False if the file has mistakes in its inputs, which are reported elsewhere. */
  readonly areClear: boolean
}

/** Inputs with the workflow that receives them. */
type Started = Inputs & {
  /** `owner/name` in lower case, as GitHub compares it. */
  readonly repository: string
  readonly workflow: string
  readonly branch: string
}

/** An input whose value is the same in every release. `path`: where the file sets it; absent for a default name. */
type Fixed = {
  readonly name: string
  readonly value: string
  /** The value in lower case. */
  readonly folded: string
  readonly path?: Path
}

/**
 * Service environments whose runs could not be distinguished, so that a release of one would deploy the other, and inputs
 * that name an environment which the release is not for.
 */
export function checkSharedWorkflows(draft: Draft): readonly Finding[] {
  const all = serviceEnvironmentEntries(draft).flatMap(
    (serviceEnvironment) => inputsOf(serviceEnvironment) ?? [],
  )
  const names = namesOf(draft, all)
  const started = all.flatMap((inputs) => startedOf(inputs) ?? [])
  const groups = Map.groupBy(started, ({ repository, workflow }) => JSON.stringify([repository, workflow]))
  return [
    ...[...groups.values()].flatMap((group) =>
      group.flatMap((each, index) => {
        const before = group.slice(0, index)
        const sameBranch = before.find((other) => leavesBranchOpen(other, each))
        if (sameBranch) return [oneBranch(sameBranch, each)]
        const same = before.find((other) => !areDistinguishable(other, each))
        return same ? [sharedWorkflow(same, each)] : []
      }),
    ),
    ...all.flatMap((each) => foreignNames(each, names)),
  ]
}

/** Undefined if the file has mistakes in a field that is needed here; see `inputsOf`. */
function startedOf(inputs: Inputs): Started | undefined {
  const { own, ofService, common } = inputs.serviceEnvironment
  const workflow = settingOf(inputs.serviceEnvironment, 'workflow')
  const branch = 'branch' in own ? own.branch : common?.branch
  if (!ofService.repository || !workflow || !branch) return
  return { ...inputs, repository: ofService.repository.toLowerCase(), workflow, branch }
}

function inputsOf(serviceEnvironment: ServiceEnvironmentEntry): Inputs | undefined {
  const { own, ofService, common, environment } = serviceEnvironment
  const environmentFrom = 'environmentFrom' in ofService ? ofService.environmentFrom : 'input'
  const named = 'githubEnvironment' in own ? own : (common ?? {})
  const githubEnvironment = 'githubEnvironment' in named ? named.githubEnvironment : environment
  if (!environmentFrom || !githubEnvironment) return
  const written = writtenInputs(serviceEnvironment)
  const areClear =
    !isMistaken(own, 'inputs') &&
    !isMistaken(ofService, 'inputs') &&
    written.every(({ text }) => text !== undefined && inputValue(text))
  const fixed = new Map<string, Fixed>()
  // If the branch decides, the workflow has no input for the environment.
  if (environmentFrom === 'input') fixed.set('environment', fixedInput('environment', githubEnvironment))
  for (const { name, text, path } of written) {
    const value = fixedValue(text, { environment: githubEnvironment, service: serviceEnvironment.service })
    if (value === undefined) fixed.delete(name.toLowerCase())
    else fixed.set(name.toLowerCase(), { ...fixedInput(name, value), path })
  }
  return { serviceEnvironment, githubEnvironment, environmentFrom, fixed, areClear }
}

function fixedInput(name: string, value: string): Fixed {
  return { name, value, folded: value.toLowerCase() }
}

/** Whether a field is set, but was rejected. */
function isMistaken<Of extends object>(written: Of, key: keyof Of): boolean {
  return key in written && written[key] === undefined
}

/** The inputs in the order in which they are merged: a later one replaces an earlier one of the same name. */
function writtenInputs({ own, ofService, service, path }: ServiceEnvironmentEntry) {
  const layers = [
    { inputs: ofService.inputs ?? {}, above: ['services', service, 'inputs'] },
    { inputs: own.inputs ?? {}, above: [...path, 'inputs'] },
  ]
  return layers.flatMap(({ inputs, above }) =>
    Object.entries(inputs).map(([name, text]) => ({ name, text, path: [...above, name] })),
  )
}

/** Undefined if the value differs by release, or the workflow sets it. */
function fixedValue(
  text: string | undefined,
  names: { readonly environment: string; readonly service: string },
): string | undefined {
  const value = text === undefined ? undefined : inputValue(text)
  if (value?.from === 'literal') return value.value
  return value?.from === 'environment' || value?.from === 'service' ? names[value.from] : undefined
}

/** GitHub's expressions compare texts without case, so a workflow may not see a difference in case. */
function isSameText(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Service environments whose inputs have mistakes count as different until those are corrected. */
function areDistinguishable(one: Started, other: Started): boolean {
  const byBranch = one.environmentFrom === 'branch' && other.environmentFrom === 'branch'
  if (byBranch && !isSameText(one.branch, other.branch)) return true
  if (!one.areClear || !other.areClear) return true
  for (const [name, { folded }] of one.fixed) {
    const there = other.fixed.get(name)
    if (there !== undefined && there.folded !== folded) return true
  }
  return false
}

/** Whether the branch should distinguish two environments of a service, but is the same. */
function leavesBranchOpen(one: Started, other: Started): boolean {
  return (
    one.serviceEnvironment.service === other.serviceEnvironment.service &&
    one.environmentFrom === 'branch' &&
    isSameText(one.branch, other.branch)
  )
}

function oneBranch(first: Started, { serviceEnvironment, branch, workflow }: Started): Finding {
  const { service, environment } = serviceEnvironment
  return {
    path: [...serviceEnvironment.path, 'branch'],
    found: foundText(branch),
    allowed: `a branch other than that of ${first.serviceEnvironment.environment}`,
    message: `${nameOf(first)} and ${service} in ${environment} run ${workflow} on the same branch, and \`environmentFrom: branch\` says that the branch decides where it deploys to. Give them different branches, or remove \`environmentFrom\`, so that the workflow's input for the environment decides; if that input has another name, write \`inputs: { stage: $environment }\` under services.${service}, and replace the key with your workflow's own input name.`,
  }
}

function nameOf({ serviceEnvironment: { service, environment } }: Inputs): string {
  return `${service} in ${environment}`
}

function sharedWorkflow(first: Started, second: Started): Finding {
  const { serviceEnvironment, workflow } = second
  const repository = serviceEnvironment.ofService.repository
  const shared = [...second.fixed]
    .filter(([name]) => first.fixed.has(name))
    .map(([, { name, value }]) => `${name}: ${foundText(value)}`)
  const ownName =
    first.serviceEnvironment.service === serviceEnvironment.service
      ? serviceEnvironment.environment
      : serviceEnvironment.service
  const inputs =
    shared.length > 0 ? `the same inputs (${shared.join(', ')})` : 'no input that tells them apart'
  return {
    path: [...serviceEnvironment.path, 'inputs'],
    found: `${workflow} of ${repository}, as for ${nameOf(first)}`,
    allowed: 'an input whose value differs, or another workflow',
    message: `${nameOf(first)} and ${nameOf(second)} share ${workflow} of ${repository} and start it with ${inputs}, so a release of one could deploy the other. ${remedy(first, second)} Replace the key with your workflow's own input name. Or give each its own workflow file: \`workflow: deploy-${ownName}.yml\` under ${pathText(serviceEnvironment.path)}.`,
  }
}

function remedy(first: Started, second: Started): string {
  const [one, other] = [first.serviceEnvironment, second.serviceEnvironment]
  if (one.service !== other.service)
    return `Write \`inputs: { service: $service }\` under services.${one.service} and services.${other.service}.`
  const literals = [one, other].map(
    ({ service, environment }) =>
      `\`inputs: { stage: ${environment} }\` under services.${service}.environments.${environment}`,
  )
  const write = `write ${literals.join(' and ')}.`
  if (!isSameText(first.githubEnvironment, second.githubEnvironment))
    return `Write \`inputs: { stage: $environment }\` under services.${one.service}.`
  return `Give each environment its own \`githubEnvironment\`, or ${write}`
}

/** Inputs that name an environment to promote from, such as `from_env` and `sourceEnvironment`. */
const namesOrigin = /^(from|source)/i

type Names = {
  readonly environment: string
  /** In lower case; a service may set its own. */
  readonly githubEnvironments: ReadonlySet<string>
}

/** The names by which workflows may know the environments of the file. */
function namesOf({ environments = {} }: Draft, all: readonly Inputs[]): readonly Names[] {
  const byEnvironment = Map.groupBy(all, ({ serviceEnvironment }) => serviceEnvironment.environment)
  return Object.entries(environments).map(([environment, common]) => ({
    environment,
    githubEnvironments: new Set(
      [
        common?.githubEnvironment ?? environment,
        ...(byEnvironment.get(environment) ?? []).map(({ githubEnvironment }) => githubEnvironment),
      ].map((name) => name.toLowerCase()),
    ),
  }))
}

/** Inputs that name another environment, so that the workflow would deploy there. */
function foreignNames(each: Inputs, names: readonly Names[]): readonly Finding[] {
  return [...each.fixed.values()].flatMap((input) => {
    if (!input.path || namesOrigin.test(input.name)) return []
    const other = names.find((name) => isAnother(name, input.value, each))
    return other ? [foreignName(input, input.path, each, other.environment)] : []
  })
}

/** Whether a value means this environment and not the one of the release; both may have the same GitHub environment. */
function isAnother({ environment, githubEnvironments }: Names, value: string, each: Inputs): boolean {
  const own = each.serviceEnvironment.environment
  if (environment === own || isSameText(value, own)) return false
  if (githubEnvironments.has(value.toLowerCase())) return !isSameText(value, each.githubEnvironment)
  return isSameText(value, environment)
}

function foreignName({ name, value }: Fixed, path: Path, each: Inputs, other: string): Finding {
  const own = [...new Set([each.serviceEnvironment.environment, each.githubEnvironment])].filter(
    (text) => text !== value,
  )
  const remedy = isSameText(value, each.githubEnvironment)
    ? `Correct \`githubEnvironment\` of ${each.serviceEnvironment.environment}.`
    : `Write \`${name}: $environment\`, which is ${each.githubEnvironment} here.`
  return {
    path,
    found: foundText(value),
    allowed: `${own.join(', ')}, or a value that is not the name of an environment`,
    message: `For ${nameOf(each)}, this value selects the environment ${other}, so the workflow could deploy there. ${remedy} If the input names the environment to promote from, give it a name that starts with \`from\` or \`source\`.`,
  }
}
