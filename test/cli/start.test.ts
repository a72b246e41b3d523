import { expect, test } from 'vitest'
import { ownFolder } from '../store/folder.ts'
import { twokey } from './twokey.ts'

test('start tells what is wrong in the environment and in the config file together; an empty variable names no file', async () => {
  const { status, err } = await twokey(ownFolder(), ['start'], { env: { TWOKEY_CONFIG: '' } })
  expect(status).toBe(2)
  expect(err).toContain('GITHUB_TOKEN')
  expect(err).toMatch(/^\.\/twokey\.yml:1 /m)
})
