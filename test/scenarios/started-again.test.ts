import { describe, expect } from 'vitest'
import { auditOf } from './chains.ts'
import { type Harness, scenario, stateOf } from './harness.ts'

const runs = (harness: Harness) => harness.sandbox.github.world.repository().runs
const again = /was started again on GitHub/
const posts = (harness: Harness, index = 0) =>
  harness.cards()[index]!.replies.filter(({ text }) => again.test(text))

/** A release whose run failed before anything was rolled out. */
async function failed(harness: Harness) {
  harness.sandbox.github.world.next = { failStep: 'Build' }
  await harness.approved()
  expect(await harness.ends()).toBe('failed')
  const run = runs(harness).at(-1)!
  await harness.sandbox.github.world.until(() => run.attempts[0]?.status === 'completed')
  return run
}

describe.concurrent('a run that a person starts again on GitHub after the release has failed', () => {
  scenario(
    'announces a re-run that ships once, in the channel and on the card, also after a restart; the end stays failed',
    async ({ harness }) => {
      const run = await failed(harness)
      const { world } = harness.sandbox.github
      world.next = { holdAt: 'Smoke test' }
      world.rerun(run.id, 'chloe')
      const open = await harness.sandbox.slack.until(() =>
        harness.cards().find(({ text }) => text.includes('started again on GitHub by chloe (attempt 2)')),
      )
      expect(stateOf(open)).toMatch(/^failed/)
      expect(posts(harness)).toEqual([])
      await harness.restarts()
      world.letGo(run.id)
      const post = await harness.threadPost(again)
      expect(post.broadcast).toBe(true)
      for (const fact of [`workflow run #${run.number}`, 'chloe', 'attempt 2', 'blog-api:44', 'failed'])
        expect(post.text).toContain(fact)
      const card = await harness.sandbox.slack.until(() =>
        harness.cards().find(({ text }) => /attempt 2\) · succeeded/.test(text)),
      )
      expect(stateOf(card)).toMatch(/^failed/)
      expect(card.text).toContain('serving blog-api:44')
      expect(harness.dispatches()).toBe(1)
      const rows = (await auditOf(harness.folder)).map(({ what }) => what)
      expect(rows.filter((what) => what.startsWith('run started again'))).toEqual([
        'run started again',
        'run started again succeeded',
      ])
      world.next = { failStep: 'Build' }
      world.rerun(run.id, 'ben')
      await harness.threadPost(/attempt 3/)
      expect(posts(harness)).toHaveLength(2)
      expect(posts(harness)[1]!.text).toContain('by ben')
    },
  )

  scenario('no longer reports a re-run once the next release was sent', async ({ harness }) => {
    const run = await failed(harness)
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    const { world } = harness.sandbox.github
    world.next = { failStep: 'Build' }
    world.rerun(run.id, 'chloe')
    await world.until(() => run.attempts.at(-1)?.status === 'completed')
    // Runs started on GitHub are reported in any case, and the look that finds them has read the same list.
    await harness.sandbox.slack.until((workspace) =>
      workspace.messages('C0DEPLOYS').some(({ text }) => text.includes('attempt 2')),
    )
    expect(posts(harness)).toEqual([])
  })
})
