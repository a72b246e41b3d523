import type { RestEndpointMethodTypes } from '@octokit/rest'
import { afterEach, describe, expect, it } from 'vitest'
import { permissions } from '../../sandbox/github/access.ts'
import { account } from '../../sandbox/github/people.ts'
import { deployPath, deployWorkflow, type WorkflowVariant } from '../../sandbox/github/workflow-file.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { blogApi, octokit, oneGitHub, refusal } from './github-client.ts'

const { client, github, world } = oneGitHub()
const route = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'
type DispatchRequest = Partial<RestEndpointMethodTypes['actions']['createWorkflowDispatch']['parameters']> & {
  readonly headers?: Record<string, string>
}

const inputs = { environment: 'production', sha: mainCommits.at(-1)!.sha, release_id: 'r1' }

function dispatch(request: DispatchRequest = {}, by = client()) {
  return by.request(route, {
    ...blogApi,
    workflow_id: 'deploy.yml',
    ref: 'main',
    inputs,
    return_run_details: true,
    ...request,
  })
}

const runs = () => world().repository().runs

/** A branch with a reduced deploy workflow. */
function branchWith(branch: string, variant: WorkflowVariant): string {
  world().push(branch, { message: `As ${branch}`, files: { [deployPath]: deployWorkflow(variant) } })
  return branch
}

afterEach(() => {
  world().server = 'github.com'
  world().lag = { lists: 0, filtered: 0, run: 0 }
})

describe('an accepted dispatch', () => {
  it('a dispatch with return_run_details answers with the run', async () => {
    const answer = await dispatch()
    const run = runs().at(-1)!
    expect(answer.status as number).toBe(200)
    expect(answer.data).toEqual({
      workflow_run_id: run.id,
      run_url: `${github().url}/repos/myorg/blog-api/actions/runs/${run.id}`,
      html_url: `https://github.com/myorg/blog-api/actions/runs/${run.id}`,
    })
  })

  it.each<[string, DispatchRequest, number]>([
    ['without the flag', { return_run_details: undefined }, 204],
    ['with the flag off', { return_run_details: false }, 204],
    [
      'of the next version of the API',
      { return_run_details: undefined, headers: { 'x-github-api-version': '2026-03-10' } },
      200,
    ],
  ])('a dispatch %s answers %s', async (_, request, status) => {
    const before = runs().length
    const answer = await dispatch(request)
    expect([answer.status, runs().length]).toEqual([status, before + 1])
  })

  it('a dispatch starts a run on the tip of the ref, with the title of its workflow', async () => {
    await dispatch()
    const { data } = await client().actions.getWorkflowRun({ ...blogApi, run_id: runs().at(-1)!.id })
    expect(data).toMatchObject({
      event: 'workflow_dispatch',
      head_branch: 'main',
      head_sha: mainCommits.at(-1)!.sha,
      display_title: 'deploy production [r1]',
      path: deployPath,
      run_attempt: 1,
      actor: { login: 'twokey-bot' },
    })
  })

  it.each([
    ['a workflow’s id', () => ({ workflow_id: world().repository().workflows[0]!.id })],
    ['a whole ref', () => ({ ref: 'refs/heads/main' })],
    ['a tag', () => ({ ref: tagged('v2.0.0') })],
  ])('a dispatch accepts %s', async (_, requestOf) => {
    expect((await dispatch(requestOf())).status as number).toBe(200)
  })

  it('a dispatch fills in the declared defaults of inputs', async () => {
    await dispatch({ inputs: { environment: 'dev' } })
    expect(runs().at(-1)!.inputs).toEqual({ environment: 'dev', sha: '', release_id: '' })
  })
})

function tagged(name: string): string {
  world().tag(name, mainCommits[0]!.sha)
  return name
}

const many = (count: number, text = '') =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`i${at}`, text]))

