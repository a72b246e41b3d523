import { z } from 'zod'
import { isUnencrypted } from './plain-http.ts'

/** The address of a queue: `https://sqs.eu-west-1.amazonaws.com/123456789012/twokey`. */
const queueUrl = z
  .string()
  .regex(/^https?:\/\/[^\s/]+\/\d{12}\/[\w-]{1,80}$/)
  .refine((address) => !isUnencrypted(address))

/** The schema of `events`. */
export const eventsSchema = z
  .array(
    z.strictObject({
      queueUrl: queueUrl
        .describe(
          'The address of an SQS queue that gets the events of ECS and CodeDeploy, one for an account and region.',
        )
        .meta({
          allowed:
            'the address of a standard SQS queue, such as https://sqs.eu-west-1.amazonaws.com/123456789012/twokey',
        }),
    }),
  )
  .describe('Queues of events, by which twokey sees a change before it polls.')
  .meta({ allowed: 'a list of { queueUrl }', defaultText: 'none: twokey polls' })
