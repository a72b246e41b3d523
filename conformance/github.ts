import type { Party } from './assertion.ts'
import type { Outside } from './outside.ts'

type Asked = {
  readonly method?: 'GET' | 'POST'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One request about the repository. */
async function ask({ gitHub }: Outside, path: string, { method = 'GET', body, headers }: Asked = {}) {
  const response = await fetch(`${gitHub.apiUrl}/repos/${gitHub.repository}${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'twokey',
      authorization: `Bearer ${gitHub.token}`,
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    body: (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>,
  }
}

const statusOf = async (outside: Outside, path: string, asked?: Asked) =>
  (await ask(outside, path, asked)).status

/** A dispatch that GitHub refuses, so that nothing is started. */
async function refusedDispatch(outside: Outside, body: unknown) {
  const { workflow } = outside.gitHub
  const answer = await ask(outside, `/actions/workflows/${workflow}/dispatches`, { method: 'POST', body })
  // GitHub names what was sent behind the colon.
  return { status: answer.status, message: String(answer.body.message).replace(/:.*/, '') }
}

const noCommit = '0'.repeat(40)

export const gitHub: Party = {
  name: 'GitHub',
  assertions: [
    {
      what: 'a token that GitHub does not know is refused with 401',
      expected: 401,
      observe: (outside) => statusOf(outside, '', { headers: { authorization: 'Bearer ghp_conformance' } }),
    },
    {
      what: 'the same answer to a conditional request is 304',
      expected: 304,
      observe: async (outside) => {
        const { etag } = await ask(outside, '')
        return statusOf(outside, '', { headers: { 'if-none-match': etag ?? '' } })
      },
    },
    {
      what: 'a branch that does not exist is 404',
      expected: 404,
      observe: (outside) => statusOf(outside, '/git/ref/heads/twokey-conformance-none'),
    },
    {
      what: 'a commit that does not exist is 422',
      expected: 422,
      observe: (outside) => statusOf(outside, `/commits/${noCommit}`),
    },
    {
      what: 'a comparison of the branch with itself is identical',
      expected: { status: 'identical', ahead: 0, behind: 0 },
      observe: async (outside) => {
        const { branch } = outside.gitHub
        const { body } = await ask(outside, `/compare/${branch}...${branch}`)
        return { status: body.status, ahead: body.ahead_by, behind: body.behind_by }
      },
    },
    {
      what: 'a workflow is found by its file name, with its state',
      expected: 'active',
      observe: async (outside) =>
        (await ask(outside, `/actions/workflows/${outside.gitHub.workflow}`)).body.state,
    },
    {
      what: 'a workflow that does not exist is 404',
      expected: 404,
      observe: (outside) => statusOf(outside, '/actions/workflows/twokey-conformance-none.yml'),
    },
    {
      what: 'a dispatch with an input that the workflow does not declare is refused with 422',
      expected: { status: 422, message: 'Unexpected inputs provided' },
      observe: (outside) =>
        refusedDispatch(outside, { ref: outside.gitHub.branch, inputs: { twokey_conformance: 'none' } }),
    },
    {
      what: 'a dispatch of a branch that does not exist is refused with 422',
      expected: { status: 422, message: 'No ref found for' },
      observe: (outside) => refusedDispatch(outside, { ref: 'twokey-conformance-none', inputs: {} }),
    },
    {
      what: 'runs of a commit that does not exist are an empty list',
      expected: 0,
      observe: async (outside) => (await ask(outside, `/actions/runs?head_sha=${noCommit}`)).body.total_count,
    },
    {
      what: 'a run that does not exist is 404',
      expected: 404,
      observe: (outside) => statusOf(outside, '/actions/runs/1'),
    },
    {
      what: 'an environment that does not exist is 404',
      expected: 404,
      observe: (outside) => statusOf(outside, '/environments/twokey-conformance-none'),
    },
  ],
}
