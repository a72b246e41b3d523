import { noticedRun, type Watched } from '../engine/watched-workflows.ts'
import type { Start } from '../ports/start.ts'
import type { Time } from '../release/names.ts'
import type { Notice, StartNotice, SupersededNotice } from '../release/notice.ts'
import { personWithLogin } from '../release/policy/approval.ts'
import type { NewerRun } from '../release/sighting.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { environmentChain, type Transaction } from '../store/store.ts'

type OfRun = Pick<Watched, 'repository' | 'workflow' | 'serviceEnvironments'> & { readonly start: Start }

type News = OfRun & {
  /** It ended without having asked at the gate there. */
  readonly isPastGate: boolean
}

/** Announces a run in the channel of each environment that it may change. Returns the number of announcements. */
export function announceRun(tx: Transaction, news: News, at: Time): Promise<number> {
  const { start, workflow, isPastGate } = news
  return announceThere(tx, news, at, {
    what: 'started on GitHub',
    detail: {},
    noticeFor: (environment, there): StartNotice => ({
      notice: 'started-on-github',
      environment,
      services: there.map(({ service }) => service),
      workflow,
      required: Math.max(...there.map(({ policy }) => policy.required)),
      run: noticedRun(start),
      ...(isPastGate && { pastGate: start.conclusion === 'succeeded' ? 'succeeded' : 'failed' }),
    }),
  })
}

/** Announces that GitHub cancelled a run for a newer one before it asked. Returns the number of announcements. */
export function announceSuperseded(
  tx: Transaction,
  { newer, ...of }: OfRun & { readonly newer: NewerRun },
  at: Time,
): Promise<number> {
  const { start, workflow } = of
  return announceThere(tx, of, at, {
    what: 'superseded before the gate',
    detail: { newer },
    noticeFor: (environment): SupersededNotice => ({
      notice: 'superseded-before-gate',
      environment,
      workflow,
      run: noticedRun(start),
      newer,
    }),
  })
}

type Announcement = {
  /** The name of the audit row, and what it says besides the run. */
  readonly what: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly noticeFor: (environment: string, there: readonly ServiceEnvironment[]) => Notice
}

/**
 * Announces something about a run in the channel of each of the environments, and adds it to the audit chain there.
 * Returns the number of announcements.
 */
async function announceThere(
  tx: Transaction,
  { start, repository, workflow, serviceEnvironments }: OfRun,
  at: Time,
  { what, detail: more, noticeFor }: Announcement,
): Promise<number> {
  const environments = [...new Set(serviceEnvironments.map(({ environment }) => environment))]
  for (const environment of environments) {
    const there = serviceEnvironments.filter(
      (serviceEnvironment) => serviceEnvironment.environment === environment,
    )
    const chain = environmentChain(environment)
    const services = there.map(({ service }) => service)
    const people = there.flatMap(({ policy }) => policy.people)
    const by = personWithLogin({ people }, start.login)
    const detail = { ...start, repository, workflow, services, by, ...more }
    const head = await tx.audit(chain, [{ actor: 'twokey', what, detail }], at)
    const notice = noticeFor(environment, there)
    for (const channel of new Set(there.map((serviceEnvironment) => serviceEnvironment.channel)))
      await tx.announce(channel, { notice, chain, head }, at)
  }
  return environments.length
}
