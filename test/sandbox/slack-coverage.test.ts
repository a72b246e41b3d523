import { expect, test } from 'vitest'
import { coverage } from '../../sandbox/slack/methods.ts'
import { startSlack } from '../../sandbox/slack/slack.ts'
import { clientOf, codeOf } from './slack-app.ts'

test('every listed method is supported, any other is unknown_method', async () => {
  const slack = await startSlack()
  const [bot, app] = [clientOf(slack), clientOf(slack, slack.env.SLACK_APP_TOKEN)]
  for (const name of Object.keys(coverage)) {
    const client = name.startsWith('apps.') ? app : bot
    expect(await codeOf(client.apiCall(name)), name).not.toBe('unknown_method')
  }
  for (const name of ['chat.scheduleMessage', 'constructor', 'files.upload']) {
    expect(await codeOf(bot.apiCall(name)), name).toBe('unknown_method')
  }
  await slack.close()
})
