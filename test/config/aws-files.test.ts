import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readEnvironment } from '../../src/config/environment.ts'
import type { Variables } from '../../src/config/variables.ts'
import { ownFolder } from '../store/folder.ts'

const least = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', GITHUB_TOKEN: 'ghp_1' }
const http = 'http://localstack:4566'

/** The rejected addresses, with these files in `~/.aws`. */
function refused(config: string, set: Variables = {}, credentials = ''): readonly string[] {
  const folder = ownFolder()
  const AWS_CONFIG_FILE = join(folder, 'config')
  const AWS_SHARED_CREDENTIALS_FILE = join(folder, 'credentials')
  writeFileSync(AWS_CONFIG_FILE, config)
  writeFileSync(AWS_SHARED_CREDENTIALS_FILE, credentials)
  const read = readEnvironment({ ...least, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, ...set })
  return 'problems' in read
    ? read.problems.map(({ variable }) => variable.replace(` of ${folder}/`, ' of '))
    : []
}

const services = `[default]
services = local

[services local]
ecs =
  endpoint_url = ${http}
s3 =
  endpoint_url = http://minio:9000
`

describe('an endpoint_url in the shared files of AWS', () => {
  test.each<readonly [string, string, Variables, readonly string[]]>([
    [
      'of the default profile',
      `[default]\nendpoint_url = ${http}\n`,
      {},
      ['endpoint_url in [default] of config'],
    ],
    [
      'of a service that is called, not of others',
      services,
      {},
      ['endpoint_url in [services local] of config'],
    ],
    [
      'of the profile in use',
      `[profile blog]\r\nregion=eu-west-1\r\nendpoint_url=${http} # the stand-in\r\n`,
      { AWS_PROFILE: 'blog' },
      ['endpoint_url in [profile blog] of config'],
    ],
    ['of another profile', `[profile blog]\nendpoint_url = ${http}\n`, {}, []],
    [
      'of a profile that credentials are taken from',
      `[profile blog]\nsource_profile = base\n[profile "base"]\nendpoint_url = ${http}\n`,
      { AWS_PROFILE: 'blog' },
      ['endpoint_url in [profile base] of config'],
    ],
    ['of this machine', '[default]\nendpoint_url = http://127.0.0.1:4566\n', {}, []],
    ['with https', '[default]\nendpoint_url = https://ecs.example.com\n', {}, []],
    ['in a comment', `[default]\n# endpoint_url = ${http}\n`, {}, []],
    [
      'behind a variable',
      `[default]\nendpoint_url = ${http}\n`,
      { AWS_ENDPOINT_URL: 'https://ecs.example.com' },
      [],
    ],
    [
      'that is ignored',
      `[default]\nendpoint_url = ${http}\n`,
      { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      [],
    ],
    [
      'that the profile ignores',
      `[default]\nignore_configured_endpoint_urls = true\nendpoint_url = ${http}\n`,
      {},
      [],
    ],
    ['that the operator takes', `[default]\nendpoint_url = ${http}\n`, { TWOKEY_ALLOW_HTTP: '1' }, []],
    ['of a profile that names itself', `[default]\nsource_profile = default\n`, {}, []],
  ])('finds an endpoint_url %s', (_, config, set, found) => {
    expect(refused(config, set)).toEqual(found)
  })

  test('finds an endpoint_url in the credentials file', () => {
    expect(refused('', {}, `[default]\nendpoint_url = ${http}\n`)).toEqual([
      'endpoint_url in [default] of credentials',
    ])
  })

  test('finds no endpoint_url without files', () => {
    expect(refused('', { AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' })).toEqual([])
  })
})
