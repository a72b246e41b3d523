import { setTimeout as pause } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { type Env, listen } from '../http.ts'
import type { Sandbox } from '../sandbox.ts'
import { slack as seed } from '../seed.ts'
import { actAs, type BotPort, changeWorld, personAction, worldAction } from './actions.ts'
import { type Asset, contentPolicy, indexPage, ownFile, packageFile } from './assets.ts'
import { changeFrom, partsFor } from './parts.ts'
import type { ShownSteps } from './shown.ts'

export type { BotPort } from './actions.ts'

/** The demo page's server. */
export type Page = { readonly url: string; close(): Promise<void> }

export type PageSettings = {
  readonly sandbox: Sandbox
  readonly bot: BotPort
  /** Default: any free port. */
  readonly port?: number
  /** How far a visitor is with the first steps; without it, the page suggests none. */
  readonly steps?: (sandbox: Sandbox) => ShownSteps
}

/** The interval at which GitHub and AWS are polled, because they do not report changes, ms. */
const pollMs = 250
/** Slack's changes within this time are sent together, ms. */
const batchMs = 40
/** Some proxies close connections that are silent for longer, ms. */
const keepAliveMs = 15_000

/** Serves the page on 127.0.0.1. @throws if the port is taken */
export async function startPage({ sandbox, bot, port, steps }: PageSettings): Promise<Page> {
  const app = new Hono<Env>()
  const channel = seed.channel.id

  app.use(async (c, next) => {
    const refusal = refusalOf(c)
    if (refusal) return c.text(refusal, 403)
    c.header('content-security-policy', contentPolicy)
    c.header('x-content-type-options', 'nosniff')
    c.header('referrer-policy', 'no-referrer')
    c.header('cache-control', 'no-store')
    return next()
  })

  app.get('/', async (c) => sent(c, await indexPage()))
  app.get('/web/:name', async (c) => sent(c, await ownFile(c.req.param('name'))))
  app.get('/packages/*', async (c) => sent(c, await packageFile(c.req.path.slice('/packages/'.length))))

  app.get('/events', (c) => {
    const { as: user = '', in: client = '' } = c.req.query()
    if (!isMember(sandbox, user)) return c.text(`${user} is not a person in this channel`, 404)
    return streamSSE(c, async (stream) => {
      const before = new Map<string, string>()
      const aborted = new AbortController()
      stream.onAbort(() => aborted.abort())
      let lastSentAt = Date.now()
      while (!aborted.signal.aborted) {
        const change = changeFrom(before, {
          ...partsFor(sandbox, { user, client }, channel),
          bot: bot.state(),
          ...(steps && { steps: steps(sandbox) }),
        })
        if (change) await stream.writeSSE({ data: JSON.stringify(change) })
        else if (Date.now() - lastSentAt > keepAliveMs) await stream.writeSSE({ event: 'hello', data: '' })
        else {
          await nextChange(sandbox, aborted.signal)
          continue
        }
        lastSentAt = Date.now()
        await pause(batchMs)
      }
    })
  })

  app.post('/people/:user', async (c) => {
    const user = c.req.param('user')
    const parsed = personAction.safeParse(await bodyOf(c))
    if (!parsed.success) return c.json({ problem: z.prettifyError(parsed.error) }, 400)
    if (!isMember(sandbox, user)) return c.json({ problem: `${user} is not a person in this channel` }, 404)
    return answerTo(c, () => actAs(sandbox, { user, client: c.req.query('in') ?? '', channel }, parsed.data))
  })

  app.post('/world', async (c) => {
    const parsed = worldAction.safeParse(await bodyOf(c))
    if (!parsed.success) return c.json({ problem: z.prettifyError(parsed.error) }, 400)
    return answerTo(c, async () => {
      await changeWorld(sandbox, bot, parsed.data)
      return {}
    })
  })

  const { url, close } = await listen(app, port)
  return { url, close }
}

/** Why a request is refused: pages of other sites must neither read nor send anything here. */
function refusalOf(c: Context<Env>): string | undefined {
  const host = c.req.header('host') ?? ''
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host))
    return 'Open this page at 127.0.0.1 or localhost'
  if (['GET', 'HEAD'].includes(c.req.method)) return undefined
  const origin = c.req.header('origin')
  if (origin !== undefined && origin !== `http://${host}`) return 'Requests from other sites are refused'
  if (!c.req.header('content-type')?.startsWith('application/json'))
    return 'The content type must be application/json'
  return undefined
}

/** Answers with the result; what a person cannot do in Slack is answered 409 with the problem. */
async function answerTo(c: Context<Env>, action: () => Promise<object>): Promise<Response> {
  try {
    return c.json(await action())
  } catch (error) {
    return c.json({ problem: error instanceof Error ? error.message : String(error) }, 409)
  }
}

async function bodyOf(c: Context<Env>): Promise<unknown> {
  const body = await c.req.text()
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function sent(c: Context<Env>, asset: Asset | undefined): Response {
  return asset ? c.body(asset.text, 200, { 'content-type': asset.type }) : c.text('Not found', 404)
}

function isMember({ slack }: Sandbox, user: string): boolean {
  const known = slack.workspace.users.get(user)
  return known?.kind !== 'bot' && slack.workspace.channels.get(seed.channel.id)?.members.has(user) === true
}

/** Resolves when Slack changes, or when GitHub and AWS are to be polled again. */
function nextChange({ slack }: Sandbox, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      unwatch()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, pollMs)
    const unwatch = slack.workspace.watch(end)
    signal.addEventListener('abort', end)
  })
}
