import { type Context, Hono } from 'hono'
import type { Faults } from '../faults.ts'
import { type Env, exchange } from '../http.ts'
import type { RequestLog } from '../request-log.ts'
import { ApiError, type Args, checkScope, type Method, textArg } from './methods/method.ts'
import { methods } from './methods.ts'
import type { Rates } from './rates.ts'
import { answerResponseUrl } from './response-url.ts'
import type { Workspace } from './workspace.ts'

/** The state behind the server. `rates` is null if calls are not limited. */
export type World = {
  readonly workspace: Workspace
  readonly log: RequestLog
  readonly faults: Faults
  readonly rates: Rates | null
  readonly newSocketPath: () => string
}

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown }

/** Slack's HTTP side: the Web API, response URLs and uploads. */
export function webApi(world: World): Hono<Env> {
  const app = new Hono<Env>()
  app.onError((error) => {
    if (!(error instanceof SyntaxError)) throw error
    return sent({ status: 200, body: { ok: false, error: 'invalid_json' } })
  })
  app.use(async (c, next) => {
    c.set('body', await bodyOf(c))
    await next()
    // Answers and messages use the same clock.
    c.header('date', new Date(world.workspace.now()).toUTCString())
  })
  app.on(['GET', 'POST'], '/api/:method', (c) => {
    const name = c.req.param('method')
    return exchange(c, name, world, async () => sent(call(world, c, name)))
  })
  app.post('/actions/:team/:id', (c) =>
    exchange(c, 'response_url', world, async () => {
      const { status, body } = answerResponseUrl(world.workspace, c.req.param('id'), c.get('body'))
      return sent({ status, body })
    }),
  )
  app.post('/upload/v1/:id', (c) => exchange(c, 'upload', world, async () => takeUpload(world.workspace, c)))
  return app
}

function call(world: World, c: Context<Env>, name: string): Answer {
  const { workspace } = world
  const { origin } = new URL(c.req.url)
  const args: Args = { ...c.req.query(), ...(c.get('body') as Args) }
  const method = methods.get(name)
  try {
    if (!method) throw new ApiError('unknown_method', { req_method: name })
    checkToken(c, method, args, workspace)
    if (method.scope) checkScope(workspace, method.scope)
    const limited = world.rates?.take(rateKey(method, args), method.rate)
    if (limited) return tooMany(limited.retryAfter)
    const newSocketUrl = () => origin.replace('http', 'ws') + world.newSocketPath()
    const answer = method.execute({ args, workspace, url: origin, newSocketUrl })
    return { status: 200, headers: scopeHeaders(method, workspace), body: { ok: true, ...answer } }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { status: 200, body: { ok: false, error: error.code, ...error.more } }
  }
}

function checkToken(c: Context<Env>, method: Method, args: Args, { app }: Workspace): void {
  const bearer = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
  const token = bearer ?? textArg(args, 'token')
  if (token === undefined) throw new ApiError('not_authed')
  if (token !== app.botToken && token !== app.appToken) throw new ApiError('invalid_auth')
  const wanted = method.token === 'app' ? app.appToken : app.botToken
  if (token !== wanted) throw new ApiError('not_allowed_token_type')
}

function rateKey({ name, rate }: Method, args: Args): string {
  return rate.per === 'channel' ? `${name} ${args.channel}` : name
}

function tooMany(retryAfter: number): Answer {
  return {
    status: 429,
    headers: { 'retry-after': String(retryAfter) },
    body: { ok: false, error: 'ratelimited' },
  }
}

function scopeHeaders({ scope, token }: Method, { app }: Workspace): Record<string, string> {
  if (token === 'app') return {}
  return { 'x-oauth-scopes': app.scopes.join(','), ...(scope && { 'x-accepted-oauth-scopes': scope }) }
}

function sent({ status, headers = {}, body }: Answer): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })
}

async function bodyOf(c: Context<Env>): Promise<unknown> {
  const type = c.req.header('content-type') ?? ''
  if (type.startsWith('application/json')) return c.req.json()
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(await c.req.text()))
  }
  return type.startsWith('multipart/form-data') ? c.req.parseBody() : {}
}

async function takeUpload(workspace: Workspace, c: Context<Env>): Promise<Response> {
  const upload = workspace.uploads.get(c.req.param('id') ?? '')
  if (!upload) return new Response('not found', { status: 404 })
  const content = await contentOf(c)
  if (content.byteLength !== upload.length) return new Response('length mismatch', { status: 400 })
  upload.content = content
  return new Response(`OK - ${content.byteLength}`)
}

async function contentOf(c: Context<Env>): Promise<Uint8Array> {
  const parts = Object.values(c.get('body') as Record<string, unknown>)
  const file = parts.find((part) => part instanceof File)
  return new Uint8Array(await (file ?? c.req).arrayBuffer())
}