describe('a refused dispatch', () => {
  it.each<[string, () => DispatchRequest, number, string]>([
    ['a ref that is not there', () => ({ ref: 'nope' }), 422, 'No ref found for: nope'],
    [
      'a commit as the ref',
      () => ({ ref: mainCommits[0]!.sha }),
      422,
      `No ref found for: ${mainCommits[0]!.sha}`,
    ],
    ['a workflow that is not there', () => ({ workflow_id: 'nope.yml' }), 404, 'Not Found'],
    ['a repository that is not there', () => ({ repo: 'nope' }), 404, 'Not Found'],
    [
      'an input that is not declared',
      () => ({ inputs: { ...inputs, force: 'yes' } }),
      422,
      'Unexpected inputs provided: ["force"]',
    ],
    [
      'a required input that is missing',
      () => ({ inputs: { sha: inputs.sha } }),
      422,
      "Required input 'environment' not provided",
    ],
    [
      'a value that is not to be chosen',
      () => ({ inputs: { ...inputs, environment: 'moon' } }),
      422,
      "Provided value 'moon' for input 'environment' not in the list of allowed values",
    ],
    [
      'a workflow without the trigger',
      () => ({ ref: branchWith('no-trigger', { on: ['push'] }) }),
      422,
      "Workflow does not have 'workflow_dispatch' trigger",
    ],
    [
      'a workflow without inputs',
      () => ({ ref: branchWith('no-inputs', { inputs: [] }) }),
      422,
      'Unexpected inputs provided: ["environment","sha","release_id"]',
    ],
    [
      'a workflow without the input sha',
      () => ({ ref: branchWith('no-sha', { inputs: ['environment', 'release_id'] }) }),
      422,
      'Unexpected inputs provided: ["sha"]',
    ],
    [
      'more than 25 inputs',
      () => ({ inputs: many(26) }),
      422,
      "Invalid request.\n\nFor 'properties/inputs', no more than 25 properties are allowed.",
    ],
    [
      'more characters of inputs than fit',
      () => ({ inputs: { ...inputs, release_id: 'x'.repeat(65_535) } }),
      422,
      'inputs are too large.',
    ],
    ['no ref', () => ({ ref: undefined }), 422, 'Invalid request.\n\n"ref" wasn\'t supplied.'],
    [
      'keys that GitHub does not know',
      () => ({ sha: 'x', force: true }) as DispatchRequest,
      422,
      'Invalid request.\n\n"sha", "force" are not permitted keys.',
    ],
    [
      'a flag that is none',
      () => ({ return_run_details: 'yes' }) as unknown as DispatchRequest,
      422,
      "Invalid request.\n\nFor 'properties/return_run_details', the value is not of type boolean.",
    ],
    [
      'a version of the API that is none',
      () => ({ headers: { 'x-github-api-version': '1999-01-01' } }),
      400,
      '"1999-01-01" is not a supported version',
    ],
  ])('a dispatch is refused: %s', async (_, requestOf, status, message) => {
    const request = requestOf()
    const before = runs().length
    expect(await refusal(dispatch(request))).toEqual({ status, message })
    expect(runs().length).toBe(before)
  })

  it('a token with read permission cannot dispatch', async () => {
    const reader = { account: account('reader[bot]'), kind: 'installation' as const }
    world().tokens.set('ghs_reader', { ...reader, permissions: { ...permissions, actions: 'read' } })
    const before = runs().length
    expect(await refusal(dispatch({}, octokit(github(), 'ghs_reader')))).toEqual({
      status: 403,
      message: 'Resource not accessible by integration',
    })
    expect(runs().length).toBe(before)
  })

  it('a disabled workflow cannot be dispatched', async () => {
    world().disableWorkflow('deploy.yml')
    expect(await refusal(dispatch())).toEqual({
      status: 422,
      message: "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
    })
    world().repository().workflows[0]!.state = 'active'
  })

  it('a workflow that is not on the default branch cannot be dispatched', async () => {
    const files = { '.github/workflows/new.yml': deployWorkflow() }
    world().push('early', { message: 'Not merged yet', files })
    const request = dispatch({ workflow_id: 'new.yml', ref: 'early' })
    expect(await refusal(request)).toEqual({ status: 404, message: 'Not Found' })
  })
})

/** A branch whose deploy workflow declares these inputs, as YAML. */
function branchDeclaring(branch: string, inputs: string): string {
  const text = `on:\n  workflow_dispatch:\n    inputs: ${inputs}\njobs:\n  a: { steps: [{ run: echo a }] }\n`
  world().push(branch, { message: `As ${branch}`, files: { [deployPath]: text } })
  return branch
}

