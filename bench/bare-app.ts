import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt'

/**
 * The smallest Bolt app: with STORE_FILE it commits one row before it acknowledges, else it only acknowledges. With
 * EDIT it edits the message at each click, one message per channel.
 */
const { SLACK_API_URL: slackApiUrl, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, STORE_FILE, EDIT } = process.env
if (!SLACK_BOT_TOKEN || !SLACK_APP_TOKEN || !slackApiUrl)
  throw new Error('the addresses of Slack are missing')

const write = STORE_FILE ? committer(STORE_FILE) : () => {}
const receiver = new SocketModeReceiver({
  appToken: SLACK_APP_TOKEN,
  logLevel: LogLevel.ERROR,
  installerOptions: { clientOptions: { slackApiUrl } },
})
const app = new App({
  token: SLACK_BOT_TOKEN,
  receiver,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl },
  deferInitialization: true,
})
await app.init()
app.command('/deploy', async ({ body, ack }) => {
  write(body)
  await ack()
})
const presses = new Map<string, number>()
app.action(/^twokey:/, async ({ body, ack, client }) => {
  write(body)
  await ack()
  if (!EDIT || body.type !== 'block_actions' || !body.channel || !body.message) return
  const { channel, message } = body
  const press = (presses.get(channel.id) ?? 0) + 1
  presses.set(channel.id, press)
  const text = `pressed by <@${body.user.id}>, press ${press}`
  await client.chat.update({ channel: channel.id, ts: message.ts, text, blocks: message.blocks })
})
await receiver.start()
const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object')
    process.stdout.write(`{"url":"http://127.0.0.1:${address.port}"}\n`)
})

function committer(file: string): (body: object) => void {
  const database = new DatabaseSync(file)
  database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full')
  database.exec(
    'create table inbox (seq integer primary key, body text not null, received_at integer not null)',
  )
  const insert = database.prepare('insert into inbox (body, received_at) values (?, ?)')
  return (body) => insert.run(JSON.stringify(body), Date.now())
}
