import { ECS } from '@aws-sdk/client-ecs'
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { registry, revisions, services } from '../../sandbox/seed.ts'
import type { Target } from '../../src/release/names.ts'
import { type CrashHarness, openCrashHarness } from './harness.ts'

const minute = 60_000
const hour = 60 * minute
const timeout = 300_000

async function deployed(harness: CrashHarness): Promise<void> {
  await harness.types('U0ANA', '/deploy prod')
  await harness.shows('awaiting approval')
  await harness.clicks('U0BEN', 'approve')
  await harness.offers('withdraw')
  await harness.clicks('U0CHLOE', 'approve')
}

const ends = ['succeeded', 'unchanged', 'failed', 'unknown', 'superseded', 'expired']

describe.concurrent.each([
  ['ahead', 2 * minute],
  ['behind', -2 * minute],
])('the clock of twokey is two minutes %s', (_, aheadMs) => {
  const opened = async ({ onTestFinished }: TestContext) => {
    const harness = await openCrashHarness({ onClose: onTestFinished })
    await harness.passes(aheadMs)
    return harness
  }

  it('follows a deploy to the end of its migration and its rollout', { timeout }, async (context) => {
    const harness = await opened(context)
    await deployed(harness)
    const { text } = await harness.shows(...ends)
    expect(text).toMatch(/^blog-api prod: succeeded/)
    expect(harness.rolledOut()).toEqual(['blog-api:44'])
  })

  it('follows a rollback to the end of its rollout', { timeout }, async (context) => {
    const harness = await opened(context)
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    const { text } = await harness.shows(...ends)
    expect(text).toMatch(/^blog-api prod: succeeded/)
    expect(harness.rolledOut()).toEqual(['blog-api:42'])
  })
})

describe.concurrent('twokey was down while the run ended, and somebody rolled out by hand an hour later', () => {
  const withoutDeploy = deployWorkflow()
    .replace(/ {2}push:\n.*\n/, '')
    .replace(/ {6}- name: Deploy\n[\s\S]*?(?= {6}- name: Smoke test)/, '')

  const run = (harness: CrashHarness) => harness.sandbox.github.world.repository().runs.at(-1)!

  /** The run waits, twokey is stopped, and the run succeeds without it. */
  async function endsUnseen(harness: CrashHarness): Promise<void> {
    const { world } = harness.sandbox.github
    world.next = { holdAt: 'Smoke test' }
    await deployed(harness)
    await harness.shows('running', 'migrating', 'rolling out', 'baking')
    await harness.looked(1)
    await vi.waitUntil(
      () =>
        run(harness).attempts[0]!.jobs.some(({ steps }) =>
          steps.some(({ name, status }) => name === 'Smoke test' && status === 'in_progress'),
        ),
      { timeout },
    )
    await harness.bot.stop()
    world.letGo(run(harness).id)
    await world.until((now) => now.find(run(harness).id).run.attempts[0]!.status === 'completed')
  }

  /** Somebody registers a revision of that image and rolls it out, an hour after the run. */
  async function byHand({ sandbox }: CrashHarness, to: Target, image: string): Promise<void> {
    const {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    } = sandbox.aws.env
    const ecs = new ECS({ endpoint: sandbox.aws.url, region, credentials: { accessKeyId, secretAccessKey } })
    const { taskDefinition: known } = await ecs.describeTaskDefinition({ taskDefinition: 'blog-api:43' })
    sandbox.aws.world.images.add(image)
    const { taskDefinition } = await ecs.registerTaskDefinition({
      family: 'blog-api',
      containerDefinitions: known?.containerDefinitions?.map((each) => ({ ...each, image })),
    })
    await ecs.updateService({ ...to, taskDefinition: taskDefinition?.taskDefinitionArn })
    ecs.destroy()
    const newest = () => sandbox.aws.world.service(to.cluster, to.service)?.rollouts[0]
    await sandbox.aws.until(() => newest()?.status === 'SUCCESSFUL')
    Object.assign(newest()!, { createdAt: Date.now() + hour })
  }

  const prod: Target = { cluster: services.prod.cluster, service: services.prod.service }
  const dev: Target = { cluster: services.dev.cluster, service: services.dev.service }
  const old = revisions.find(({ revision }) => revision === 42)!.sha

  /** The workflow deploys nothing, and somebody deploys something else to prod. */
  async function hotfixed({ onTestFinished }: TestContext, image: string): Promise<string> {
    const harness = await openCrashHarness({ onClose: onTestFinished })
    for (const branch of ['develop', 'main'])
      harness.sandbox.github.world.push(branch, {
        message: 'Deploy nothing',
        files: { [deployPath]: withoutDeploy },
      })
    await endsUnseen(harness)
    await byHand(harness, prod, image)
    await harness.passes(3 * hour)
    return (await harness.shows(...ends)).text
  }

  it('an image without a commit is not attributed to the release', { timeout }, async (context) => {
    expect(await hotfixed(context, `${registry}:hotfix`)).toMatch(/^blog-api prod: unchanged/)
  })

  it('another commit is not attributed to the run', { timeout }, async (context) => {
    expect(await hotfixed(context, `${registry}:${old}`)).toMatch(/^blog-api prod: unchanged/)
  })

  it('the approved commit in dev is not attributed to the run for prod', { timeout }, async (context) => {
    const harness = await openCrashHarness({ onClose: context.onTestFinished })
    await endsUnseen(harness)
    const tip = harness.sandbox.github.world.repository().git.tip('heads/main')!.sha
    await byHand(harness, dev, `${registry}:${tip}`)
    await harness.passes(3 * hour)
    expect((await harness.shows(...ends)).text).toMatch(/^blog-api prod: succeeded/)
    await harness.stopAndOpenStore()
    expect(harness.notices()).toEqual([])
  })
})
