import { describe, expect } from 'vitest'
import { parseDocument } from 'yaml'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { auditOf } from './chains.ts'
import { type Harness, scenario } from './harness.ts'

const runs = (harness: Harness) => harness.sandbox.github.world.repository().runs

/** The workflow as most repositories have it: a push starts it as well, and the id of the release appears nowhere. */
function pushes(harness: Harness): void {
  const document = parseDocument(deployWorkflow())
  document.deleteIn(['jobs', 'deploy', 'env', 'RELEASE_ID'])
  const { world } = harness.sandbox.github
  world.next = { holdAt: 'Build' }
  world.push('main', {
    message: 'Deploy on push, too',
    author: 'Ben',
    files: { [deployPath]: document.toString().replaceAll('"$RELEASE_ID"', '""') },
  })
}

describe.concurrent('another run of the workflow, of the same commit, beside that of a release', () => {
  scenario(
    'warns of a push’s run of the same commit at the dispatch, and names it at the end',
    async ({ harness }) => {
      const { world } = harness.sandbox.github
      pushes(harness)
      const pushed = runs(harness).at(-1)!
      await world.until(() => pushed.attempts[0]?.status === 'in_progress')
      world.next = { holdAt: 'Build' }
      await harness.approved()
      const card = await harness.shows('running')
      for (const fact of [
        `workflow run #${pushed.number}`,
        'deploy.yml',
        'push by ben',
        'In progress at the dispatch',
      ])
        expect(card.text).toContain(fact)
      for (const { id } of runs(harness).slice(-2)) world.letGo(id)
      expect(await harness.ends()).toBe('unknown')
      const end = await harness.threadPost(/unknown/)
      expect(JSON.stringify(end.blocks)).toContain(`/actions/runs/${pushed.id}|`)
      for (const fact of [`workflow run #${pushed.number}`, 'deploy.yml', 'push by ben'])
        expect(end.text).toContain(fact)
      expect(harness.cards()[0]!.text).toContain(
        `could also have deployed here: workflow run #${pushed.number}`,
      )
      expect(
        (await auditOf(harness.folder)).find(({ what }) => what === 'other runs looked at')?.detail,
      ).toMatchObject({ runs: [{ id: pushed.id, event: 'push', login: 'ben' }] })
    },
  )

  scenario('does not warn of another run that ended before the dispatch', async ({ harness }) => {
    const { world } = harness.sandbox.github
    world.next = { failStep: 'Build' }
    world.push('main', { message: 'Earlier' })
    const pushed = runs(harness).at(-1)!
    await world.until(() => pushed.attempts[0]?.status === 'completed')
    world.next = { holdAt: 'Build' }
    await harness.approved()
    const card = await harness.shows('running')
    expect(card.text).not.toContain('In progress at the dispatch')
    world.letGo(runs(harness).at(-1)!.id)
    expect(await harness.ends()).toBe('succeeded')
  })
})
