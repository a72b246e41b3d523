import { expect, test } from 'vitest'
import { connectGitHub } from '../../src/github/github.ts'
import { gitHubForEach, repository } from './harness.ts'

const harness = gitHubForEach()

/** The App, which looks up the installation of each repository. */
function connectApp() {
  const {
    GITHUB_APP_ID,
    GITHUB_APP_PRIVATE_KEY: privateKey,
    GITHUB_API_URL: apiUrl,
  } = harness.sandbox.appEnv()
  return connectGitHub({ app: { appId: Number(GITHUB_APP_ID), privateKey }, apiUrl }, () => [])
}

test('an App that was removed is terminal trouble, and works again once it is installed anew', async () => {
  const github = connectApp()
  const { app } = harness.sandbox.world
  const look = () => github.waitingRuns({ repository, environments: ['production'], workflows: [] })
  expect(await look()).toEqual([])

  app.state = 'removed'
  await expect(look()).rejects.toMatchObject({ kind: 'terminal' })
  await expect(look()).rejects.toMatchObject({ kind: 'terminal', message: /not installed on myorg/ })

  Object.assign(app, { installationId: app.installationId + 1_000, state: 'installed' })
  expect(await look()).toEqual([])
})
