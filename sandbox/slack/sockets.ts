import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import { isRecord } from './blocks/check.ts'
import { type Delivered, type Outgoing, type Trouble, Troubles } from './delivery.ts'

export type SocketOptions = {
  readonly appId: string
  /** How long Slack waits for an acknowledgement, ms. */
  readonly ackMs: number
  readonly pingMs: number
}

type Acknowledged = (response: Readonly<Record<string, unknown>>) => void

type Connection = { readonly socket: WebSocket; state: 'open' | 'leaving' }

/** Slack allows an app ten connections at a time. */
const socketLimit = 10

/**
 * Slack's side of Socket Mode: single-use tickets, `hello`, pings, refreshes. Each envelope goes to exactly one of the
 * open connections, round robin; it may be acknowledged on any of them.
 */
export class Sockets {
  readonly troubles = new Troubles()
  readonly #options: SocketOptions
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #tickets = new Set<string>()
  readonly #waiting = new Map<string, Acknowledged>()
  readonly #pings: NodeJS.Timeout
  #connections: Connection[] = []
  #turn = 0

  constructor(options: SocketOptions) {
    this.#options = options
    this.#pings = setInterval(() => {
      for (const { socket } of this.#connections) socket.ping()
    }, options.pingMs)
    this.#pings.unref()
  }

  /** How many connections receive envelopes now. */
  get open(): number {
    return this.#open().length
  }

  /** The path of one connection. */
  newPath(): string {
    const ticket = randomUUID()
    this.#tickets.add(ticket)
    return `/link/?ticket=${ticket}&app_id=${this.#options.appId}`
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  async deliver(outgoing: Outgoing): Promise<Delivered> {
    const trouble = this.troubles.take()
    if (this.#open().length === 0) return { outcome: 'dispatch_failed' }
    const envelope = envelopeOf(outgoing)
    const acknowledged = this.#acknowledged(envelope.envelope_id, trouble)
    await this.#send(JSON.stringify(envelope), trouble)
    return acknowledged
  }

  /**
   * Refreshes the oldest connection, as Slack does when it moves its servers. The connection is warned, gets no more
   * envelopes, is asked to reconnect if it has not yet, and is closed. Resolves when it is closed.
   */
  async refresh(): Promise<void> {
    const [oldest] = this.#open()
    if (!oldest) return
    oldest.state = 'leaving'
    const { socket } = oldest
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    this.#disconnect(socket, 'warning')
    await Promise.race([closed, sleep(warningMs)])
    if (socket.readyState === socket.OPEN) {
      this.#disconnect(socket, 'refresh_requested')
      socket.close(1000)
    }
    await closed
  }

  /** Cuts all connections without a close frame, as a broken network does. */
  drop(): void {
    for (const { socket } of this.#connections) socket.terminate()
    this.#connections = []
  }

  /** Closes every connection, and waits a short time for the answers. */
  async close(): Promise<void> {
    clearInterval(this.#pings)
    await Promise.all(this.#connections.map(({ socket }) => goodbye(socket)))
    this.drop()
    this.#server.close()
  }

  #open(): Connection[] {
    return this.#connections.filter(
      ({ socket, state }) => state === 'open' && socket.readyState === socket.OPEN,
    )
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const ticket = searchParams.get('ticket') ?? ''
    if (pathname !== '/link/' || !this.#tickets.delete(ticket)) {
      stream.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket))
  }

  #welcome(socket: WebSocket): void {
    const { appId } = this.#options
    if (this.#open().length >= socketLimit) {
      this.#disconnect(socket, 'too_many_websockets')
      socket.close(1000)
      return
    }
    this.#connections.push({ socket, state: 'open' })
    socket.on('message', (frame) => this.#hear(String(frame)))
    // The close event follows, and its handler removes the connection.
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      this.#connections = this.#connections.filter((connection) => connection.socket !== socket)
    })
    const debug_info = { host: 'applink-sandbox', build_number: 1, approximate_connection_time: 18_060 }
    const num_connections = this.#open().length
    socket.send(
      JSON.stringify({ type: 'hello', num_connections, debug_info, connection_info: { app_id: appId } }),
    )
  }

  #hear(frame: string): void {
    const message: unknown = JSON.parse(frame)
    if (!isRecord(message)) return
    this.#waiting.get(String(message.envelope_id))?.(isRecord(message.payload) ? message.payload : {})
  }

  #acknowledged(id: string, trouble: Trouble | undefined): Promise<Delivered> {
    const started = performance.now()
    return new Promise((resolve) => {
      const end = (delivered: Delivered) => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        resolve(delivered)
      }
      const timer = setTimeout(() => end({ outcome: 'timeout' }), this.#options.ackMs)
      if (trouble?.kind === 'deaf') return
      this.#waiting.set(id, (response) =>
        end({ outcome: 'acknowledged', afterMs: performance.now() - started, response }),
      )
    })
  }

  async #send(frame: string, trouble: Trouble | undefined): Promise<void> {
    switch (trouble?.kind) {
      case undefined:
      case 'deaf':
        this.#next()?.send(frame)
        return
      case 'twice':
        this.#next()?.send(frame)
        this.#next()?.send(frame)
        return
      case 'late':
        setTimeout(() => this.#next()?.send(frame), trouble.ms).unref()
        return
      case 'cut': {
        const socket = this.#next()
        socket?.send(frame, () => socket.terminate())
      }
    }
  }

  #next(): WebSocket | undefined {
    const open = this.#open()
    this.#turn += 1
    return open[this.#turn % open.length]?.socket
  }

  #disconnect(socket: WebSocket, reason: 'warning' | 'refresh_requested' | 'too_many_websockets'): void {
    socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-sandbox' } }))
  }
}

/** From the warning to the end of a connection, ms; Slack takes ten seconds. */
const warningMs = 100

/** How long a connection may take to answer a closing handshake, ms. */
const goodbyeMs = 250

function goodbye(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, goodbyeMs)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.close(1001)
  })
}

function envelopeOf({ type, payload, acceptsResponse, retry }: Outgoing) {
  return {
    envelope_id: randomUUID(),
    type,
    payload,
    accepts_response_payload: acceptsResponse,
    ...(type === 'events_api' && { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' }),
  }
}
