import type { Kysely } from 'kysely'
import { type Target, targetName } from '../release/names.ts'
import type { UnreleasedRollout } from '../release/unreleased.ts'
import type { Schema } from './schema.ts'
import type { HistoryQuery, Unreleased } from './store.ts'

/** Limit of rollouts kept per service environment: ten pages of its history. */
const keptOfEach = 100

/** Rollouts outside twokey, in any SQL database. */
export class SqlUnreleased implements Unreleased {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async has(target: Target, deploymentId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('unreleased')
      .select('deployment')
      .where('target', '=', targetName(target))
      .where('deployment', '=', deploymentId)
      .executeTakeFirst()
    return row !== undefined
  }

  async add(rollout: UnreleasedRollout): Promise<void> {
    const { service, environment, target, deploymentId, at } = rollout
    const serviceEnvironment = { service, environment }
    await this.#db.transaction().execute(async (tx) => {
      await tx
        .insertInto('unreleased')
        .values({
          ...serviceEnvironment,
          target: targetName(target),
          deployment: deploymentId,
          at,
          body: JSON.stringify(rollout),
        })
        .onConflict((conflict) => conflict.columns(['target', 'deployment']).doNothing())
        .execute()
      await this.#trim(tx, serviceEnvironment)
    })
  }

  /** Deletes all but the newest rollouts of a service environment. */
  async #trim(
    tx: Kysely<Schema>,
    { service, environment }: Pick<UnreleasedRollout, 'service' | 'environment'>,
  ): Promise<void> {
    const oldest = await tx
      .selectFrom('unreleased')
      .select('at')
      .where('service', '=', service)
      .where('environment', '=', environment)
      .orderBy('at', 'desc')
      .limit(1)
      .offset(keptOfEach - 1)
      .executeTakeFirst()
    if (oldest === undefined) return
    await tx
      .deleteFrom('unreleased')
      .where('service', '=', service)
      .where('environment', '=', environment)
      .where('at', '<', oldest.at)
      .execute()
  }

  async list({ limit, from, service, environment, since, until }: Omit<HistoryQuery, 'person' | 'ended'>) {
    const order = from?.go === 'newer' ? 'asc' : 'desc'
    let query = this.#db
      .selectFrom('unreleased')
      .select('body')
      .orderBy('at', order)
      .orderBy('deployment', order)
      .limit(limit)
    if (service !== undefined) query = query.where('service', '=', service)
    if (environment !== undefined) query = query.where('environment', '=', environment)
    if (since !== undefined) query = query.where('at', '>=', since)
    if (until !== undefined) query = query.where('at', '<', until)
    if (from) {
      const than = from.go === 'older' ? '<' : '>'
      query = query.where(({ eb, and, or }) =>
        or([
          eb('at', than, from.requestedAt),
          and([eb('at', '=', from.requestedAt), eb('deployment', than, from.id)]),
        ]),
      )
    }
    const found = (await query.execute()).map(({ body }) => JSON.parse(body) as UnreleasedRollout)
    return order === 'asc' ? found.toReversed() : found
  }
}
