import { once } from 'node:events'
import { cpSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder } from '../store/folder.ts'
import { twokey } from './twokey.ts'

const root = join(import.meta.dirname, '../..')

/** One line of text, without a stack trace. */
const oneLine = /^[^\n]+\n$/

test.each(['abc', '-1', '99999', '4400.5', ''])(
  'demo rejects a DEMO_PORT of %j as a usage error',
  async (port) => {
    const { status, out, err } = await twokey(ownFolder(), ['demo'], { env: { DEMO_PORT: port } })
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toMatch(oneLine)
    expect(err).toContain(JSON.stringify(port))
  },
)

test('demo reports a DEMO_PORT in use in one line, and the bot ends with the demo', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const port = String(address.port)
  const { status, out, err } = await twokey(ownFolder(), ['demo'], { env: { DEMO_PORT: port } })
  other.close()
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err.replace(/^.*ExperimentalWarning.*\n.*--trace-warnings.*\n/m, '')).toMatch(oneLine)
  expect(err).toContain(port)
})

test('demo says that it is not part of the image', async () => {
  const image = ownFolder()
  for (const each of ['src', 'package.json']) cpSync(join(root, each), join(image, each), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(image, 'node_modules'))
  const { status, out, err } = await twokey(image, ['demo', '--play'], { main: join(image, 'src/main.ts') })
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err).toMatch(oneLine)
  expect(err).toContain('npm ci && npm run demo')
})
