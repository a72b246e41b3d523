import { troubleOf } from '../engine/observe.ts'
import type { Reply } from '../messages/reply.ts'
import type { Outside } from '../ports/outside.ts'
import type { Ecs, PastRevision } from '../ports/ports.ts'
import { commitSource } from '../release/commit-source.ts'
import { locationOf } from '../release/names.ts'
import type { Revision } from '../release/revision.ts'
import { type ServiceEnvironment, targetsOf } from '../settings/settings.ts'

type RevisionsDeps = { readonly outside: Outside }

/** The running revision of the first target; if it cannot be read, the reason. */
export async function servingAt(
  ecs: Ecs,
  serviceEnvironment: ServiceEnvironment,
): Promise<{
  readonly serving: Revision | null
  readonly why: string | null
}> {
  const [target] = targetsOf(serviceEnvironment)
  try {
    const [now] = await ecs.serving(target ? [target] : [])
    if (now?.seen !== 'yes')
      return { serving: null, why: now?.why ?? `${serviceEnvironment.service} has no target` }
    const { arn } = now
    const serving = await ecs.revision({
      arn,
      location: locationOf(serviceEnvironment),
      source: commitSource(serviceEnvironment),
    })
    return { serving, why: null }
  } catch (error) {
    return { serving: null, why: troubleOf(error).reason }
  }
}

/** Revisions that deployed successfully there, for a rollback, with commit, date and author if GitHub knows them. */
export async function revisions(
  { outside }: RevisionsDeps,
  serviceEnvironment: ServiceEnvironment,
): Promise<Reply> {
  const { ecs, github } = outside
  const [target] = targetsOf(serviceEnvironment)
  if (!target)
    throw new Error(`${serviceEnvironment.service} has no target in ${serviceEnvironment.environment}`)
  const [now] = await ecs.serving([target])
  const serving = now?.seen === 'yes' ? { name: now.name, arn: now.arn, commit: null } : null
  const past = await ecs.past({ target, source: commitSource(serviceEnvironment), limit: 10, serving })
  const withCommits = await Promise.all(
    past.map(async (each): Promise<PastRevision> => {
      const sha = each.revision.commit
      if (sha === null) return { ...each, commit: null }
      // An unreadable commit leaves the revision to be picked by its number.
      const commit = await github.commit({ repository: serviceEnvironment.repository, sha }).catch(() => null)
      return { ...each, commit }
    }),
  )
  return {
    reply: 'revisions',
    service: serviceEnvironment.service,
    environment: serviceEnvironment.environment,
    revisions: withCommits,
    serving: serving?.name ?? null,
  }
}
