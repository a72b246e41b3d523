import { foreign } from '../foreign.ts'

import { personText, type ServiceEnvironmentName } from '../names.ts'

import type { Refusal } from '../refusal.ts'
import { type Excess, excessText, type Part } from '../size.ts'
import { commands, listed, refuse } from './refuse.ts'

/** twokey.yml knows no service of this name. */
export function serviceUnknown(service: string, services: readonly string[]): Refusal {
  return refuse(
    'service_unknown',
    `There is no service ${foreign(service)} in twokey.yml.`,
    `Services: ${listed(services)}. \`/deploy status\` shows where each of them runs.`,
  )
}

/** The service has no such environment to lock or unlock. */
export function serviceUnknownThere(
  { service, environment }: ServiceEnvironmentName,
  services: readonly string[],
): Refusal {
  return refuse(
    'service_unknown',
    `${foreign(service)} does not deploy to ${foreign(environment)}.`,
    `Services that deploy there: ${listed(services)}. \`/deploy status ${environment}\` shows it.`,
  )
}

/** A button requests a service that twokey.yml no longer has there. */
export function serviceUnknownByNow({ service, environment }: ServiceEnvironmentName): Refusal {
  return refuse(
    'service_unknown',
    `Nothing was done: twokey.yml no longer deploys ${foreign(service)} to ${foreign(environment)}.`,
    `Ask a maintainer of twokey.yml. \`/deploy status ${service}\` lists the environments it deploys to.`,
  )
}

/** A deploy names an environment that no service has. */
export function serviceUnknownForDeploy(environment: string): Refusal {
  return refuse(
    'service_unknown',
    `No service deploys to ${foreign(environment)}.`,
    'Ask a maintainer of twokey.yml. `/deploy status` lists all services and their environments.',
  )
}

/** twokey.yml knows no environment of this name. */
export function environmentUnknown(environment: string, environments: readonly string[]): Refusal {
  return refuse(
    'environment_unknown',
    `There is no environment ${foreign(environment)} in twokey.yml.`,
    `Environments: ${listed(environments)}. \`/deploy status\` lists all services and their environments.`,
  )
}

/** A lock names an environment that no service has. */
export function noServiceInEnvironment(environment: string, environments: readonly string[]): Refusal {
  return refuse(
    'environment_unknown',
    `No service deploys to ${foreign(environment)}, so there is nothing to lock.`,
    `Environments: ${listed(environments)}. \`/deploy status\` lists all services and their environments.`,
  )
}

/** The service has other environments, not this one. */
export function environmentUnknownToService(
  { service, environment }: ServiceEnvironmentName,
  environments: readonly string[],
): Refusal {
  return refuse(
    'environment_unknown',
    `${foreign(service)} does not deploy to ${foreign(environment)}.`,
    `It deploys to ${listed(environments)}. \`/deploy status ${service}\` shows what runs there.`,
  )
}

/** Status names a service or environment that does not exist. */
export function environmentUnknownToStatus(
  { service, environment }: { readonly service: string | null; readonly environment: string | null },
  environments: readonly string[],
): Refusal {
  return refuse(
    'environment_unknown',
    `${service === null ? 'No service' : foreign(service)} does not deploy to ${environment === null ? 'any environment' : foreign(environment)}.`.replace(
      'No service does not deploy',
      'No service deploys',
    ),
    environments.length > 0
      ? `It deploys to ${listed(environments)}: \`/deploy status ${service}\`.`
      : '`/deploy status` lists all services and their environments.',
  )
}

/** No service is named, several have that environment, and none is the default. */
export function severalServices(environment: string, services: readonly string[]): Refusal {
  return refuse(
    'several_services',
    `Several services deploy to ${environment}, but twokey.yml sets no default service.`,
    `Choose one: ${commands(services.map((service) => `/deploy ${environment} ${service}`))}.`,
  )
}

/** No environment is named, the service has several, and none is the default. */
export function severalEnvironments(service: string, environments: readonly string[]): Refusal {
  return refuse(
    'several_environments',
    `${service} deploys to several environments, but twokey.yml sets no default environment.`,
    `Choose one: ${commands(environments.map((environment) => `/rollback ${service} ${environment}`))}.`,
  )
}

/** `--emergency` if twokey.yml has no `emergency`. */
export function emergencyNotAllowed({ service, environment }: ServiceEnvironmentName): Refusal {
  return refuse(
    'emergency_not_allowed',
    `twokey.yml does not allow emergency deploys of ${service} to ${environment}.`,
    `Request a normal deploy: \`/deploy ${environment} ${service}\`. To go back, type \`/rollback ${service} ${environment}\`: rollbacks are allowed during freezes.`,
  )
}

/** Another release of the service environment is in progress. */
export function inFlight(serviceEnvironment: ServiceEnvironmentName, holder: Holder): Refusal {
  const refusal = refuse(
    'in_flight',
    `${serviceEnvironment.service} in ${serviceEnvironment.environment} already has a release in progress: ${named(holder)}.`,
    nextSteps(serviceEnvironment, holder, 'Wait for its end'),
  )
  return { ...refusal, about: holder.id }
}

