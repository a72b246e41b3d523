import { expect, onTestFinished, test, vi } from 'vitest'
import { installationId } from '../../sandbox/github/apps.ts'
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

  Object.assign(app, { installationId: installationId(), state: 'installed' })
  expect(await look()).toEqual([])
})

const tokenRoute = 'POST /app/installations/{installation_id}/access_tokens'

test('the token of each installation is used for its own repositories, and renewed before it expires', async () => {
  const { world, log } = harness.sandbox
  world.addRepository('otherorg/shop')
  world.app.ownInstallations.set('otherorg', installationId())
  const github = connectApp()
  const look = (of: string) =>
    github.waitingRuns({ repository: of, environments: ['production'], workflows: [] })
  const lookAtBoth = () => Promise.all([look(repository), look('otherorg/shop')])
  expect(await lookAtBoth()).toEqual([[], []])
  expect(await lookAtBoth()).toEqual([[], []])
  expect(new Set(log.of(tokenRoute).map(({ path }) => path)).size).toBe(2)
  expect(log.of(tokenRoute)).toHaveLength(2)

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + world.installationTokensLiveFor - 30_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(await lookAtBoth()).toEqual([[], []])
  vi.setSystemTime(Date.now() + 60_000)
  expect(await lookAtBoth()).toEqual([[], []])
  expect(log.of(tokenRoute)).toHaveLength(4)
  expect(log.exchanges.filter(({ status }) => status === 401)).toEqual([])
})
