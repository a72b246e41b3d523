import { afterEach, describe, expect, it } from 'vitest'
import { defaultApp } from '../../sandbox/slack/seeded.ts'
import { channel, startWorld, type World } from './slack-app.ts'

let world: World
afterEach(() => world.stop())

describe('the text of a slash command', () => {
  it.each([
    ['/deploy', 'history @Ana', 'history <@U0ANA|ana>'],
    ['/deploy', 'history @ana, prod', 'history <@U0ANA|ana>, prod'],
    ['/deploy', 'history @nobody', 'history @nobody'],
    [
      '/deploy',
      'lock prod ask @deployers in #deploys',
      'lock prod ask <!subteam^S0DEPLOYERS|@deployers> in <#C0DEPLOYS|deploys>',
    ],
    ['/deploy', 'lock prod <https://a.example/?b=1&c>', 'lock prod &lt;<https://a.example/?b=1&amp;c>&gt;'],
    ['/deploy', 'prod mail@ana #12', 'prod mail@ana #12'],
    ['/rollback', 'blog-api @Ana <https://a.example>', 'blog-api @Ana &lt;https://a.example&gt;'],
  ])(
    'the line "the line "%s %s" is sent with encoded text" is sent with encoded text',
    async (command, typed, sent) => {
      const texts: string[] = []
      world = await startWorld((app) => {
        for (const each of defaultApp.commands)
          app.command(each.command, async ({ ack, body }) => {
            texts.push(body.text)
            await ack()
          })
      })
      await world.slack.as('U0BEN').types(channel, `${command} ${typed}`)
      expect(texts).toEqual([sent])
    },
  )
})