/** The earlier release has ended, but its workflow run is still in progress. */
export function runInProgress(serviceEnvironment: ServiceEnvironmentName, holder: Holder): Refusal {
  const { service, environment } = serviceEnvironment
  const { id, requester, state } = holder
  const refusal = refuse(
    'in_flight',
    `${service} in ${environment} is blocked. Release ${id} by ${personText(requester)} has ended (${state}), but its workflow run is still in progress and can still change the service.`,
    nextSteps(serviceEnvironment, holder, 'Wait for the run to end'),
  )
  return { ...refusal, about: id }
}

/** The earlier release has ended, but its migration is still running. */
export function migrationInProgress(serviceEnvironment: ServiceEnvironmentName, holder: Holder): Refusal {
  const { service, environment } = serviceEnvironment
  const { id, requester, state } = holder
  const refusal = refuse(
    'in_flight',
    `${service} in ${environment} is blocked. Release ${id} by ${personText(requester)} has ended (${state}), but its migration is still running.`,
    nextSteps(serviceEnvironment, holder, 'Wait for the migration to stop'),
  )
  return { ...refusal, about: id }
}

/** The earlier release has ended, but its result could not be read. */
export function endNotSeen(serviceEnvironment: ServiceEnvironmentName, holder: Holder): Refusal {
  const { service, environment } = serviceEnvironment
  const refusal = refuse(
    'in_flight',
    `${service} in ${environment} is blocked: twokey could not determine how release ${holder.id} by ${personText(holder.requester)} ended. It stays blocked until someone acts on the card.`,
    `${pressOf(serviceEnvironment, holder)}.${wayBack(serviceEnvironment, holder)}`,
  )
  return { ...refusal, about: holder.id }
}

/** Another rollback that was not sent yet, or that runs the same revision, blocks the requested one. */
export function rollbackUnderWay(serviceEnvironment: ServiceEnvironmentName, holder: Holder): Refusal {
  const refusal = refuse(
    'rollback_under_way',
    `${serviceEnvironment.service} in ${serviceEnvironment.environment} already has a rollback in progress: ${named(holder)}.`,
    nextSteps(serviceEnvironment, holder, 'Wait for its end'),
  )
  return { ...refusal, about: holder.id }
}

/** The release that holds the lane. */
type Holder = {
  readonly id: string
  readonly requester: string
  readonly state: string
  /** Labels of the buttons on its card that may free the lane. */
  readonly buttons: readonly string[]
  /** Whether a rollback may be requested while it holds the lane. */
  readonly rollback: 'possible' | 'refused'
}

function named({ id, requester, state }: Holder): string {
  return `${id} by ${personText(requester)} (${state})`
}

/** Names only next steps that are not refused themselves. */
function nextSteps(serviceEnvironment: ServiceEnvironmentName, holder: Holder, first: string): string {
  const press = holder.buttons.length > 0 ? `, or ${lowered(pressOf(serviceEnvironment, holder))}` : ''
  return `${first}${press}.${wayBack(serviceEnvironment, holder)}`
}

/** The buttons on the card of the release, and where the card is. */
function pressOf({ service, environment }: ServiceEnvironmentName, { id, buttons }: Holder): string {
  const which = buttons.length > 0 ? `Press ${buttons.join(' or ')} on` : 'See'
  return `${which} the card of release ${id}: \`/deploy status ${environment} ${service}\` links it`
}

function wayBack({ service, environment }: ServiceEnvironmentName, { rollback }: Holder): string {
  return rollback === 'possible' ? ` To go back, type \`/rollback ${service} ${environment}\`.` : ''
}

function lowered(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1)
}

/** `/deploy cancel` by a person who has no release in progress. */
export function nothingInFlight(): Refusal {
  return refuse(
    'nothing_in_flight',
    'You have no release in progress.',
    'To cancel somebody else’s, an approver presses Cancel on its card: `/deploy status` links it.',
  )
}

/**
 * The release is too large to be stored.
 * @param excess its size, and its largest part
 */
export function releaseTooLarge(serviceEnvironment: ServiceEnvironmentName, excess: Excess): Refusal {
  return refuse(
    'release_too_large',
    `Nothing was done: ${excessText(excess)}.`,
    shorten[excess.part](serviceEnvironment),
  )
}

const shorten: Readonly<Record<Part, (serviceEnvironment: ServiceEnvironmentName) => string>> = {
  inputs: () => 'Shorten their values in twokey.yml, or their defaults in the workflow file.',
  workflow: () => 'Change the workflow to use fewer actions, files and images.',
  changes: ({ service, environment }) =>
    `Deploy a commit that is closer to the one that is running: \`/deploy ${environment} ${service} <commit>\`.`,
  revision: ({ service, environment }) =>
    `Roll back to another revision: \`/rollback ${service} ${environment}\` lists the revisions that deployed successfully.`,
  config: () => 'Ask a maintainer of twokey.yml to shorten it: use user groups instead of long lists.',
}

/** A history has an end before its beginning. */
export function periodReversed(since: string, until: string): Refusal {
  return refuse(
    'period_reversed',
    `The start date ${since} is after the end date ${until}.`,
    `Write the earlier day first: \`/deploy history since ${until} until ${since}\`.`,
  )
}

/** A history names a day, and the person's time zone could not be determined. */
export function couldNotReadDay(why: string): Refusal {
  return refuse(
    'cannot_see',
    `Releases of those days cannot be shown: twokey could not determine your time zone (${foreign(why)}).`,
    'Try again in a minute, or leave the days out: `/deploy history`.',
  )
}
