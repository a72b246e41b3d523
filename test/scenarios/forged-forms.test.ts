import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { viewSubmission } from '../../sandbox/slack/payloads.ts'
import { actorsOf, auditOf } from './chains.ts'
import { channel, configText, type Harness, openHarness } from './harness.ts'

type Payload = Readonly<Record<string, unknown>>
type Sent = { readonly view: Payload; readonly by?: string }

const config = configText.replace('required: 0', 'required: 1, approvers: [U0BEN, U0CHLOE]')

let harness: Harness
let rejected: string
let waiting: string
/** Slack's payload if Ben gave a reason for his rejection. */
let said: Payload

const isOf = (id: string) => (card: ReturnType<Harness['cards']>[number]) =>
  card.metadata?.event_payload.release_id === id
const cardOf = (id: string) => harness.cards().find(isOf(id))!

async function asked(line: string): Promise<string> {
  const before = harness.cards().length
  await harness.types('U0ANA', line)
  await harness.sandbox.slack.until(() => harness.cards().length > before)
  return String((await harness.shows('awaiting approval')).metadata?.event_payload.release_id)
}

/** Submits the form with another hash each time, so that each is a new submission. */
async function sends({ view, by = 'U0BEN' }: Sent): Promise<void> {
  const payload = {
    ...said,
    view: { ...view, hash: String(Math.random()) },
    user: { id: by, team_id: 'T0TEAM' },
  }
  await harness.sandbox.slack.as('U0BEN').forges({ type: 'interactive', payload })
}

const view = () => said.view as Payload
const metadata = (private_metadata: unknown): Payload => ({ ...view(), private_metadata })
const naming = (part: Payload): Payload =>
  metadata(JSON.stringify({ ...JSON.parse(String(view().private_metadata)), ...part }))
/** A form of another kind, with these answers. */
const form = (callback: string, answers: Readonly<Record<string, string>>, route: Payload = {}): Payload => ({
  ...naming(route),
  callback_id: `twokey-form:${callback}`,
  state: {
    values: Object.fromEntries(
      Object.entries(answers).map(([name, value]) => [
        name,
        { [`twokey-form:${name}`]: { selected_option: { value } } },
      ]),
    ),
  },
})

/** All answers to single people, by any way, in order. */
const told = () =>
  harness.sandbox.slack.log.exchanges
    .filter(({ on }) => ['chat.postEphemeral', 'chat.postMessage', 'response_url'].includes(on))
    .map(({ on, body }) => `${on} ${JSON.stringify(body)}`)
    .filter((sent) => !sent.startsWith(`chat.postMessage {"channel":"${channel}"`))

beforeAll(async () => {
  harness = await openHarness({ config })
  rejected = await asked('/deploy prod')
  await harness.clicks('U0BEN', 'reject')
  const { slack } = harness.sandbox
  const open = await slack.until(({ views }) => views.open('U0BEN').at(-1))
  await harness.shows('rejected')
  waiting = await asked('/deploy dev')
  const [input] = open.blocks.filter(({ type }) => type === 'input')
  open.values[String(input?.block_id)] = {
    'twokey-form:reason': { type: 'plain_text_input', value: 'Not today' },
  }
  const { workspace, url } = slack
  said = viewSubmission({ workspace, url, user: workspace.users.get('U0BEN')!, client: '' }, open)
})
afterAll(() => harness.close())

