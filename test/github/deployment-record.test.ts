import { describe, expect, it } from 'vitest'
import { connectGitHub } from '../../src/github/github.ts'
import { gitHubForEach, repository } from './harness.ts'

const create = 'POST /repos/{owner}/{repo}/deployments'
const setStatus = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'

describe('a deployment that GitHub shows after a rollback', () => {
  const harness = gitHubForEach()
  const ask = (environment = 'production') => ({
    repository,
    environment,
    commit: harness.shas()[2]!,
    release: 'r-k3v9',
    description: 'Rollback to blog-api:42 (release r-k3v9)',
    maySend: async () => true,
  })
  const deployments = () =>
    harness.sandbox.world
      .repository()
      .deployments.map(({ sha, environment, task, statuses }) => [
        sha,
        environment,
        task,
        statuses.map(({ state }) => state),
      ])

  it('a rollback is recorded once as a success, with the commit that runs again', async () => {
    const github = harness.connect()
    expect(await github.showDeployment(ask())).toMatchObject({ answer: 'shown' })
    expect(await github.showDeployment(ask())).toMatchObject({ answer: 'shown' })
    expect(deployments()).toEqual([[ask().commit, 'production', 'rollback', ['success']]])
  })

  it('a deployment is not made twice if an answer was lost, and gets its status', async () => {
    harness.sandbox.faults.queue(create, { kind: 'lost' })
    expect(await harness.connect().showDeployment(ask())).toMatchObject({ answer: 'unclear' })
    harness.sandbox.faults.queue(setStatus, { kind: 'answer', status: 502 })
    expect(await harness.connect().showDeployment(ask())).toMatchObject({ answer: 'unclear' })
    expect(await harness.connect().showDeployment(ask())).toMatchObject({ answer: 'shown' })
    expect(deployments()).toEqual([[ask().commit, 'production', 'rollback', ['success']]])
  })

  it('the record is refused to a token that may not write deployments', async () => {
    harness.sandbox.faults.queue(create, { kind: 'answer', status: 403 })
    expect(await harness.connect().showDeployment(ask())).toMatchObject({ answer: 'refused' })
    expect(deployments()).toEqual([])
  })

  it.each([
    ['deployment', 'on: [push, deployment]'],
    ['deployment_status', 'on: { deployment_status: {} }'],
  ])('the record is not made where a workflow starts on it: %s', async (_, on) => {
    const commit = harness.sandbox.world.push('main', {
      message: 'Listen to deployments',
      author: 'Ana',
      files: {
        '.github/workflows/listens.yml': `${on}\njobs: { it: { runs-on: ubuntu-latest, steps: [{ run: ./ship.sh }] } }\n`,
      },
    })
    expect(await harness.connect().showDeployment({ ...ask(), commit })).toMatchObject({
      answer: 'refused',
      reason: expect.stringContaining('listens.yml starts on deployments'),
    })
    expect(deployments().filter(([, , task]) => task === 'rollback')).toEqual([])
  })

  it('the record creates no environment that GitHub does not have', async () => {
    expect(await harness.connect().showDeployment(ask('nowhere'))).toMatchObject({
      answer: 'refused',
      reason: expect.stringContaining('no environment nowhere'),
    })
    expect(deployments()).toEqual([])
  })

  it('the record is not sent once the release is stopped', async () => {
    const stopped = { ...ask(), maySend: async () => false }
    expect(await harness.connect().showDeployment(stopped)).toMatchObject({ answer: 'unclear' })
    expect(deployments()).toEqual([])
  })
})

describe('a report beside a gate', () => {
  const harness = gitHubForEach()
  const report = {
    repository,
    runId: 1,
    environment: 'production',
    comment: 'Waiting',
    maySend: async () => true,
  }

  it('a report is not sent with a token, and says so when GitHub refuses it', async () => {
    expect(await harness.connect().reportGate(report)).toMatchObject({ answer: 'not taken' })
    const {
      GITHUB_APP_ID: id,
      GITHUB_APP_PRIVATE_KEY: privateKey,
      GITHUB_API_URL: apiUrl,
    } = harness.sandbox.appEnv()
    const asApp = connectGitHub({ app: { appId: Number(id), privateKey }, apiUrl })
    expect(await asApp.reportGate(report)).toEqual({
      to: 'report-gate',
      answer: 'not taken',
      reason: expect.stringMatching(/404/),
    })
  })
})
