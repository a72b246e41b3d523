import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { Faults } from '../faults.ts'
import { type Env, exchange, listen } from '../http.ts'
import { type Pace, patience } from '../pace.ts'
import { RequestLog } from '../request-log.ts'
import { region } from '../seed.ts'
import { type Site, siteOf } from './arn.ts'
import { Cloud } from './cloud.ts'
import { AwsError, invalidParameter } from './error.ts'
import { accessKey, type Iam } from './iam.ts'
import { operations } from './operations.ts'
import { actionOf, answerQuery } from './query.ts'
import { queryError } from './sqs-operations.ts'
import { readTarget, toJson, unknownOperation } from './wire.ts'
import type { World } from './world.ts'

/** AWS on a local address: its accounts, a log of their requests, and the faults in them. */
export type AwsSandbox = {
  readonly url: string
  /** The environment from which the AWS SDK reads how to reach it. */
  readonly env: Readonly<
    Record<'AWS_ENDPOINT_URL' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>
  >
  readonly log: RequestLog
  readonly faults: Faults
  /** The account and region of `env`. */
  readonly world: World
  /** The roles of all accounts. */
  readonly iam: Iam
  /** Adds a region of an account, with the same services. */
  seeded(site: Site): World
  /** Resolves once the condition is true of the world; rejects after `ms` (default 10 s). */
  until(condition: (world: World) => boolean, limit?: { ms?: number }): Promise<void>
  close(): Promise<void>
}

/** `rates`: the throttling of AWS (`real`), or none (`off`). */
export type AwsOptions = { readonly pace: Pace; readonly port?: number; readonly rates?: 'real' | 'off' }

/** Starts the services of `operations` (awsJson) and of `queryServices` (awsQuery, ec2Query) on 127.0.0.1, with the default world. */
export async function startAws({ pace, port, rates = 'real' }: AwsOptions): Promise<AwsSandbox> {
  const cloud = new Cloud(pace)
  const world = cloud.home
  const log = new RequestLog()
  const faults = new Faults()
  const app = new Hono<Env>()

  app.post('/', async (c) => {
    if (c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')) {
      const form = new Map(new URLSearchParams(await c.req.text()))
      c.set('body', Object.fromEntries(form))
      return exchange(c, actionOf(form), { log, faults }, async () =>
        answerQuery(cloud, form, (name) => c.req.header(name)),
      )
    }
    const body = await parsed(c)
    c.set('body', body)
    const target = c.req.header('x-amz-target')
    const on = target?.split('.')[1] ?? 'unknown'
    return exchange(c, on, { log, faults }, async () => {
      try {
        return Response.json(toJson(await execute(cloud, c, body, rates)), { headers: answerHeaders(target) })
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        const refusal = { __type: error.type, message: error.message }
        return Response.json(refusal, {
          status: 400,
          headers: { ...answerHeaders(target), ...queryErrorOf(target, error) },
        })
      }
    })
  })

  // Simulates a push of an image to the registry.
  app.post('/_sandbox/images', async (c) => {
    const requested = z.strictObject({ image: z.string().min(1) }).safeParse(await parsed(c))
    if (!requested.success) return c.json({ message: z.prettifyError(requested.error) }, 400)
    const { image } = requested.data
    return c.json({ image, digest: world.push(image) }, 201)
  })

  const { url, close } = await listen(app, port)
  const clock = setInterval(() => cloud.advance(Date.now()), pace.scheduler)
  return {
    url,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKey.id,
      AWS_SECRET_ACCESS_KEY: accessKey.secret,
    },
    log,
    faults,
    world,
    iam: cloud.iam,
    seeded: (site) => cloud.seeded(site),
    until: (condition, { ms = patience } = {}) => until(() => condition(world), ms),
    close: () => {
      clearInterval(clock)
      return close()
    },
  }
}

function execute(
  cloud: Cloud,
  c: Context<Env>,
  body: unknown,
  limits: 'real' | 'off',
): object | Promise<object> {
  const { service, operation: name } = readTarget(c.req.header('x-amz-target'))
  const operation = operations[service][name]
  if (!operation) throw unknownOperation()
  const now = Date.now()
  const { caller, world, rates } = cloud.enter((header) => c.req.header(header), service, now)
  if (limits === 'real') rates.take(name, now)
  world.authorize(`${service}:${name}`, caller.arn)
  if (body === undefined) throw new AwsError('SerializationException', 'The body is not JSON.')
  if (service === 'ecs') refuseForeign(body, world.site)
  return operation(world, body)
}

/** ECS refuses the ARNs of another account or region. */
function refuseForeign(body: unknown, site: Site): void {
  if (typeof body === 'object' && body !== null)
    for (const each of Object.values(body)) refuseForeign(each, site)
  if (typeof body !== 'string' || !body.startsWith('arn:aws:ecs:')) return
  const { account, region } = siteOf(body)
  if (account !== site.account)
    throw invalidParameter(
      `Invalid identifier: Identifier is for ${account}. Your accountId is ${site.account}`,
    )
  if (region !== site.region)
    throw invalidParameter(`Invalid identifier: Identifier is for ${region}. Your region is ${site.region}`)
}

const isSqs = (target: string | undefined) => target?.startsWith('AmazonSQS.') ?? false

const queryErrorOf = (target: string | undefined, { type }: AwsError): Readonly<Record<string, string>> =>
  isSqs(target) ? { 'x-amzn-query-error': queryError(type) } : {}

const answerHeaders = (target: string | undefined) => ({
  'content-type': `application/x-amz-json-1.${isSqs(target) ? 0 : 1}`,
  'x-amzn-requestid': crypto.randomUUID(),
})

/** The JSON of the body; undefined if the body is not JSON. */
async function parsed(c: Context<Env>): Promise<unknown> {
  const body = await c.req.text()
  try {
    return body === '' ? {} : JSON.parse(body)
  } catch {
    return undefined
  }
}

async function until(condition: () => boolean, ms: number): Promise<void> {
  const deadline = Date.now() + ms
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`The condition was not met within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
