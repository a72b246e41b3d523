import { EventEmitter } from 'node:events'
import { SocketModeReceiver } from '@slack/bolt'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { patchSocketClient } from '../../src/slack/frames.ts'

const most = 2 * 1024 * 1024

/** A connection that reports each frame which the client would parse. */
function connection() {
  const client = new EventEmitter()
  const heard: unknown[] = []
  const logged: string[] = []
  client.on('ws_message', (frame) => heard.push(frame))
  const log = pino({}, { write: (line) => logged.push(JSON.parse(line).msg) })
  patchSocketClient(client as unknown as SocketModeReceiver['client'], log)
  return { client, heard, logged }
}

test('receives a frame of the largest size', () => {
  const { client, heard, logged } = connection()
  client.emit('ws_message', '{}'.padEnd(most))
  expect(heard).toHaveLength(1)
  expect(logged).toEqual([])
})

test('logs a frame one character longer, unparsed and unacknowledged, and receives the next one', () => {
  const { client, heard, logged } = connection()
  client.emit('ws_message', '{}'.padEnd(most + 1))
  client.emit('ws_message', '{}')
  expect(heard).toEqual(['{}'])
  expect(logged).toEqual(['a message from Slack is too long to read'])
})

test.each([
  ['not JSON', 'UNAUTHENTICATED: cache_error'],
  ['half of a JSON text', '{"type":"slash_commands","envelope_id":'],
  ['nothing', ''],
  ['a list', '[]'],
  ['a number', '7'],
  ['null', 'null'],
  ['an envelope without a payload', '{"type":"slash_commands","envelope_id":"e-0"}'],
  ['an envelope without a type', '{"envelope_id":"e-0","payload":{}}'],
  ['an unknown type', '{"type":"tomorrow","envelope_id":"e-0","payload":{}}'],
])('survives a frame that is %s, and receives the next one', async (_, frame) => {
  const { client } = new SocketModeReceiver({ appToken: 'xapp-1' })
  const heard: unknown[] = []
  client.on('slash_commands', ({ envelope_id }) => heard.push(envelope_id))
  patchSocketClient(client, pino({ level: 'silent' }))
  client.emit('ws_message', frame, false)
  client.emit('ws_message', '{"type":"slash_commands","envelope_id":"e-1","payload":{}}', false)
  await expect.poll(() => heard).toContain('e-1')
})
