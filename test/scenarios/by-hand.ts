import { vi } from 'vitest'
import { deployPath } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import { registry, services } from '../../sandbox/seed.ts'
import type { Harness } from './harness.ts'

const { cluster, service } = services.prod

/** Commits this workflow to both branches. */
export function put(harness: Harness, text: string): void {
  for (const branch of ['develop', 'main'])
    harness.sandbox.github.world.push(branch, { message: 'Change CI', files: { [deployPath]: text } })
}

/** Waits until the newest run is held at this step. */
export async function heldAt({ sandbox: { github } }: Harness, name: string): Promise<void> {
  const isHeld = () =>
    github.world
      .repository()
      .runs.at(-1)
      ?.attempts.at(-1)
      ?.jobs.some(({ steps }) => steps.some((step) => step.name === name && step.status === 'in_progress'))
  await vi.waitUntil(isHeld, { timeout: patience, interval: 5 })
}

/** Lets the newest run continue. */
export function letGo({ sandbox: { github } }: Harness): void {
  github.world.letGo(github.world.repository().runs.at(-1)!.id)
}

/** A person rolls out the revision of prod with an image that names nothing; waits until it serves. */
export async function rollsOutByHand(harness: Harness): Promise<string> {
  const { aws } = harness.sandbox
  const { taskDefinition } = await harness.ecs.describeTaskDefinition({ taskDefinition: harness.serving() })
  const image = `${registry}:hotfix`
  aws.world.images.add(image)
  const registered = await harness.ecs.registerTaskDefinition({
    ...taskDefinition,
    family: 'blog-api',
    containerDefinitions: taskDefinition!.containerDefinitions!.map((each) => ({ ...each, image })),
  })
  const arn = registered.taskDefinition!.taskDefinitionArn!
  await harness.ecs.updateService({ cluster, service, taskDefinition: arn })
  await aws.until((world) => {
    const newest = world.service(cluster, service)?.rollouts[0]
    return newest?.status === 'SUCCESSFUL' && newest.target.taskDefinition.taskDefinitionArn === arn
  })
  return arn
}

/** Ana deploys; while the run is held at this step, another person rolls out by hand. */
export async function deploysBesideHands(harness: Harness, text: string, step: string): Promise<void> {
  put(harness, text)
  harness.sandbox.github.world.next = { holdAt: step }
  await harness.approved()
  await heldAt(harness, step)
  await rollsOutByHand(harness)
}
