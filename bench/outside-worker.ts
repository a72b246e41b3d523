import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/** Returns prepared answers by path, in a thread of its own, so that its work does not block the measured process. */
const bodies: ReadonlyMap<string, string> = workerData

const server = createServer((request, response) => {
  const path = (request.url ?? '').split('?')[0] ?? ''
  const key = [...bodies.keys()].find((each) => path.endsWith(each))
  const body = key === undefined ? undefined : bodies.get(key)
  response.writeHead(body === undefined ? 404 : 200, {
    'content-type': key?.endsWith('/logs') ? 'text/plain' : 'application/json',
  })
  response.end(body ?? '{}')
})
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port))
