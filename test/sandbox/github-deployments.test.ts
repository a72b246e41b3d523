import type { Octokit } from '@octokit/rest'
import { beforeEach, expect, it } from 'vitest'
import { mainCommits } from '../../sandbox/seed.ts'
import { blogApi, ended, octokitApp, oneGitHub, refusal } from './github-client.ts'

const { github, world } = oneGitHub()
const older = mainCommits[2]!.sha
let bot: Octokit

beforeEach(() => {
  bot = octokitApp(github(), 'installation')
})

const created = async (settings: object = {}) => {
  const { data } = await bot.repos.createDeployment({
    ...blogApi,
    ref: older,
    auto_merge: false,
    required_contexts: [],
    ...settings,
  })
  return data as { id: number; sha: string; task: string; payload: unknown; description: string | null }
}
const status = (id: number, settings: object = {}) =>
  bot.repos.createDeploymentStatus({ ...blogApi, deployment_id: id, state: 'success', ...settings })
const states = async (id: number) =>
  (await bot.repos.listDeploymentStatuses({ ...blogApi, deployment_id: id })).data.map(({ state }) => state)

it('an App records a rollback as a deployment', async () => {
  const settings = { task: 'rollback', payload: { revision: 41 }, description: 'Back to blog-api:41' }
  const deployment = await created(settings)
  expect(deployment).toMatchObject({ sha: older, environment: 'production', ...settings })
  await status(deployment.id, { state: 'in_progress' })
  const { data } = await status(deployment.id, { log_url: 'https://example.com/r', description: 'Done' })
  expect(data).toMatchObject({
    state: 'success',
    log_url: 'https://example.com/r',
    creator: { login: 'twokey[bot]' },
  })
  expect(await states(deployment.id)).toEqual(['success', 'in_progress'])
  const listed = await bot.repos.listDeployments({ ...blogApi, task: 'rollback' })
  expect(listed.data.map(({ id }) => id)).toEqual([deployment.id])
  expect((await bot.repos.getDeployment({ ...blogApi, deployment_id: deployment.id })).data).toMatchObject({
    id: deployment.id,
  })
})

it('a success makes earlier deployments inactive, except those to production', async () => {
  const [dev, kept] = [await created({ environment: 'dev' }), await created()]
  await status(dev.id)
  await status(kept.id)
  await status((await created({ environment: 'dev' })).id)
  await status((await created()).id)
  expect(await states(dev.id)).toEqual(['inactive', 'success'])
  expect(await states(kept.id)).toEqual(['success'])
})

it('a deployment that waits is made by its job, one that an App creates is not', async () => {
  const run = world().startRun()
  await ended(world(), run)
  const { data } = await bot.repos.listDeployments({ ...blogApi, sha: run.headSha })
  expect(await states(data[0]!.id)).toEqual(['success', 'in_progress', 'queued'])
})

it('a deployment is refused as GitHub does', async () => {
  expect(await refusal(created({ ref: 'nowhere' }))).toEqual({
    status: 422,
    message: 'No ref found for: nowhere',
  })
  world().push('behind', { message: 'On a branch' })
  world().push('main', { message: 'Not on that branch' })
  expect(await refusal(created({ ref: 'behind', auto_merge: true }))).toMatchObject({ status: 409 })
  world().status(older, { context: 'ci', state: 'failure' })
  expect(await refusal(created({ required_contexts: undefined }))).toMatchObject({ status: 409 })
  expect(await refusal(status(1))).toMatchObject({ status: 404 })
  const { id } = await created()
  expect(await refusal(status(id, { state: 'waiting' }))).toMatchObject({ status: 422 })
  expect(await refusal(status(id, { description: 'x'.repeat(141) }))).toMatchObject({ status: 422 })
})
