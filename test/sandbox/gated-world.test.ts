import { expect, it } from 'vitest'
import { prepareDemo } from '../../sandbox/demo/prepare.ts'
import { latest } from '../../sandbox/github/runs.ts'
import { testPace } from '../../sandbox/pace.ts'
import { type BotPort, changeWorld } from '../../sandbox/page/actions.ts'
import { type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts'

const bot: BotPort = { state: () => 'running', kill() {}, start: async () => {} }

/** The demo's world, after a visitor has pushed a commit to main. */
async function pushed(options: Pick<SandboxOptions, 'gate'>, pushes?: 'start runs') {
  const sandbox = await startSandbox({ pace: testPace, rates: 'off', ...options })
  prepareDemo(sandbox, { pushes })
  const { world } = sandbox.github
  const before = world.repository().runs.length
  await changeWorld(sandbox, bot, { do: 'push', branch: 'main' })
  const runs = world.repository().runs.slice(before)
  return { sandbox, world, before, runs }
}

it('a push to main starts a run that waits for the bot’s App if the demo has a gate', async () => {
  const { sandbox, world, before, runs } = await pushed({ gate: 'app' }, 'start runs')
  expect(before).toBe(0)
  expect(runs).toMatchObject([{ event: 'push', workflowPath: '.github/workflows/deploy.yml' }])
  await world.until(() => latest(runs[0]!).status === 'waiting')
  await sandbox.close()
})

it('a push starts nothing, and production has no rule, in the demo as it is', async () => {
  const { sandbox, world, before, runs } = await pushed({})
  expect([before, runs]).toEqual([0, []])
  expect(world.repository().environment('production')?.rules ?? []).toEqual([])
  await sandbox.close()
})
