import type { SocketModeReceiver } from '@slack/bolt'
import type { Logger } from 'pino'
import { z } from 'zod'
import { mib } from '../runtime/bounded.ts'

type Client = SocketModeReceiver['client']

/** How long a connection that Slack ends stays open for pending acknowledgements, ms. Slack closes it after ten seconds. */
const stayMs = 2_000

/**
 * The longest frame that is parsed, in characters. A click carries its whole message (50 blocks of 3,000 characters each), a
 * form its view of at most 250 KB: https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/reference/block-kit/blocks
 */
const longestFrame = 2 * mib

const frameShape = z.object({ type: z.string(), envelope_id: z.string().optional() })
const acknowledgement = z.object({ envelope_id: z.string() })

/**
 * Corrects two faults of the client of socket-mode 3.1. It disconnects as soon as Slack announces a refresh, so events that
 * just arrived are never acknowledged; and it leaves an unhandled rejection if an event has no payload.
 */
export function patchSocketClient(client: Client, log: Logger): void {
  const envelopes = new Envelopes()
  client.on('outgoing_message', (message: unknown) => {
    const { data } = acknowledgement.safeParse(message)
    if (data) envelopes.acknowledged(data.envelope_id)
  })
  client.on('disconnected', () => envelopes.forget())
  const listeners = client.listeners('ws_message')
  client.removeAllListeners('ws_message')
  for (const listener of listeners)
    client.on('ws_message', async (...frame: readonly unknown[]) => {
      if (lengthOf(frame[0]) > longestFrame) {
        // Not acknowledged, so the person sees that it failed.
        log.error({ length: lengthOf(frame[0]), longestFrame }, 'a message from Slack is too long to read')
        return
      }
      const read = frameOf(frame[0])
      if (read?.type === 'disconnect') await envelopes.none(stayMs)
      else if (read?.envelope_id) envelopes.heard(read.envelope_id)
      try {
        await listener.apply(client, [...frame])
      } catch (error) {
        log.error({ err: error }, 'a message from Slack could not be read')
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

/** Events that arrived over a connection and are not acknowledged yet. */
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

  /** The connection has closed, so nothing can be acknowledged over it. */
  forget(): void {
    this.#open.clear()
    this.#tell()
  }

  /** Resolves when all are acknowledged, after `ms` at the latest. */
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
