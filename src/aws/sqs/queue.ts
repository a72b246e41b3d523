import { QueueDoesNotExist, SQS } from '@aws-sdk/client-sqs'
import type { AwsQueue, QueueSettings } from '../../ports/aws-signal.ts'
import { RemoteClock } from '../../runtime/remote-clock.ts'
import { type AwsSettings, accountOf } from '../accounts/access.ts'
import { namingAction } from '../ecs/trouble.ts'
import { signalIn } from './event.ts'

/** The longest that SQS waits for messages, seconds. */
const waitSeconds = 20

/** Longer than SQS waits, ms. */
const requestTimeoutMs = 25_000

/**
 * Connects to a queue. The client refuses messages whose text does not have the checksum that SQS sent with it: they come
 * again.
 */
export function queueOf({ url, region, roleArn }: QueueSettings, settings: AwsSettings): AwsQueue {
  const { reading } = accountOf(
    { ...settings, requestTimeoutMs, ...(region !== undefined && { region }), ...(roleArn && { roleArn }) },
    new RemoteClock(),
  )
  const sqs = reading.prepare(
    // The address of the queue names the region; the SDK would also take the host from it, whatever AWS_ENDPOINT_URL is.
    new SQS({ ...reading.settings, maxAttempts: 1, useQueueUrlAsEndpoint: false }),
  )
  return {
    url,
    async receive(abortSignal) {
      const { Messages = [] } = await namingAction(
        'sqs:ReceiveMessage',
        sqs.receiveMessage(
          {
            QueueUrl: url,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: waitSeconds,
            MessageSystemAttributeNames: ['SentTimestamp'],
          },
          { abortSignal },
        ),
      )
      return Messages.map(({ ReceiptHandle = '', Body = '', Attributes }) => ({
        receipt: ReceiptHandle,
        sentAt: Number(Attributes?.SentTimestamp) || null,
        signal: signalIn(Body),
      }))
    },
    async exists() {
      const ask = { QueueUrl: url, MaxNumberOfMessages: 1, WaitTimeSeconds: 0, VisibilityTimeout: 0 }
      try {
        await sqs.receiveMessage(ask)
        return true
      } catch (error) {
        if (error instanceof QueueDoesNotExist) return false
        return namingAction('sqs:ReceiveMessage', Promise.reject(error))
      }
    },
    async delete(receipts) {
      if (receipts.length === 0) return 0
      const Entries = receipts.map((ReceiptHandle, index) => ({ Id: `${index}`, ReceiptHandle }))
      const { Failed = [] } = await namingAction(
        'sqs:DeleteMessage',
        sqs.deleteMessageBatch({ QueueUrl: url, Entries }),
      )
      return Failed.length
    },
  }
}
