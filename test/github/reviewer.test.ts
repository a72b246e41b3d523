import { expect, test, vi } from 'vitest'
import type { Client, Posted } from '../../src/github/client.ts'
import { type Reviewer, reviewGate } from '../../src/github/reviewer.ts'

const review = {
  repository: 'myorg/blog-api',
  runId: 501,
  attempt: 1,
  environment: 'production',
  verdict: 'approved',
  comment: 'Approved in Slack by ben.',
  maySend: async () => true,
} as const

/** GitHub shows this as the last attempt, and answers the review so. */
async function answered(posted: Posted, lastAttempt = 1) {
  const send = vi.fn(async () => posted)
  const client = { read: async () => ({ run_attempt: lastAttempt }) } as unknown as Client
  const { answer } = await reviewGate(client, { send } as unknown as Reviewer, review)
  return { answer, sent: send.mock.calls.length }
}

const refused = (status: number, message: string): Posted => ({
  failure: 'answered',
  status,
  message,
  headers: {},
  request: { method: 'POST', path: '/' },
})

test.each<[string, Posted, string]>([
  [
    'of a rule that has its review',
    refused(422, 'Deployment protection rule has already been reviewed'),
    'taken',
  ],
  [
    'of a run that does not wait',
    refused(422, 'No pending deployment requests to approve or reject'),
    'unclear',
  ],
  ['beside another review', refused(422, 'There was a problem approving one of the gates'), 'unclear'],
  ['without permission', refused(403, 'Resource not accessible by integration'), 'refused'],
  ['during an outage', refused(502, 'no message'), 'unclear'],
])('reads the answer to a review %s', async (_, posted, answer) => {
  expect(await answered(posted)).toEqual({ answer, sent: 1 })
})

test('sends no review of a run that was started again after it was approved', async () => {
  expect(await answered(refused(422, ''), 2)).toEqual({ answer: 'held back', sent: 0 })
})
