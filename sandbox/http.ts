import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type HttpBindings, serve } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import type { Fault, Faults } from './faults.ts'
import type { RequestLog } from './request-log.ts'

/** The environment of a sandbox route: the raw request, and its parsed body. */
export type Env = { Bindings: HttpBindings; Variables: { body: unknown } }

/** A server of the sandbox, listening on a free port of 127.0.0.1. */
export type Listening = { readonly url: string; readonly server: Server; close(): Promise<void> }

/** Starts the app on 127.0.0.1, on the given port or any free one. @throws if the port is taken */
export function listen(app: Hono<Env>, port = 0): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address) => {
      resolve({ url: `http://127.0.0.1:${address.port}`, server, close: () => closeNow(server) })
    }) as Server
    server.once('error', reject)
  })
}

function closeNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/**
 * Executes a request with the fault that is queued for it, and logs it.
 * @param on the name of the request in faults and the log
 */
export async function exchange(
  c: Context<Env>,
  on: string,
  { log, faults }: { log: RequestLog; faults: Faults },
  execute: () => Promise<Response>,
): Promise<Response> {
  const { incoming, outgoing } = c.env
  const entry = log.add({
    at: Date.now(),
    on,
    method: c.req.method,
    path: incoming.url ?? c.req.path,
    headers: c.req.header(),
    body: c.get('body'),
  })
  const response = await underFault(faults.take(on), execute, incoming, outgoing)
  entry.status = response.status
  return response
}

async function underFault(
  fault: Fault | undefined,
  execute: () => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: HttpBindings['outgoing'],
): Promise<Response> {
  switch (fault?.kind) {
    case undefined:
      return execute()
    case 'answer':
      return answer(fault.status, fault.body, fault.headers)
    case 'reset':
      return cut(incoming, outgoing as ServerResponse)
    case 'lost':
      await execute()
      return cut(incoming, outgoing as ServerResponse)
    case 'lost-after':
      await execute()
      return answer(fault.status, { message: 'Server Error' })
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.ms))
      return execute()
  }
}

/** JSON, unless the content type is text, such as a proxy's error page. */
function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const isText = typeof body === 'string' && headers['content-type']?.startsWith('text/') === true
  return new Response(isText ? body : JSON.stringify(body ?? {}), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })
}

/** Cuts the connection without an answer, as a crashed proxy does. */
function cut(incoming: IncomingMessage, outgoing: ServerResponse): Response {
  incoming.socket.destroy()
  outgoing.destroy()
  // Never sent, because the socket is closed. The log shows it as 499.
  return new Response(null, { status: 499, headers: { 'x-hono-already-sent': 'true' } })
}
