import type { Asked, InboxItem } from '../messages/intent.ts'
import { unmarked } from '../release/foreign.ts'
import type { ServiceEnvironmentName, Time } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Settings } from '../settings/settings.ts'
import { environmentChain, strayChain, type Transaction } from '../store/store.ts'

type RefusedRequest = {
  readonly item: InboxItem
  readonly refusal: Refusal
  readonly settings: Pick<Settings, 'environments'>
  /** The service environment that was meant, if it is known; the words alone may not say it. */
  readonly serviceEnvironment?: ServiceEnvironmentName
  /** What else was known about the request by then. */
  readonly about?: Readonly<Record<string, unknown>>
}

/**
 * Audits a refused request: a click in the chain of its release, a command in that of the environment it names. A
 * request that only shows something changes nothing, and is in no chain.
 */
export async function auditRefusal(
  tx: Transaction,
  { item, refusal, settings, serviceEnvironment, about }: RefusedRequest,
  now: Time,
): Promise<void> {
  const chain = await chainOf(tx, item.asked, serviceEnvironment, settings)
  if (chain === null) return
  const { ask, ...said } = item.asked
  const what = item.asked.ask === 'action' ? item.asked.action : ask
  const { code } = refusal
  const why = unmarked(refusal.sentence)
  const where = serviceEnvironment && {
    service: serviceEnvironment.service,
    environment: serviceEnvironment.environment,
  }
  const detail = { ...said, ...where, ...about, channel: item.from.channel, team: item.from.team, code, why }
  await tx.audit(chain, [{ actor: item.from.user, what: `${what} refused`, detail }], now)
}

/** Whether a request leaves rows in the audit log: it changes something, or would if it were not refused. */
export function isAudited({ ask }: Asked): boolean {
  switch (ask) {
    case 'action':
    case 'reason':
    case 'unknown-button':
    case 'deploy':
    case 'rollback':
    case 'lock':
    case 'unlock':
    case 'cancel':
      return true
    case 'form':
    case 'status':
    case 'history':
    case 'help':
    case 'notify':
    case 'doctor':
    case 'unclear':
    case 'unsupported':
      return false
  }
}

async function chainOf(
  tx: Transaction,
  asked: Asked,
  serviceEnvironment: ServiceEnvironmentName | undefined,
  { environments }: RefusedRequest['settings'],
): Promise<string | null> {
  switch (asked.ask) {
    case 'action':
    case 'reason':
    case 'unknown-button':
      return chainOfRelease(tx, asked.releaseId)
    case 'deploy':
    case 'rollback':
    case 'lock':
    case 'unlock': {
      const environment = serviceEnvironment?.environment ?? asked.environment
      return environment !== null && environments.includes(environment)
        ? environmentChain(environment)
        : strayChain
    }
    case 'cancel':
      return asked.releaseId === undefined ? strayChain : chainOfRelease(tx, asked.releaseId)
    case 'form':
    case 'status':
    case 'history':
    case 'help':
    case 'notify':
    case 'doctor':
    case 'unclear':
    case 'unsupported':
      return null
  }
}

async function chainOfRelease(tx: Transaction, id: string): Promise<string> {
  return (await tx.hasRelease(id)) ? id : strayChain
}
