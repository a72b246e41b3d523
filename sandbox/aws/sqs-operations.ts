import { z } from 'zod'
import { AwsError } from './error.ts'
import type { Operation } from './operation.ts'
import type { Queue } from './queue.ts'
import type { World } from './world.ts'

const receive = z.strictObject({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  WaitTimeSeconds: z.int().min(0).max(20).default(0),
  VisibilityTimeout: z.int().min(0).max(43_200).optional(),
  MessageSystemAttributeNames: z
    .array(z.enum(['All', 'SentTimestamp', 'ApproximateReceiveCount']))
    .optional(),
})

const deleteBatch = z.strictObject({
  QueueUrl: z.string(),
  Entries: z
    .array(z.strictObject({ Id: z.string().regex(/^[\w-]{1,80}$/), ReceiptHandle: z.string() }))
    .min(1)
    .max(10),
})

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new AwsError('com.amazonaws.sqs#InvalidParameterValueException', z.prettifyError(parsed.error))
}

function queueOf(world: World, url: string): Queue {
  const queue = world.queues.get(url)
  if (queue) return queue
  throw new AwsError('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.')
}

/** What SQS adds to errors for clients of the query protocol. Source: SQS developer guide, JSON protocol. */
export function queryError(type: string): string {
  const name = type.slice(type.indexOf('#') + 1)
  return `${name === 'QueueDoesNotExist' ? 'AWS.SimpleQueueService.NonExistentQueue' : name};Sender`
}

/** The operations of a consumer. */
export const sqsOperations: Readonly<Record<string, Operation>> = {
  async ReceiveMessage(world, body) {
    const ask = read(receive, body)
    const messages = await queueOf(world, ask.QueueUrl).receive({
      most: ask.MaxNumberOfMessages,
      waitMs: ask.WaitTimeSeconds * 1_000,
      ...(ask.VisibilityTimeout !== undefined && { visibilityMs: ask.VisibilityTimeout * 1_000 }),
    })
    if (messages.length === 0) return {}
    return {
      Messages: messages.map(({ id, receipt, md5, body: text, sentAt }) => ({
        MessageId: id,
        ReceiptHandle: receipt,
        MD5OfBody: md5,
        Body: text,
        ...(ask.MessageSystemAttributeNames && { Attributes: { SentTimestamp: `${sentAt}` } }),
      })),
    }
  },
  DeleteMessageBatch(world, body) {
    const { QueueUrl, Entries } = read(deleteBatch, body)
    const queue = queueOf(world, QueueUrl)
    const isReceipt = (handle: string) => /^[A-Za-z0-9+/=]{32}$/.test(handle)
    const good = Entries.filter(({ ReceiptHandle }) => isReceipt(ReceiptHandle))
    for (const { ReceiptHandle } of good) queue.delete(ReceiptHandle)
    return {
      Successful: good.map(({ Id }) => ({ Id })),
      Failed: Entries.filter((entry) => !good.includes(entry)).map(({ Id }) => ({
        Id,
        Code: 'ReceiptHandleIsInvalid',
        SenderFault: true,
        Message: 'The input receipt handle is invalid.',
      })),
    }
  },
}
