import type { SocketModeReceiver } from '@slack/bolt'
import type { Logger } from 'pino'
import { z } from 'zod'
import { mib } from '../runtime/bounded.ts'

type Client = SocketModeReceiver['client']

/** How long a connection that Slack ends stays for what is still to be acknowledged, ms; Slack closes it after ten seconds. */
const stayMs = 2_000

/**
 * Characters of a frame that is parsed. A click brings its whole message, 50 blocks of which each has 3,000 characters, and
 * a form its view of at most 250 KB: https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/reference/block-kit/blocks
 */
const longestFrame = 2 * mib

const frameShape = z.object({ type: z.string(), envelope_id: z.string().optional() })
const acknowledgement = z.object({ envelope_id: z.string() })

/**
 * Stands between the socket and the client of socket-mode 3.1, which goes at Slack's first word of a refresh, so that
 * what it heard a moment before is never acknowledged, and which leaves an unhandled rejection behind where an event
 * has no payload.
 */
export function patchSocketClient(client: Client, log: Logger): void {
  const envelopes = new Envelopes()
  client.on('outgoing_message', (message: unknown) => {
    const { data } = acknowledgement.safeParse(message)
    if (data) envelopes.acknowledged(data.envelope_id)
  })
  client.on('disconnected', () => envelopes.forget())
  const hearers = client.listeners('ws_message')
  client.removeAllListeners('ws_message')
  for (const hear of hearers)
    client.on('ws_message', async (...frame: readonly unknown[]) => {
      if (lengthOf(frame[0]) > longestFrame) {
        // Not acknowledged: the person sees that it failed.
        log.error({ length: lengthOf(frame[0]), longestFrame }, 'what Slack sent is too long to be read')
        return
      }
      const read = frameOf(frame[0])
      if (read?.type === 'disconnect') await envelopes.none(stayMs)
      else if (read?.envelope_id) envelopes.heard(read.envelope_id)
      try {
        await hear.apply(client, [...frame])
      } catch (error) {
        log.error({ err: error }, 'what Slack sent cannot be read')
      }
    })
}

function lengthOf(frame: unknown): number {
  return typeof frame === 'string' ? frame.length : 0
}

function frameOf(frame: unknown): z.infer<typeof frameShape> | undefined {
  if (typeof frame !== 'string') return undefined
  try {
    return frameShape.safeParse(JSON.parse(frame)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What was heard over a connection and not acknowledged yet. */
class Envelopes {
  readonly #open = new Set<string>()
  #whenNone: (() => void)[] = []

  heard(id: string): void {
    this.#open.add(id)
  }

  acknowledged(id: string): void {
    this.#open.delete(id)
    if (this.#open.size === 0) this.#tell()
  }

  /** The connection has gone, and with it the way back. */
  forget(): void {
    this.#open.clear()
    this.#tell()
  }

  /** Resolves once there is none, after `ms` at the latest. */
  async none(ms: number): Promise<void> {
    if (this.#open.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#whenNone.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #tell(): void {
    for (const resolve of this.#whenNone.splice(0)) resolve()
  }
}
