import { Agent, get } from 'node:http'
import { formatVariableProblems } from '../config/environment.ts'
import { readAddress } from '../config/environment-parts.ts'
import { problemCount } from '../config/problems.ts'
import type { Variables } from '../config/variables.ts'

/** How long an answer may take, ms. Docker waits 30 seconds by default, ECS 5. */
const answerMs = 4_000

/** Addresses that mean all interfaces of this machine: the server is asked on its loopback interface. */
const everywhere: readonly (string | undefined)[] = [undefined, '0.0.0.0', '::']

/**
 * `twokey health`: asks `/healthz` of the twokey that runs on this machine, or in this container, with the same `PORT` and
 * `HOST`. It is for a container's health check, whose image has no curl.
 */
export async function health(variables: Variables): Promise<0 | 1 | 2> {
  const address = readAddress(variables)
  if ('problems' in address) {
    console.error(formatVariableProblems(address.problems))
    console.error(problemCount(address.problems))
    return 2
  }
  const { host, port } = address
  if (port === 0) {
    console.error('PORT is 0, so twokey listens on any free port, which is not known here. Set a port.')
    return 2
  }
  const answer = await answerOf(everywhere.includes(host) ? 'localhost' : host!, port)
  if (answer === 'healthy') return 0
  console.error(`twokey is not healthy: ${answer}`)
  return 1
}

/** `healthy`, or what was answered instead. An agent of its own uses no proxy. */
function answerOf(hostname: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const options = { hostname, port, path: '/healthz', agent: new Agent(), timeout: answerMs }
    const request = get(options, (response) => {
      response.resume()
      response.on('end', () =>
        resolve(response.statusCode === 200 ? 'healthy' : `/healthz returned ${response.statusCode}`),
      )
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${answerMs / 1_000} seconds`)))
    request.on('error', (error) => resolve(error.message || String(error)))
  })
}
