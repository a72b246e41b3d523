import { describe, expect } from 'vitest'
import { channel, configText, type Harness, openHarness, scenario, stateOf } from './harness.ts'

/** The notices in the channel that belong to no release, oldest first. */
function notices({ sandbox }: Harness): readonly string[] {
  return sandbox.slack.workspace
    .messages(channel)
    .filter(({ metadata }) => metadata?.event_type === 'twokey_notice')
    .map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`)
}

/** Waits until there are this many notices; returns the last. */
async function noticed(harness: Harness, count: number): Promise<string> {
  await harness.sandbox.slack.until(() => notices(harness).length >= count)
  expect(notices(harness)).toHaveLength(count)
  return notices(harness).at(-1) ?? ''
}

/** Locks it, and waits for the notice in the channel. */
async function locks(harness: Harness, user: string, line: string): Promise<string> {
  const before = notices(harness).length
  await harness.types(user, line)
  return noticed(harness, before + 1)
}

describe('a locked environment', () => {
  scenario(
    'a locked environment refuses a deploy with who, why and what to do, and accepts it once unlocked',
    async ({ harness }) => {
      const told = await locks(harness, 'U0ELI', '/deploy lock prod the &lt;!channel&gt; database moves')
      expect(told).toContain('<@U0ELI> locked *prod*')
      expect(told).toMatch(/environment:prod:1:[0-9a-f]{20}/)
      expect(told).not.toContain('<!channel>')
      const refused = await harness.answerTo('U0ANA', '/deploy prod')
      for (const words of ['<@U0ELI>', 'database moves', '<!date^', '/deploy unlock prod', '\nlocked'])
        expect(refused).toContain(words)
      expect(harness.cards()).toEqual([])
      await harness.types('U0ELI', '/deploy unlock prod')
      expect(await noticed(harness, 2)).toContain('<@U0ELI> unlocked *prod*')
      await harness.approved()
      await harness.shows('succeeded')
    },
  )

  scenario(
    'a lock refuses deploys without approvals, and leaves other environments free',
    async ({ harness }) => {
      await locks(harness, 'U0ANA', '/deploy lock dev nobody touches it')
      expect(await harness.answerTo('U0BEN', '/deploy dev')).toContain('\nlocked')
      const own = await harness.answerTo('U0ANA', '/deploy dev')
      expect(own).toContain('dev is locked by you')
      expect(own).toContain('You locked it: `/deploy unlock dev` removes the lock')
      expect(own).not.toContain('<@U0ANA>')
      expect(harness.dispatches()).toBe(0)
      await harness.types('U0BEN', '/deploy prod')
      await harness.shows('awaiting approval')
    },
  )

  scenario(
    'a locked environment counts no approvals, and counts them again afterwards',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('1 of 2'))
      await locks(harness, 'U0APPROVER', '/deploy lock prod blog-api an incident')
      await harness.sandbox.slack.until(() =>
        JSON.stringify(harness.cards()[0]?.blocks).includes('an incident'),
      )
      await harness.clicks('U0CHLOE', 'approve')
      await harness.ephemeral('U0CHLOE', /blog-api in prod is locked by <@U0APPROVER>.*\nlocked/s)
      expect(harness.dispatches()).toBe(0)
      await harness.types('U0CHLOE', '/deploy unlock prod blog-api')
      await noticed(harness, 2)
      await harness.sandbox.slack.until(
        () => !JSON.stringify(harness.cards()[0]?.blocks).includes('an incident'),
      )
      await harness.clicks('U0CHLOE', 'approve')
      await harness.shows('succeeded')
      expect(harness.dispatches()).toBe(1)
    },
  )

  scenario(
    'a locked environment allows an announced rollback, after which the button Lock blocks the commit',
    async ({ harness }) => {
      await locks(harness, 'U0ELI', '/deploy lock prod an incident')
      await harness.types('U0ANA', '/rollback blog-api 42')
      const asked = await harness.shows('awaiting approval')
      expect(JSON.stringify(asked.blocks)).toContain('Bypasses the lock of prod, locked by <@U0ELI>')
      expect((await harness.threadPost(/bypasses the lock of <@U0ELI> on prod: an incident/)).broadcast).toBe(
        true,
      )
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:42')

      await harness.clicks('U0ANA', 'lock')
      await harness.ephemeral('U0ANA', /prod is locked by <@U0ELI>/)
      await harness.types('U0ELI', '/deploy unlock prod')
      await noticed(harness, 2)
      await harness.clicks('U0ANA', 'lock')
      const told = await noticed(harness, 3)
      expect(told).toContain('<@U0ANA> locked *blog-api in prod*')
      expect(told).toMatch(/rolled back to blog-api:\u2060?42 \(release r-/)
      await harness.clicks('U0ANA', 'lock')
      await harness.ephemeral(
        'U0ANA',
        /There is nothing to do.*(locked by <@U0ANA>|locked by you|[Yy]ou locked)/s,
      )
      expect(await harness.answerTo('U0BEN', '/deploy prod')).toContain(
        'so that the faulty version is not deployed again',
      )
    },
  )

  scenario(
    'an approver takes over a lock by command or button, and the channel learns of both',
    async ({ harness }) => {
      await locks(harness, 'U0ELI', '/deploy lock prod I forgot')
      expect(await harness.answerTo('U0ANA', '/deploy lock prod mine')).not.toContain('Take over')
      expect(await harness.answerTo('U0ANA', '/deploy lock prod --take mine')).toContain(
        'You may not take it over',
      )
      expect(await harness.answerTo('U0BEN', '/deploy lock prod the sale goes on')).toContain('Take over')
      const { workspace } = harness.sandbox.slack
      await harness.sandbox.slack.as('U0BEN').clicksEphemeral({ actionId: 'twokey:take-over-lock' })
      const taken = await noticed(harness, 2)
      expect(taken).toContain('<@U0BEN> took over the lock of *prod* from <@U0ELI>')
      expect(taken).toContain('the sale goes on')
      expect(workspace.notifications('U0ELI').length).toBeGreaterThan(0)

      await harness.sandbox.slack.as('U0BEN').clicksEphemeral({ actionId: 'twokey:take-over-lock' })
      await harness.ephemeral('U0BEN', /There is nothing to do/)
      await harness.types('U0CHLOE', '/deploy lock prod --take for 2h mine now')
      expect(await noticed(harness, 3)).toContain(
        '<@U0CHLOE> took over the lock of *prod* from <@U0BEN> until',
      )
    },
  )

  scenario(
    'a time behind the reason ends the lock; without one the answer says how to add it',
    async ({ harness }) => {
      const told = await locks(harness, 'U0ANA', '/deploy lock prod load test for 2h')
      expect(told).toMatch(/locked \*prod\* until <!date[^>]*>: load test/)
      await harness.types('U0ANA', '/deploy unlock prod')
      await noticed(harness, 2)
      const endless = await locks(harness, 'U0ANA', '/deploy lock prod load test')
      expect(endless).toContain('No end time: it stays until someone removes it.')
      // The command that the answer names gives the caller's own lock an end.
      const ended = await locks(harness, 'U0ANA', '/deploy lock prod for 2h load test')
      expect(ended).toMatch(/until <!date/)
    },
  )

  scenario('a lock survives a restart, and ends at its time', async ({ harness }) => {
    await locks(harness, 'U0ANA', '/deploy lock prod for 90d the sale goes on and on')
    await harness.restarts()
    expect(await harness.answerTo('U0BEN', '/deploy prod')).toContain('on and on')
    expect(notices(harness)).toHaveLength(1)
  })

  scenario('a lock ends at the time of day in the person’s time zone', async ({ harness }) => {
    const user = harness.sandbox.slack.workspace.users.get('U0ANA')
    if (!user) throw new Error('Ana is gone')
    user.tz = 'Asia/Kathmandu'
    const told = await locks(harness, 'U0ANA', '/deploy lock prod until tomorrow 9:00 a demo')
    const [, at] = /until <!date\^(\d+)\^/.exec(told) ?? []
    const shown = new Date(Number(at) * 1_000).toLocaleTimeString('en-GB', { timeZone: 'Asia/Kathmandu' })
    expect(shown).toBe('09:00:00')
    const refused = await harness.answerTo('U0ANA', '/deploy lock dev until 0:00 a demo')
    expect(refused).toContain('lock_time')
  })

  scenario('status shows a lock with who, why and until when', async ({ harness }) => {
    await locks(harness, 'U0ELI', '/deploy lock prod an incident')
    await locks(harness, 'U0BEN', '/deploy lock prod blog-api for 2h the sale')
    const locked = await harness.answerTo('U0ANA', '/deploy status')
    expect(locked).toMatch(/:lock: prod is locked by <@U0ELI> \(since <!date[^>]*>\): an incident/)
    expect(locked).toMatch(
      /:lock: blog-api in prod is locked by <@U0BEN> \(since <!date.*, until <!date[^)]*\): the sale/,
    )
    expect(locked.match(/:lock: prod is/g)).toHaveLength(2)
    await harness.types('U0ELI', '/deploy unlock prod')
    await noticed(harness, 3)
    expect(await harness.answerTo('U0ANA', '/deploy status')).not.toContain('an incident')
  })

  scenario('an unknown environment cannot be locked', async ({ harness }) => {
    for (const line of [
      '/deploy lock prdo an incident',
      '/deploy lock prod blog-apj an incident',
      '/deploy lock prod until friday an incident',
      '/deploy lock prod',
    ])
      expect(await harness.answerTo('U0ANA', line)).toContain('was not understood')
    expect(await harness.answerTo('U0ANA', '/deploy unlock prod')).toContain('not_locked')
    expect(notices(harness)).toEqual([])
  })

  scenario('a locked environment refuses a retry as it refuses a deploy', async ({ harness }) => {
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0ANA', 'cancel')
    await harness.shows('cancelled')
    await locks(harness, 'U0BEN', '/deploy lock prod an incident')
    await harness.clicks('U0ANA', 'retry')
    await harness.ephemeral('U0ANA', /\nlocked/)
    expect(harness.cards()).toHaveLength(1)
  })
})

describe('an environment that is locked after the last approval', () => {
  scenario('never deploys to an environment that is locked after the last approval', async () => {
    const config = configText.replace('    branch: main\n', '    branch: main\n    wait: 3s\n')
    expect(config).not.toBe(configText)
    const harness = await openHarness({ config })
    try {
      await harness.approved()
      await harness.shows('waiting')
      await locks(harness, 'U0CHLOE', '/deploy lock prod I saw something <@U0ELI|eli>')
      const card = await harness.shows('cancelled')
      expect(stateOf(card)).toContain('cancelled')
      expect(JSON.stringify(card.blocks)).toContain('ocked by <@U0CHLOE>: I saw something')
      expect(JSON.stringify(card.blocks)).not.toContain('<@U0ELI>')
      expect(harness.dispatches()).toBe(0)
    } finally {
      await harness.close()
    }
  })
})
