import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { Faults } from '../faults.ts'
import { type Env, exchange, listen } from '../http.ts'
import { type Pace, patience } from '../pace.ts'
import { RequestLog } from '../request-log.ts'
import { region } from '../seed.ts'
import { AwsError } from './error.ts'
import { operations } from './operations.ts'
import { Rates } from './rates.ts'
import { seedWorld } from './seed-world.ts'
import { accessKey, authenticate, readTarget, toJson, unknownOperation } from './wire.ts'
import type { World } from './world.ts'

/** An AWS account on a local address: its state, a log of its requests, and the faults in it. */
export type AwsSandbox = {
  readonly url: string
  /** The environment from which the AWS SDK reads how to reach it. */
  readonly env: Readonly<
    Record<'AWS_ENDPOINT_URL' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>
  >
  readonly log: RequestLog
  readonly faults: Faults
  readonly world: World
  /** Resolves once the condition is true of the world; rejects after `ms` (default 10 s). */
  until(condition: (world: World) => boolean, limit?: { ms?: number }): Promise<void>
  close(): Promise<void>
}

/** `rates`: the throttling of AWS (`real`), or none (`off`). */
export type AwsOptions = { readonly pace: Pace; readonly port?: number; readonly rates?: 'real' | 'off' }

/** Starts ECS and CloudWatch Logs (awsJson1_1) on 127.0.0.1, with the default world. */
export async function startAws({ pace, port, rates = 'real' }: AwsOptions): Promise<AwsSandbox> {
  const world = seedWorld(pace)
  const log = new RequestLog()
  const faults = new Faults()
  const buckets = rates === 'real' ? new Rates() : undefined
  const app = new Hono<Env>()

  app.post('/', async (c) => {
    const body = await parsed(c)
    c.set('body', body)
    const target = c.req.header('x-amz-target')
    const on = target?.split('.')[1] ?? 'unknown'
    return exchange(c, on, { log, faults }, async () => {
      try {
        return Response.json(toJson(execute(world, c, body, buckets)), { headers: answerHeaders() })
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        const refusal = { __type: error.type, message: error.message }
        return Response.json(refusal, { status: 400, headers: answerHeaders() })
      }
    })
  })

  // Simulates a push of an image to the registry.
  app.post('/_sandbox/images', async (c) => {
    const requested = z.strictObject({ image: z.string().min(1) }).safeParse(await parsed(c))
    if (!requested.success) return c.json({ message: z.prettifyError(requested.error) }, 400)
    const { image } = requested.data
    world.images.add(image)
    return c.json({ image }, 201)
  })

  const { url, close } = await listen(app, port)
  const clock = setInterval(() => world.advance(Date.now()), pace.scheduler)
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
    until: (condition, { ms = patience } = {}) => until(() => condition(world), ms),
    close: () => {
      clearInterval(clock)
      return close()
    },
  }
}

function execute(world: World, c: Context<Env>, body: unknown, rates: Rates | undefined): object {
  const { service, operation: name } = readTarget(c.req.header('x-amz-target'))
  const operation = operations[service][name]
  if (!operation) throw unknownOperation()
  authenticate(c.req.header('authorization'), service, world.token)
  rates?.take(name, Date.now())
  world.authorize(`${service}:${name}`)
  if (body === undefined) throw new AwsError('SerializationException', 'The body is not JSON.')
  return operation(world, body)
}

const answerHeaders = () => ({
  'content-type': 'application/x-amz-json-1.1',
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
