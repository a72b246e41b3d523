import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { connectEcs } from '../../src/aws/ecs/connect.ts'
import { Trouble } from '../../src/ports/ports.ts'
import type { RolloutVerdict } from '../../src/release/sighting.ts'
import { codeDeployAccount } from '../codedeploy/account.ts'
import { type Account, account, hasAll, look, prod, roll } from '../ecs/account.ts'

type Answer = { readonly operation: string; readonly path: string; readonly body: unknown }

/** A change of one field in all answers of an operation. */
type Oddity = { readonly operation: string; readonly field: string; readonly as: string }

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** What AWS answered, as JSON; null if the account was closed. */
type Recorded = { readonly status: number; readonly json: string } | null

/**
 * Another address of the account's AWS. It asks each question of the account once, so that all looks see one moment of
 * a rollout, however long they take, and this changes the answers.
 */
async function changedAws({ aws }: Account, change: (answer: Answer) => unknown): Promise<string> {
  const recorded = new Map<string, Promise<Recorded>>()
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const operation = String(headers['x-amz-target']).split('.')[1]!
    const question = `${operation} ${body}`
    const asked = recorded.get(question) ?? ask(aws.url, headers as Record<string, string>, body)
    recorded.set(question, asked)
    const answer = await asked
    if (answer === null) {
      response.destroy()
      return
    }
    const shown = change({ operation, path: request.url ?? '', body: JSON.parse(answer.json) })
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(shown))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Reads of a look that has failed may still be in flight when the account is closed. */
async function ask(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<Recorded> {
  try {
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
    return { status: answer.status, json: await answer.text() }
  } catch {
    return null
  }
}

/** The value with the field changed wherever it is. */
function changed(value: unknown, oddity: Oddity): unknown {
  if (Array.isArray(value)) return value.map((each) => changed(each, oddity))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (name !== oddity.field) return [[name, changed(member, oddity)]]
      const odd = oddForms[oddity.as]!(member)
      return odd === undefined ? [] : [[name, odd]]
    }),
  )
}

const oddForms: Readonly<Record<string, (value: unknown) => unknown>> = {
  missing: () => undefined,
  'a list with a hole': (value) => (Array.isArray(value) ? [null, ...value] : value),
  'an ISO date': (value) => (isDate(value) ? new Date(value * 1_000).toISOString() : value),
  'a word that twokey does not know': (value) => (isEnum(value) ? 'BRAND_NEW' : value),
}

/** Dates are seconds since the epoch. */
const isDate = (value: unknown): value is number => typeof value === 'number' && value > 1_000_000_000
const isEnum = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Z][A-Za-z_]+$/.test(value)

/** The words of the code that reads AWS: a field that it does not name changes nothing. */
const named = new Set(
  globSync('src/aws/**/*.ts').flatMap((file) => readFileSync(file, 'utf8').match(/\w+/g) ?? []),
)

/** Every field of an answer that the code names, with each odd form that changes it. */
function odditiesOf(operation: string, answer: unknown): readonly Oddity[] {
  const values = new Map<string, unknown[]>()
  collect(answer, values)
  const read = [...values].filter(([field]) => named.has(field))
  return read.flatMap(([field, all]) =>
    Object.entries(oddForms).flatMap(([as, form]) =>
      all.some((value) => form(value) !== value) ? { operation, field, as } : [],
    ),
  )
}

function collect(value: unknown, into: Map<string, unknown[]>): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(value)) into.set(name, [...(into.get(name) ?? []), member])
    collect(member, into)
  }
}

/** Looks at a rollout in progress, once for each oddity that its answers allow; nothing is kept from look to look. */
async function looksAtOddities(here: Account, since: number) {
  const oddities: Oddity[] = []
  const recorder = await changedAws(here, ({ operation, body }) => {
    oddities.push(...odditiesOf(operation, body))
    return body
  })
  const settings = { logLagMs: 1, paceMs: 1, settleMs: 60_000 }
  await connectEcs(hasAll, { ...settings, endpoint: recorder }).rollouts(look(since))
  const address = await changedAws(here, ({ operation, path, body }) => {
    const oddity = oddities[Number(path.slice(1))]
    return oddity?.operation === operation ? changed(body, oddity) : body
  })
  return Promise.all(
    oddities.map(async (oddity, index) => {
      const ecs = connectEcs(hasAll, { ...settings, endpoint: `${address}/${index}` })
      const name = `${oddity.operation}: ${oddity.field} is ${oddity.as}`
      try {
        const [seen] = await ecs.rollouts(look(since))
        return { name, verdicts: (seen?.rollouts ?? []).map(({ verdict }) => verdict), error: null }
      } catch (error) {
        return { name, verdicts: [] as RolloutVerdict[], error }
      }
    }),
  )
}

type Looks = Awaited<ReturnType<typeof looksAtOddities>>

const successes = (looks: Looks) =>
  looks.filter(({ verdicts }) => verdicts.includes('succeeded')).map(({ name }) => name)

/** Errors that are no trouble with words for people. */
const crashes = (looks: Looks) =>
  looks
    .filter(({ error }) => error !== null && !(error instanceof Trouble && isHelpful(error.message)))
    .map(({ name, error }) => `${name}: ${error}`)

const isHelpful = (words: string) =>
  !/undefined|\[object|Cannot read|is not a function|is not iterable/.test(words)

describe('answers of AWS that are not as documented', () => {
  it('a rollout by ECS in progress is never a success, and what cannot be read is said', async () => {
    const here = await account()
    const service = here.aws.world.service(prod.cluster, prod.service)!
    service.configuration.deploymentCircuitBreaker = { enable: false, rollback: false }
    here.aws.world.rollouts.next({ kind: 'exits', code: 1 })
    const { since } = await roll(here, 42)
    await here.aws.until(() => (service.deployments[0]?.failedTasks ?? 0) > 0)
    const looks = await looksAtOddities(here, since)
    expect(looks.length).toBeGreaterThan(50)
    expect(successes(looks)).toEqual([])
    expect(crashes(looks)).toEqual([])
  })

  it('a deployment by CodeDeploy in progress is never a success, and what cannot be read is said', async () => {
    const here = await codeDeployAccount({}, { minute: 60_000 })
    here.aws.world.rollouts.next({ kind: 'exits', code: 1 })
    const id = await here.deploy(42)
    await expect.poll(async () => (await here.seen({ arn: id }, 'moving')).heldBy).toBeDefined()
    const looks = await looksAtOddities(here, here.since)
    expect(looks.length).toBeGreaterThan(50)
    expect(successes(looks)).toEqual([])
    expect(crashes(looks)).toEqual([])
  })
})
