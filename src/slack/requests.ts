import type { App, Receiver } from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { Trouble } from '../ports/ports.ts'
import type { HandleSlackRequest, SlackAnswer, SlackRequest } from '../ports/slack-request.ts'
import { readSelf } from './self.ts'
import type { Connections } from './sockets.ts'

/** How long a request may take, ms: Slack gives up after three seconds. */
const answerMs = 2_900

/** How often the bot token is checked: in Socket Mode the connections show that the app is still installed. */
const checkMs = 60_000

export type RequestDeps = {
  readonly web: WebClient
  /** Registers what handles the requests that Slack posts; null: nothing any more. */
  readonly onRequest: (handle: HandleSlackRequest | null) => void
  readonly log: Logger
  /** Slack will never accept the bot token again. */
  readonly onFatal: (error: Error) => void
}

/** HTTP mode: Slack posts to twokey what in Socket Mode comes over a connection. */
export function requestConnection({ web, onRequest, log, onFatal }: RequestDeps): Connections {
  const receiver = new RequestReceiver(log)
  let isOpen = false
  let checks: NodeJS.Timeout | undefined

  async function check(): Promise<void> {
    try {
      await readSelf(web)
    } catch (error) {
      // Trouble that passes is noticed by what needs Slack.
      if (isOpen && error instanceof Trouble && error.kind === 'terminal') onFatal(error)
    }
  }

  return {
    first: receiver,
    serve: () => {},
    async open() {
      onRequest((request) => receiver.handle(request))
      isOpen = true
      checks = setInterval(() => void check(), checkMs)
      checks.unref()
    },
    isOpen: () => isOpen,
    async close() {
      isOpen = false
      clearInterval(checks)
      onRequest(null)
    },
  }
}

/** Gives requests to Bolt, and Bolt's acknowledgement back. */
class RequestReceiver implements Receiver {
  readonly #log: Logger
  #app: App | null = null

  constructor(log: Logger) {
    this.#log = log
  }

  init(app: App): void {
    this.#app = app
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  /** Resolves with the acknowledgement; without one in time, with an error, so that Slack does not take it for one. */
  async handle({ payload, delivery, retry }: SlackRequest): Promise<SlackAnswer> {
    const answered = Promise.withResolvers<SlackAnswer>()
    const sent = Promise.withResolvers<void>()
    const answer = (status: SlackAnswer['status'], body?: unknown) =>
      answered.resolve({ status, body, sent: sent.resolve })
    const timer = setTimeout(() => {
      this.#log.error('a request from Slack was not acknowledged in time')
      answer(503)
    }, answerMs)
    const ack = async (body?: unknown) => {
      answer(200, body)
      // Work goes on once the acknowledgement has left, as in Socket Mode.
      await sent.promise
    }
    void this.#process({ payload, delivery, retry }, ack).then(
      // Nobody handles it, or it was acknowledged long ago.
      () => answer(404),
      (error) => {
        this.#log.error({ err: error }, 'an event could not be handled')
        answer(500)
      },
    )
    try {
      return await answered.promise
    } finally {
      clearTimeout(timer)
    }
  }

  async #process(
    { payload, delivery, retry }: SlackRequest,
    ack: (body?: unknown) => Promise<void>,
  ): Promise<void> {
    await this.#app?.processEvent({
      body: payload,
      ack,
      ...(retry && { retryNum: retry.number, retryReason: retry.reason }),
      customProperties: { envelopeId: delivery },
    })
  }
}
