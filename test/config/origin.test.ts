import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configOrigin } from '../../src/config/origin.ts'
import { configText } from '../cli/config.ts'
import { runHere } from '../cli/run-here.ts'
import { ownFolder } from '../store/folder.ts'

describe('the config in TWOKEY_CONFIG_CONTENT', () => {
  it('TWOKEY_CONFIG_CONTENT is checked like a file', async () => {
    const env = { TWOKEY_CONFIG_CONTENT: configText, AWS_REGION: 'eu-west-1' }
    const { status, out } = await runHere(ownFolder(), ['check'], { env })
    expect(status).toBe(0)
    expect(out).toContain('TWOKEY_CONFIG_CONTENT')
  })

  it('problems in TWOKEY_CONFIG_CONTENT are named with their lines', async () => {
    const env = { TWOKEY_CONFIG_CONTENT: configText.replace('required: 2', 'required: two') }
    const { status, err } = await runHere(ownFolder(), ['check'], { env })
    expect(status).toBe(2)
    expect(err).toMatch(/^TWOKEY_CONFIG_CONTENT:\d+ {2}environments\.prod\.approvals\.required/m)
  })

  it.each(['check', 'start', 'iam'])(
    '`twokey %s`: exit status 2 if TWOKEY_CONFIG is set as well',
    async (word) => {
      const env = { TWOKEY_CONFIG_CONTENT: configText, TWOKEY_CONFIG: './twokey.yml' }
      const { status, out, err } = await runHere(ownFolder(), [word], { env })
      expect({ status, out }).toEqual({ status: 2, out: '' })
      expect(err).toContain('TWOKEY_CONFIG names a file')
    },
  )

  it('a file named in the command wins over it', () => {
    const file = join(ownFolder(), 'twokey.yml')
    writeFileSync(file, configText)
    const origin = configOrigin({ TWOKEY_CONFIG_CONTENT: 'x', TWOKEY_CONFIG: 'y' }, file)
    expect(origin.name).toBe(file)
    expect(origin.load({ region: 'eu-west-1' })).toHaveProperty('config')
  })

  it('TWOKEY_CONFIG_CONTENT counts as unset if it is empty', () => {
    expect(configOrigin({ TWOKEY_CONFIG_CONTENT: '' }).name).toBe('./twokey.yml')
  })

  it('the image leaves the choice open, and checks its health without a config', () => {
    const image = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    expect(image).not.toMatch(/^ENV .*TWOKEY_CONFIG/m)
    expect(image).toMatch(/^HEALTHCHECK .*"health"\]$/m)
  })
})
