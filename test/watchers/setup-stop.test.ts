import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { startSetupCheck } from '../../src/watchers/setup-check.ts'
import { ownFolder } from '../store/folder.ts'

test('a setup check in progress does not delay the stop', async () => {
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  const begun = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<readonly []>()
  const check = () => {
    begun.resolve()
    return answered.promise
  }
  const setupCheck = startSetupCheck({
    store,
    config: 'a',
    check,
    clock: Date.now,
    log: pino({ level: 'silent' }),
  })
  setupCheck.wake()
  await begun.promise
  await setupCheck.stop()
  answered.resolve([])
  expect(await store.bookmark('setup posted')).toBe(null)
})
