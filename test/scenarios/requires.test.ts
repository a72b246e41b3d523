import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { configText, type Harness, openHarness, people, scenario } from './harness.ts'

const config = configText.replace(
  '    notify:',
  '    requires: [dev]\n    emergency: { approvals: { required: 1 } }\n    notify:',
)
const tip = mainCommits.at(-1)!.sha.slice(0, 7)
/** A commit that is in revision 42, which also ran well in dev; and one that is in no revision. */
const older = mainCommits[2]!.sha.slice(0, 7)
const never = mainCommits[0]!.sha.slice(0, 7)

describe('an environment that requires another first', () => {
  let harness: Harness
  beforeEach(async () => {
    harness = await openHarness({ config })
  })
  afterEach(() => harness.close())

  it('refuses a commit that has not succeeded in the required environment, and names the command that ships it there', async () => {
    const refused = await harness.answerTo('U0ANA', '/deploy prod')
    expect(refused).toContain('not_shipped_there_first')
    expect(refused).toContain(`/deploy dev blog-api ${tip}`)
    expect(harness.cards()).toEqual([])
  })

  it('accepts a commit once twokey has shipped it to the required environment', async () => {
    await harness.types('U0ANA', `/deploy dev blog-api ${tip}`)
    await harness.shows('succeeded')
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
  })

  it('refuses a commit that failed in the required environment', async () => {
    harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: [] })
    await harness.types('U0ANA', `/deploy dev blog-api ${tip}`)
    await harness.shows('failed')
    expect(await harness.answerTo('U0ANA', '/deploy prod')).toContain('not_shipped_there_first')
  })

  it('accepts what ran well in the required environment before twokey, and nothing that never ran there', async () => {
    expect(await harness.answerTo('U0ANA', `/deploy prod blog-api ${never}`)).toContain(
      'not_shipped_there_first',
    )
    await harness.types('U0ANA', `/deploy prod blog-api ${older}`)
    await harness.shows('awaiting approval')
  })

  it('refuses the request with the reason if the required environment cannot be read', async () => {
    harness.sandbox.aws.world.deny('ecs:ListServiceDeployments')
    const refused = await harness.answerTo('U0ANA', '/deploy prod')
    expect(refused).toContain('cannot_see')
    expect(refused).toContain('ecs:ListServiceDeployments')
    expect(harness.cards()).toEqual([])
  })

  it('exempts rollbacks and emergency deploys from the required environment', async () => {
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await harness.clicks('U0ANA', 'cancel')
    await harness.shows('cancelled')
    await harness.types('U0ANA', '/deploy prod --emergency checkout is down')
    await harness.shows('awaiting approval')
  })
})

describe('a push to an environment that requires another first', () => {
  scenario.extend<{ config: string }>({ config: people + config })(
    'a push waits at its gate with its approvals until the commit has succeeded there',
    async ({ harness }) => {
      const { world } = harness.sandbox.github
      const repository = world.repository()
      repository.environment('production')!.reviewers = [account('twokey-bot')]
      const sha = world.push('main', { message: 'Show drafts to their authors', author: 'Ana' })
      const pushed = await harness.shows('awaiting approval')
      for (const user of ['U0BEN', 'U0CHLOE']) await harness.clicks(user, 'approve', pushed)
      const waits = /Waiting for.* to succeed in dev/
      await harness.sandbox.slack.until(
        () => waits.test(JSON.stringify(harness.cards()[0]?.blocks)) || undefined,
      )
      expect(repository.runs.at(-1)?.reviews).toEqual([])
      repository.git.refs.set('heads/develop', { type: 'commit', sha })
      await harness.types('U0ANA', `/deploy dev blog-api ${sha.slice(0, 7)}`)
      await harness.sandbox.slack.until(
        () => /^blog-api prod: succeeded/.test(harness.cards()[0]?.text ?? '') || undefined,
      )
      expect(harness.cards().map(({ text }) => text)).toEqual([
        expect.stringMatching(/^blog-api prod: succeeded/),
        expect.stringMatching(/^blog-api dev: succeeded/),
      ])
    },
  )
})
