import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { AwsMessage } from '../../src/ports/aws-signal.ts'
import { Trouble } from '../../src/ports/ports.ts'
import type { Release } from '../../src/release/release.ts'
import { type AwsEventsDeps, startAwsEvents } from '../../src/watchers/aws-events.ts'
import { underway } from '../release/driver.ts'
import { target } from '../release/world.ts'

const { cluster, service } = target
const message: AwsMessage = {
  receipt: 'one',
  sentAt: null,
  signal: { account: '123456789012', region: 'eu-west-1', of: 'service', cluster, service },
}

/** What was done with one message, in order, for a release of this target. */
async function handled(
  place: Partial<Release['targets'][number]>,
  fails: 'store' | null = null,
  {
    release,
    others = [],
    given = message,
  }: { readonly release?: Release; readonly others?: readonly Release[]; readonly given?: AwsMessage } = {},
) {
  const done: string[] = []
  const followed = release ?? underway().release
  let left: AwsMessage[] = [given]
  const tx = { wake: async () => void done.push('wake') }
  const deps = {
    store: {
      inFlight: async () =>
        [followed, ...others].map((each) => ({
          ...each,
          targets: [{ ...target, region: 'eu-west-1', ...place }],
        })),
      async transact(work: (given: typeof tx) => Promise<void>) {
        await work(tx)
        if (fails === 'store') throw new Trouble('passing', 'the disk is full')
        done.push('commit')
      },
    },
    queue: {
      url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/twokey',
      async receive(abort: AbortSignal) {
        if (left.length === 0)
          await new Promise((resolve) => abort.addEventListener('abort', resolve, { once: true }))
        return left.splice(0)
      },
      async delete(receipts: readonly string[]) {
        done.push(`delete ${receipts}`)
        return 0
      },
    },
    clock: Date.now,
    log: pino({ level: 'silent' }),
    count: (use: string) => void done.push(use),
    onSignal: () => {},
  } as unknown as AwsEventsDeps
  const events = startAwsEvents(deps)
  await expect.poll(() => left.length).toBe(0)
  left = []
  await expect.poll(() => done.at(-1)).toMatch(fails === null ? /^delete/ : /^wake/)
  await events.stop()
  return done
}

it('a message is deleted only once the wake is committed', async () => {
  expect(await handled({})).toEqual(['woke', 'wake', 'commit', 'delete one'])
})

it('a message whose wake was not stored stays in the queue', async () => {
  expect(await handled({}, 'store')).toEqual(['woke', 'wake'])
})

it.each([
  ['another region', { region: 'us-east-1' }],
  ['another account', { roleArn: 'arn:aws:iam::210987654321:role/twokey' }],
  ['another cluster', { cluster: 'elsewhere' }],
])('a release in %s is not woken, and the message is deleted', async (_, place) => {
  expect(await handled(place)).toEqual(['nobody', 'delete one'])
})

/** A release whose deployment this is. */
function following(deploymentId: string): Release {
  const driver = underway({ migration: null })
  driver.world.rollout({ deploymentId })
  driver.later(5_000)
  return driver.release
}

/** A deployment of CodeDeploy with this id. */
const ofDeployment = (id: string): AwsMessage => ({
  ...message,
  signal: { account: '123456789012', region: 'eu-west-1', of: 'deployment', id },
})

it.each([
  ['its own deployment', 'd-OWN000000', 'woke'],
  ['a deployment that nobody follows, which may be its rollback', 'd-NEW000000', 'woke'],
])('an event of CodeDeploy wakes a release: %s', async (_, id, use) => {
  const done = await handled({}, null, { release: following('d-OWN000000'), given: ofDeployment(id) })
  expect(done[0]).toBe(use)
})

it('an event of CodeDeploy wakes only the release that follows its deployment', async () => {
  const done = await handled({}, null, {
    release: following('d-OTHER0000'),
    others: [following('d-OWN000000')],
    given: ofDeployment('d-OWN000000'),
  })
  expect(done.filter((each) => each === 'wake')).toHaveLength(1)
})
