import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = {
  readonly headers: IncomingHttpHeaders
  readonly event: string
  /** `workflow_run in_progress`. */
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  /** Whether it is signed with the receiver's secret. */
  readonly isSigned: boolean
}

export type HookReceiver = {
  readonly url: string
  readonly secret: string
  readonly received: Received[]
  /** The status of its answers; `never`: it does not answer. */
  answers: number | 'never'
  close(): Promise<void>
}

/** A server that receives webhooks and checks their signature. */
export async function hookReceiver(): Promise<HookReceiver> {
  const secret = 'It’s a secret'
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    const payload = JSON.parse(body.toString()) as Record<string, unknown>
    const event = String(request.headers['x-github-event'])
    received.push({
      headers: request.headers,
      event,
      name: `${event} ${payload.action}`,
      payload,
      isSigned: request.headers['x-hub-signature-256'] === signature,
    })
    if (receiver.answers !== 'never') response.writeHead(receiver.answers).end('taken')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: HookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/github/webhooks`,
    secret,
    received,
    answers: 202,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}
