import { Readable } from 'node:stream'
import type { ECS } from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { mib, readWithin } from '../../runtime/bounded.ts'
import type { RemoteClock } from '../../runtime/remote-clock.ts'

/** The middleware of a client of the SDK. Those of all clients accept the same. */
export type Stack = ECS['middlewareStack']

/**
 * Limit of one answer, bytes. `GetLogEvents` returns at most 1 MB of lines, six times as long if JSON has to escape
 * each character. A task definition has 64 KB; 100 tasks, or 10 services with 100 events each, have less.
 */
const maxAnswerBytes = 8 * mib

const dated = z.object({ headers: z.object({ date: z.string() }) })

/**
 * Handles each answer before the SDK parses it: takes AWS's time from it, reads it completely within the size limit,
 * and records the host that sent it, because AWS and its substitutes answer differently.
 */
export function onAnswers(stack: Stack, clock: RemoteClock): void {
  stack.add(
    (next) => async (args) => {
      const result = await next(args)
      clock.hear(dated.safeParse(result.response).data?.headers.date)
      const answer = responseShape.safeParse(result.response).data
      if (answer) {
        const { hostname: answeredBy } = requestShape.parse(args.request)
        Object.assign(result.response as object, { answeredBy, body: await readWithin(answer.body, ofAws) })
      }
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'onAnswers' },
  )
}

const ofAws = { whose: 'an answer of AWS', most: maxAnswerBytes }

const requestShape = z.object({ hostname: z.string() })

/** Bodies of Node's own responses are streams. */
const responseShape = z.object({ body: z.instanceof(Readable) })

/**
 * Sends a request once more if AWS calls the session's token expired, as when the host's clock is behind: AWS has done
 * nothing then.
 * @param forget gives the session up, so that the next request starts another one
 */
export function onExpiry(stack: Stack, forget: () => void): void {
  stack.add(
    (next) => async (args) => {
      try {
        return await next(args)
      } catch (error) {
        if (!(error instanceof Error) || !error.name.startsWith('ExpiredToken')) throw error
        forget()
        return next(args)
      }
    },
    { step: 'initialize', priority: 'low', name: 'onExpiry' },
  )
}
