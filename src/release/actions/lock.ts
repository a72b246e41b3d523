import type { Refusal } from '../refusal.ts'
import { lockNotOffered } from '../refusals/cards.ts'
import type { Release } from '../release.ts'
import { type Confirm, type NewRequest, type RequestingButton, serviceEnvironmentText } from './action.ts'

/** After a rollback: prevents that the bad version is deployed again. */
export const lock: RequestingButton = {
  label: 'Lock',
  confirm,
  isOffered,
  whoMay: 'as by command',
  request,
}

function isOffered({ stage, subject }: Release): boolean {
  return stage.at === 'ended' && stage.outcome === 'succeeded' && subject.kind === 'rollback'
}

function request(release: Release): NewRequest | { readonly refused: Refusal } {
  const { id, subject } = release
  if (!isOffered(release)) return { refused: lockNotOffered(release) }
  const to = subject.kind === 'rollback' ? subject.revision.name : 'what served before'
  return {
    request: 'lock',
    reason: `rolled back to ${to} (release ${id}), so that the faulty version is not deployed again`,
  }
}

function confirm(release: Release): Confirm {
  return {
    title: `Lock ${serviceEnvironmentText(release)}?`,
    text: `Blocks deploys of ${release.service} to ${release.environment} until somebody unlocks it. Rollbacks remain possible.`,
    yes: `Lock ${release.service}`,
  }
}