describe('a form with fields that Slack would not send together', () => {
  it.each<readonly [string, () => Sent, string]>([
    ['another person’s reason', () => ({ view: view(), by: 'U0CHLOE' }), 'reason_not_taken'],
    ['the reason of somebody of another company', () => ({ view: view(), by: 'U0XENA' }), 'reason_not_taken'],
    [
      'the metadata of a release that was not rejected',
      () => ({ view: naming({ releaseId: waiting }) }),
      'reason_not_taken',
    ],
    [
      'the metadata of a release that does not exist',
      () => ({ view: naming({ releaseId: 'r-nothing' }) }),
      'release_unknown',
    ],
    ['metadata that names no release', () => ({ view: naming({ releaseId: { id: 1 } }) }), 'release_unknown'],
    ['empty metadata', () => ({ view: metadata('') }), 'release_unknown'],
    ['3 kB of metadata', () => ({ view: metadata('{'.repeat(3_000)) }), 'release_unknown'],
    ['metadata that is no text', () => ({ view: metadata({ releaseId: waiting }) }), 'release_unknown'],
    [
      'a service that twokey.yml does not name',
      () => ({ view: form('deploy', { service: 'other', environment: 'prod', ref: '^newest' }) }),
      'service_unknown',
    ],
    [
      'an environment that it does not name',
      () => ({ view: form('deploy', { service: 'blog-api', environment: 'stage', ref: '^newest' }) }),
      'environment_unknown',
    ],
    [
      'a word in place of a commit',
      () => ({ view: form('deploy', { service: 'blog-api', environment: 'prod', ref: 'feedc0de' }) }),
      'ref_unknown',
    ],
    [
      'a revision of metadata that names no such service',
      () => ({ view: form('rollback', { revision: '42' }, { service: 'other', environment: 'prod' }) }),
      'service_unknown',
    ],
    [
      'a revision that was never offered',
      () => ({ view: form('rollback', { revision: '999' }, { service: 'blog-api', environment: 'prod' }) }),
      'revision_unknown',
    ],
    [
      'a guest who asks',
      () => ({
        view: form('deploy', { service: 'blog-api', environment: 'prod', ref: '^newest' }),
        by: 'U0GUS',
      }),
      'not_a_member',
    ],
  ])('refuses the form with the reason and changes nothing: %s', async (_, forged, code) => {
    const before = told().length
    await sends(forged())
    await vi.waitUntil(() => told().slice(before).join().includes(code), { timeout: patience })
    expect(harness.cards()).toHaveLength(2)
    expect(cardOf(waiting).text).toContain('0 of 1')
    expect(JSON.stringify(cardOf(rejected).blocks)).not.toContain('Not today')
  })

  it.each<readonly [string, () => Sent]>([
    ['the form of another app', () => ({ view: { ...view(), callback_id: 'reason' } })],
    ['a form that twokey does not have', () => ({ view: { ...view(), callback_id: 'twokey-form:approve' } })],
    ['a reason of nothing but spaces', () => ({ view: form('reason', { reason: ' \u200b ' }) })],
    ['no service', () => ({ view: form('deploy', { environment: 'prod' }) })],
    ['no commit', () => ({ view: form('deploy', { service: 'blog-api', environment: 'prod' }) })],
    [
      'the newest commit of a branch that does not ship there',
      () => ({
        view: form('deploy', { service: 'blog-api', environment: 'prod', ref: '^newest of develop' }),
      }),
    ],
    [
      'a revision that is not a number',
      () => ({ view: form('rollback', { revision: '4e1' }, { service: 'blog-api' }) }),
    ],
    ['no answers', () => ({ view: { ...view(), state: null } })],
    ['an empty form', () => ({ view: {} })],
  ])('ignores the form and changes nothing: %s', async (_, forged) => {
    const before = told().length
    await sends(forged())
    await harness.answerTo('U0ELI', '/deploy help')
    expect(told().length).toBe(before + 1)
    expect(harness.cards()).toHaveLength(2)
  })

  it('accepts Ben’s own reason after the forged ones, once, and audits the refused ones', async () => {
    const { slack } = harness.sandbox
    for (const _ of [1, 2]) await slack.as('U0BEN').forges({ type: 'interactive', payload: said })
    await slack.until(() => JSON.stringify(cardOf(rejected).blocks).includes('Not today'))
    const rows = await auditOf(harness.folder)
    expect(actorsOf(rows, rejected, 'explained')).toEqual(['U0BEN'])
    expect(actorsOf(rows, rejected, 'explain refused')).toEqual(['U0CHLOE', 'U0XENA'])
    expect(actorsOf(rows, waiting, 'explain refused')).toEqual(['U0BEN'])
    const codes = rows
      .filter(({ chain }) => chain.startsWith('environment:'))
      .map(({ detail }) => detail.code)
    expect(codes).toEqual([
      'service_unknown',
      'ref_unknown',
      'service_unknown',
      'revision_unknown',
      'not_a_member',
    ])
    expect(harness.dispatches()).toBe(0)
  })
})
