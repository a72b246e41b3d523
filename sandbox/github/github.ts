import { type Context, Hono } from 'hono'
import { Faults } from '../faults.ts'
import { type Env, exchange, listen } from '../http.ts'
import type { Pace } from '../pace.ts'
import { RequestLog } from '../request-log.ts'
import { type Answer, notFound, refuse } from './answer.ts'
import { Api } from './api.ts'
import { theContract } from './contract.ts'
import { coverage, type Route } from './coverage.ts'
import { seedWorld, token } from './default-world.ts'
import { logPath } from './routes/runs.ts'
import { StepRunner } from './runner.ts'
import { type AwsEnv, connect } from './steps/aws.ts'
import { World } from './world.ts'

export type GitHubSettings = {
  /** Default: any free port. */
  readonly port?: number
  readonly pace: Pace
  /** The AWS account that the deploy workflow uses. Without it, steps that need AWS do nothing and succeed. */
  readonly aws?: AwsEnv
}

export type GitHubSandbox = {
  readonly url: string
  /** The environment of a client that uses a token. */
  readonly env: { readonly GITHUB_API_URL: string; readonly GITHUB_TOKEN: string }
  readonly log: RequestLog
  readonly faults: Faults
  readonly world: World
  /** The environment of a client that uses an App instead of a token. Creates the App's key on the first call. */
  appEnv(): Readonly<
    Record<
      'GITHUB_APP_ID' | 'GITHUB_APP_PRIVATE_KEY' | 'GITHUB_APP_INSTALLATION_ID' | 'GITHUB_API_URL',
      string
    >
  >
  close(): Promise<void>
}

/** Starts a GitHub on 127.0.0.1 with the default world. It executes its workflows. */
export async function startGitHub({ port, pace, aws }: GitHubSettings): Promise<GitHubSandbox> {
  const wire = { log: new RequestLog(), faults: new Faults() }
  const cloud = aws && connect(aws)
  let runner: StepRunner | undefined
  const world = new World((made) => {
    runner = new StepRunner({ world: made, pace, aws: cloud })
    return runner
  })
  seedWorld(world)

  const api = new Api(world, theContract())
  const app = new Hono<Env>()
  for (const route of Object.keys(coverage) as Route[]) {
    const [method, path] = route.split(' ') as [string, string]
    app.on(method, honoPath(path), async (c) => {
      const body = await bodyOf(c)
      if (body === undefined) return respond(refuse(400, 'Problems parsing JSON'))
      c.set('body', body)
      return exchange(c, route, wire, async () => respond(api.answer(route, incoming(c, body))))
    })
  }
  const store = new Hono<Env>().get(`${logPath}/:key`, (c) =>
    exchange(c, `GET ${logPath}/{key}`, wire, async () =>
      respond(logText(world, c.req.param('key'), c.req.header('authorization'))),
    ),
  )
  app.notFound((c) => exchange(c, `${c.req.method} ${c.req.path}`, wire, async () => respond(notFound)))

  app.onError((trouble) => {
    world.violations.push(trouble.stack ?? trouble.message)
    return respond(refuse(500, trouble.message))
  })

  const listening = await listen(app, port)
  const { url } = listening
  world.at = { api: url, html: 'https://github.com' }
  const storing = await listen(store)
  world.logStore = storing.url
  return {
    ...wire,
    url,
    world,
    env: { GITHUB_API_URL: url, GITHUB_TOKEN: token },
    appEnv: () => ({
      GITHUB_API_URL: url,
      GITHUB_APP_ID: String(world.app.id),
      GITHUB_APP_PRIVATE_KEY: world.app.privateKey,
      GITHUB_APP_INSTALLATION_ID: String(world.app.installationId),
    }),
    close: async () => {
      runner?.close()
      world.hooks.close()
      cloud?.ecs.destroy()
      cloud?.logs.destroy()
      cloud?.codeDeploy.destroy()
      await Promise.all([listening.close(), storing.close()])
    },
  }
}

/** Parameters whose values may contain slashes, at the end of the path. */
const deep = /\{(ref|path|basehead|branch|tree_sha|environment_name|concurrency_group_name)\}$/

function honoPath(path: string): string {
  return path.replace(deep, ':$1{.+}').replaceAll(/\{(\w+)\}/g, ':$1')
}

async function bodyOf(c: Context<Env>): Promise<unknown> {
  const text = await c.req.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch (trouble) {
    if (trouble instanceof SyntaxError) return undefined
    throw trouble
  }
}

function incoming(c: Context<Env>, body: unknown) {
  const url = new URL(c.req.url)
  return {
    at: { api: url.origin, html: 'https://github.com' },
    path: url.pathname + url.search,
    params: c.req.param() as Record<string, string>,
    query: url.searchParams,
    body,
    accept: c.req.header('accept') ?? '',
    authorization: c.req.header('authorization'),
    version: c.req.header('x-github-api-version'),
    ifNoneMatch: c.req.header('if-none-match'),
  }
}

/**
 * Serves the text of a log at its temporary address, with the errors of a blob store, which accepts no other
 * authorization.
 */
function logText(world: World, key: string, authorization: string | undefined): Answer {
  const known = world.logAddresses.get(key)
  if (authorization !== undefined) return blobError(400, 'InvalidAuthenticationInfo')
  if (!known) return blobError(404, 'ResourceNotFound')
  if (known.until < Date.now()) return blobError(403, 'AuthenticationFailed')
  if (known.job.status !== 'completed') return blobError(404, 'BlobNotFound')
  const body = known.job.log.map((line) => `${line}\n`).join('')
  return { status: 200, body, headers: { 'content-type': 'text/plain; charset=utf-8' } }
}

function blobError(status: number, code: string): Answer {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`
  return { status, body, headers: { 'content-type': 'application/xml' } }
}

function respond({ status, body, headers }: Answer): Response {
  if (body === undefined) return new Response(null, { status, headers })
  const isText = typeof body === 'string'
  return new Response(isText ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })
}
