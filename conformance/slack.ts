import { randomUUID } from 'node:crypto'
import type { Party } from './assertion.ts'
import type { Outside } from './outside.ts'

type Answer = Readonly<Record<string, unknown>>

async function call(
  { slack }: Outside,
  method: string,
  parameters: Answer = {},
  token = slack.token,
): Promise<Answer> {
  const { answer } = await callWithScopes(slack.apiUrl, method, parameters, token)
  return answer
}

async function callWithScopes(apiUrl: string, method: string, parameters: Answer, token: string) {
  // All methods take forms; only those that write take JSON as well.
  const body = new URLSearchParams(
    Object.entries(parameters).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  const response = await fetch(new URL(method, apiUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  })
  return { answer: (await response.json()) as Answer, scopes: response.headers.get('x-oauth-scopes') }
}

const refused = (error: string) => ({ ok: false, error })

/** The part of an answer that says how it went. */
const result = ({ ok, error }: Answer) => (ok === true ? { ok } : { ok, error })

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })

export const slack: Party = {
  name: 'Slack',
  assertions: [
    {
      what: 'auth.test names the scopes of the token in a header',
      expected: true,
      observe: async ({ slack }) => {
        const { scopes } = await callWithScopes(slack.apiUrl, 'auth.test', {}, slack.token)
        return scopes?.split(',').includes('chat:write') ?? false
      },
    },
    {
      what: 'a token that Slack does not know is refused as invalid_auth',
      expected: refused('invalid_auth'),
      observe: async (outside) => result(await call(outside, 'auth.test', {}, 'xoxb-0-0-conformance')),
    },
    {
      what: 'a method that does not exist is unknown_method',
      expected: refused('unknown_method'),
      observe: async (outside) => result(await call(outside, 'conformance.none')),
    },
    {
      what: 'a post in a channel that does not exist is refused as channel_not_found',
      expected: refused('channel_not_found'),
      observe: async (outside) =>
        result(await call(outside, 'chat.postMessage', { channel: 'C000000000', text: 'Conformance' })),
    },
    {
      what: 'a post without text and blocks is refused as no_text',
      expected: refused('no_text'),
      observe: async (outside) =>
        result(await call(outside, 'chat.postMessage', { channel: outside.slack.channel })),
    },
    {
      what: 'a post of 51 blocks is refused as invalid_blocks',
      expected: refused('invalid_blocks'),
      observe: (outside) => posted(outside, Array(51).fill(section('Conformance'))),
    },
    {
      what: 'a section of 3,001 characters is refused as invalid_blocks',
      expected: refused('invalid_blocks'),
      observe: (outside) => posted(outside, [section('x'.repeat(3_001))]),
    },
    {
      what: 'an edit of a message that does not exist is refused as message_not_found',
      expected: refused('message_not_found'),
      observe: async (outside) =>
        result(
          await call(outside, 'chat.update', {
            channel: outside.slack.channel,
            ts: '1000000000.000100',
            text: 'Conformance',
          }),
        ),
    },
    {
      what: 'a person who does not exist is user_not_found',
      expected: refused('user_not_found'),
      observe: async (outside) => result(await call(outside, 'users.info', { user: 'U000000000' })),
    },
    {
      what: 'a user group that does not exist is no_such_subteam',
      expected: refused('no_such_subteam'),
      observe: async (outside) =>
        result(await call(outside, 'usergroups.users.list', { usergroup: 'S000000000' })),
    },
    {
      what: 'the history of the channel has a message with the metadata that it was posted with',
      expected: { posted: { ok: true }, found: true, deleted: { ok: true } },
      observe: messageWithMetadata,
    },
  ],
}

async function posted(outside: Outside, blocks: readonly unknown[]) {
  const { channel } = outside.slack
  return result(await call(outside, 'chat.postMessage', { channel, text: 'Conformance', blocks }))
}

/** The only change that is made: a message, deleted again at once. */
async function messageWithMetadata(outside: Outside) {
  const { channel } = outside.slack
  const id = randomUUID()
  const metadata = { event_type: 'twokey_conformance', event_payload: { id } }
  const sent = await call(outside, 'chat.postMessage', { channel, text: 'twokey: conformance', metadata })
  const ts = sent.ts as string
  const { messages } = await call(outside, 'conversations.history', {
    channel,
    oldest: ts,
    inclusive: true,
    include_all_metadata: true,
  })
  const found = (messages as readonly Answer[] | undefined)?.find((message) => message.ts === ts)
  const deleted = await call(outside, 'chat.delete', { channel, ts })
  return {
    posted: result(sent),
    found: JSON.stringify(found?.metadata) === JSON.stringify(metadata),
    deleted: result(deleted),
  }
}
