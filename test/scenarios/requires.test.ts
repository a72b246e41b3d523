import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mainCommits } from '../../src/sandbox/seed.ts'
import { configText, openTown, type Town } from './harness.ts'

const config = configText.replace(
  '    notify:',
  '    requires: [dev]\n    emergency: { approvals: { required: 1 } }\n    notify:',
)
const tip = mainCommits.at(-1)!.sha.slice(0, 7)
/** In revision 42, which ran well in dev too; and in none. */
const older = mainCommits[2]!.sha.slice(0, 7)
const never = mainCommits[0]!.sha.slice(0, 7)

describe('an environment that requires another first', () => {
  let town: Town
  beforeEach(async () => {
    town = await openTown({ config })
  })
  afterEach(() => town.close())

  it('refuses a commit that has not succeeded there, and names the command that ships it there', async () => {
    const refused = await town.asks('U0ANA', '/deploy prod')
    expect(refused).toContain('not_shipped_there_first')
    expect(refused).toContain(`/deploy dev blog-api ${tip}`)
    expect(town.cards()).toEqual([])
  })

  it('takes it once twokey has shipped it there with success', async () => {
    await town.says('U0ANA', `/deploy dev blog-api ${tip}`)
    await town.shows('succeeded')
    await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
  })

  it('refuses what failed there', async () => {
    town.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: [] })
    await town.says('U0ANA', `/deploy dev blog-api ${tip}`)
    await town.shows('failed')
    expect(await town.asks('U0ANA', '/deploy prod')).toContain('not_shipped_there_first')
  })

  it('takes what ran well there before there was twokey, and nothing that never ran there', async () => {
    expect(await town.asks('U0ANA', `/deploy prod blog-api ${never}`)).toContain('not_shipped_there_first')
    await town.says('U0ANA', `/deploy prod blog-api ${older}`)
    await town.shows('awaiting approval')
  })

  it('could not be read: refused with the reason, nothing asked', async () => {
    town.sandbox.aws.world.deny('ecs:ListServiceDeployments')
    const refused = await town.asks('U0ANA', '/deploy prod')
    expect(refused).toContain('cannot_see')
    expect(refused).toContain('ecs:ListServiceDeployments')
    expect(town.cards()).toEqual([])
  })

  it('lets a rollback and an emergency pass', async () => {
    await town.says('U0ANA', '/rollback blog-api 42')
    await town.shows('awaiting approval')
    await town.presses('U0ANA', 'cancel')
    await town.shows('cancelled')
    await town.says('U0ANA', '/deploy prod --emergency checkout is down')
    await town.shows('awaiting approval')
  })
})
