import { describe, expect, it } from 'vitest'
import { renewing, type SessionCredentials } from '../../src/aws/accounts/session.ts'

const minute = 60_000

/** A role whose sessions last an hour, and a clock. */
function role() {
  const state = { now: 0, assumed: 0, down: false }
  const assume = async (): Promise<SessionCredentials> => {
    if (state.down) throw new Error('STS does not answer')
    state.assumed += 1
    return {
      accessKeyId: `ASIA${state.assumed}`,
      secretAccessKey: 's',
      sessionToken: 't',
      expiration: new Date(state.now + 60 * minute),
    }
  }
  const session = renewing(assume, () => state.now)
  return { state, session, key: async () => (await session.credentials()).accessKeyId }
}

describe('a session of a role', () => {
  it('requests at the same time, and later ones, share a session', async () => {
    const { state, key } = role()
    expect(await Promise.all([key(), key(), key()])).toEqual(['ASIA1', 'ASIA1', 'ASIA1'])
    state.now = 54 * minute
    expect(await key()).toBe('ASIA1')
    expect(state.assumed).toBe(1)
  })

  it('a session is renewed five minutes before its end', async () => {
    const { state, key } = role()
    await key()
    state.now = 55 * minute
    expect(await key()).toBe('ASIA2')
  })

  it('a session that cannot be renewed is used to its end', async () => {
    const { state, key } = role()
    await key()
    Object.assign(state, { now: 59 * minute, down: true })
    expect(await key()).toBe('ASIA1')
    state.now = 60 * minute
    await expect(key()).rejects.toThrow('STS does not answer')
    state.down = false
    expect(await key()).toBe('ASIA2')
  })

  it('a session that was given up is started anew', async () => {
    const { key, session } = role()
    await key()
    session.forget()
    expect(await key()).toBe('ASIA2')
  })
})
