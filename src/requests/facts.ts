import type { Clock } from '../ports/clock.ts'
import { pastOf } from '../release/commit-past.ts'
import type { Facts, ReleaseLink } from '../release/facts.ts'
import type { Shipped } from '../release/subject.ts'
import type { ServiceEnvironment, Settings } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'

type FactDeps = { readonly settings: Settings; readonly store: Store; readonly clock: Clock }

/** How many releases are looked through: those of the service environment, and those of the service anywhere. */
const looked = 100

/** The facts about a deploy from earlier releases of twokey. @param retryOf the release whose Retry was clicked */
export async function pastFacts(
  { settings, store, clock }: FactDeps,
  serviceEnvironment: ServiceEnvironment,
  subject: Shipped,
  retryOf?: string,
): Promise<Omit<Facts, 'checks'>> {
  const { service, environment } = serviceEnvironment
  const past = { service, ended: true, limit: looked }
  const [here, anywhere] = await Promise.all([store.history({ ...past, environment }), store.history(past)])
  const elsewhere = anywhere.filter((release) => release.environment !== environment)
  const facts = pastOf(
    { environment, subject },
    [...here, ...elsewhere],
    expectedBefore(settings, serviceEnvironment),
    clock(),
  )
  const { setbacks, contains } = facts
  return {
    ...facts,
    ...(setbacks && { setbacks: { ...setbacks, last: await linked(store, setbacks.last) } }),
    ...(contains && {
      contains: { ...contains, last: await Promise.all(contains.last.map((each) => linked(store, each))) },
    }),
    ...(await retryFacts(store, retryOf)),
  }
}

/** @param retryOf the release whose Retry was clicked */
export async function retryFacts(
  store: Store,
  retryOf: string | undefined,
): Promise<Pick<Facts, 'retryOf'> | undefined> {
  return retryOf === undefined ? undefined : { retryOf: await linked(store, { release: retryOf }) }
}

/** Environments that have to come first, and those of the same branch that require fewer approvals: people expect the commit there. */
function expectedBefore(
  { serviceEnvironments }: Settings,
  { service, branch, policy, requires }: ServiceEnvironment,
): readonly string[] {
  return serviceEnvironments
    .filter((other) => other.service === service)
    .filter(
      (other) =>
        requires.includes(other.environment) ||
        (other.branch === branch && other.policy.required < policy.required),
    )
    .map(({ environment }) => environment)
}

async function linked<T extends ReleaseLink>(store: Store, of: T): Promise<T> {
  const card = await store.card(of.release)
  return card === null ? of : { ...of, card: { channel: card.channel, ts: card.ts } }
}
