import { afterEach, vi } from 'vitest'
import { type AwsSandbox, startAws } from '../../sandbox/aws/server.ts'
import { testPace } from '../../sandbox/pace.ts'
import type { CommitLookup } from '../../src/aws/ecs/commit.ts'
import { connectEcs } from '../../src/aws/ecs/connect.ts'
import type { Ecs } from '../../src/ports/ports.ts'
import type { AskOf } from '../../src/release/look.ts'

/** The repository as people name it. */
export const serviceEnvironment = { service: 'blog-api', environment: 'prod' } as const

export const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const
export const source = { repository: 'myorg/blog-api', containers: ['api'] } as const

/** A repository in which each of these words is a commit. */
export const hasAll: CommitLookup = async ({ words }) => new Map(words.map((word) => [word, word]))

/** A separate AWS account, and ECS as the engine sees it, by the real SDK. */
export type Account = { readonly aws: AwsSandbox; readonly ecs: Ecs }

const open: AwsSandbox[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(open.splice(0).map((aws) => aws.close()))
})

export async function account(
  options: { rates?: 'real' | 'off'; requestTimeoutMs?: number; paceMs?: number; settleMs?: number } = {},
): Promise<Account> {
  const { rates = 'off', ...settings } = options
  const aws = await startAws({ pace: testPace, rates })
  open.push(aws)
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value)
  return { aws, ecs: connectEcs(hasAll, { logLagMs: 1, paceMs: 5, ...settings }) }
}

/** How often each operation was called. */
export function counts({ aws }: Account): Readonly<Record<string, number>> {
  const all: Record<string, number> = {}
  for (const { on } of aws.log.exchanges) all[on] = (all[on] ?? 0) + 1
  return all
}

/** Starts a deployment of this revision as a workflow would; `since` is before it. */
export async function roll(
  { ecs }: Account,
  number: number,
): Promise<{ since: number; deploymentId: string }> {
  const since = Date.now() - 60_000
  const target = await ecs.inspect({
    serviceEnvironment,
    target: prod,
    number,
    source,
    ranWell: [],
    serving: null,
  })
  if (!('revision' in target)) throw new Error(target.refused.sentence)
  const answer = await ecs.update({
    releaseId: 'r-k3v9',
    target: prod,
    revision: target.revision,
    maySend: async () => true,
  })
  if (answer.answer !== 'accepted') throw new Error(answer.answer)
  return { since, deploymentId: answer.deploymentId }
}

/** The look at the rollouts of prod. */
export function look(since: number, arn: string | null = null): AskOf<'rollouts'> {
  return {
    commit: null,
    images: 'wanted',
    source,
    targets: [{ target: prod, since, arn }],
  }
}