describe('the types of inputs', () => {
  const inputTypes =
    '{ level: { type: choice, options: [1, 2] }, dry: { type: boolean }, ' +
    'count: { type: number, default: 3 }, where: { type: environment } }'

  it.each<[Record<string, string>, string]>([
    [{ level: '3' }, "Provided value '3' for input 'level' not in the list of allowed values"],
    [{ dry: 'yes' }, "Provided value 'yes' for input 'dry' not in the list of allowed values"],
    [{ dry: '' }, "Provided value '' for input 'dry' not in the list of allowed values"],
    [{ count: 'three' }, "Provided value 'three' for input 'count' not in the list of allowed values"],
    [{ where: 'moon' }, "Provided value 'moon' for input 'where' not in the list of allowed values"],
  ])('invalid inputs %o are refused', async (given, message) => {
    const ref = branchDeclaring('typed', inputTypes)
    const before = runs().length
    expect(await refusal(dispatch({ ref, inputs: given }))).toEqual({ status: 422, message })
    expect(runs().length).toBe(before)
  })

  it.each<[Record<string, unknown>, Record<string, string>]>([
    [{}, { dry: 'false', count: '3' }],
    [
      { level: '2', dry: 'true', count: '0.5', where: 'PRODUCTION' },
      { level: '2', dry: 'true', count: '0.5', where: 'PRODUCTION' },
    ],
    [
      { level: 1, dry: true },
      { level: '1', dry: 'true', count: '3' },
    ],
  ])('valid inputs %o are accepted', async (given, inputs) => {
    const ref = branchDeclaring('typed', inputTypes)
    await dispatch({ ref, inputs: given as Record<string, string> })
    expect(runs().at(-1)!.inputs).toEqual(inputs)
  })

  it('inputs cannot be lists', async () => {
    const ref = branchDeclaring('typed', inputTypes)
    expect(await refusal(dispatch({ ref, inputs: { level: ['1'] as unknown as string } }))).toEqual({
      status: 422,
      message: "Invalid value for input 'level'",
    })
  })

  it.each([
    ['an unknown type', '{ a: { type: text } }', "(Line: 3, Col: 26): Unexpected value 'text'"],
    ['a merge key', '{ <<: {} }', "(Line: 3, Col: 15): Unexpected value '<<'"],
    [
      'more than 25 inputs',
      `{ ${Object.keys(many(26))
        .map((name) => `${name}: {}`)
        .join(', ')} }`,
      'you may only define up to 25 `inputs` for a `workflow_dispatch` event',
    ],
  ])('a workflow file with %s is invalid, so its inputs are not checked', async (_, declared, message) => {
    const ref = branchDeclaring('broken', declared)
    expect(await refusal(dispatch({ ref, inputs: {} }))).toEqual({
      status: 422,
      message: `Invalid Argument - failed to parse workflow: ${message}`,
    })
  })
})

describe('a GitHub Enterprise Server', () => {
  it('a GitHub Enterprise Server refuses return_run_details', async () => {
    world().server = 'enterprise'
    const before = runs().length
    expect(await refusal(dispatch())).toEqual({
      status: 422,
      message: 'Invalid request.\n\n"return_run_details" is not a permitted key.',
    })
    expect(runs().length).toBe(before)
    expect((await dispatch({ return_run_details: undefined })).status).toBe(204)
    expect(runs().length).toBe(before + 1)
  })
})

describe('faults of a dispatch', () => {
  it.each([
    ['a 502 after the run was started', { kind: 'lost-after', status: 502 } as const, 1],
    ['an answer lost on the way', { kind: 'lost' } as const, 1],
    ['a connection cut before', { kind: 'reset' } as const, 0],
  ])('a dispatch with a fault starts the expected runs: %s', async (_, fault, started) => {
    const [before, sent] = [runs().length, github().log.of(route).length]
    github().faults.queue(route, fault)
    await expect(dispatch()).rejects.toThrow()
    expect(runs().length - before).toBe(started)
    expect(github().log.of(route).length - sent).toBe(1)
  })

  it('a new run is missing from lists for a while, and from filtered lists for longer', async () => {
    world().lag = { lists: 60_000, filtered: 120_000, run: 30_000 }
    await dispatch()
    const run = runs().at(-1)!
    const listed = async (filter: { event?: string } = {}) => {
      const { data } = await client().actions.listWorkflowRuns({
        ...blogApi,
        workflow_id: 'deploy.yml',
        ...filter,
      })
      return data.workflow_runs.some(({ id }) => id === run.id)
    }
    const byId = () => client().actions.getWorkflowRun({ ...blogApi, run_id: run.id })
    expect([await listed(), await listed({ event: 'workflow_dispatch' })]).toEqual([false, false])
    expect(await refusal(byId())).toEqual({ status: 404, message: 'Not Found' })
    world().lag = { lists: 0, filtered: 120_000, run: 0 }
    expect([await listed(), await listed({ event: 'workflow_dispatch' })]).toEqual([true, false])
    expect((await byId()).status).toBe(200)
    world().lag = { lists: 0, filtered: 0, run: 0 }
    expect(await listed({ event: 'workflow_dispatch' })).toBe(true)
  })
})
