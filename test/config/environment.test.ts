import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { formatVariableProblems, readEnvironment } from '../../src/config/environment.ts'
import { configPath } from '../../src/config/paths.ts'
import type { Variables } from '../../src/config/variables.ts'

const least = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', GITHUB_TOKEN: 'ghp_1' }

function problemsOf(variables: Variables) {
  const read = readEnvironment(variables)
  return 'problems' in read ? read.problems : []
}

test('three tokens are sufficient; the rest has defaults', () => {
  expect(readEnvironment({ ...least, HOME: '/root', AWS_REGION: 'eu-west-1' })).toEqual({
    environment: {
      slack: { botToken: 'xoxb-1', appToken: 'xapp-1', apiUrl: 'https://slack.com/api/' },
      github: { token: 'ghp_1', apiUrl: 'https://api.github.com' },
      gitHubWebhookSecret: undefined,
      dataDir: './.twokey',
      port: 3000,
      host: undefined,
      logLevel: 'info',
    },
  })
})

test('reads every variable; the ends of addresses do not matter', () => {
  const variables = {
    ...least,
    SLACK_API_URL: 'http://127.0.0.1:4001/api',
    GITHUB_API_URL: 'http://127.0.0.1:4002/',
    GITHUB_WEBHOOK_SECRET: "It's a Secret to Everybody",
    TWOKEY_DATA_DIR: '/var/lib/twokey',
    TWOKEY_CONFIG: '/etc/twokey.yml',
    PORT: '0',
    HOST: '::1',
    LOG_LEVEL: 'debug',
  }
  expect(readEnvironment(variables)).toMatchObject({
    environment: {
      slack: { apiUrl: 'http://127.0.0.1:4001/api/' },
      github: { apiUrl: 'http://127.0.0.1:4002' },
      gitHubWebhookSecret: "It's a Secret to Everybody",
      dataDir: '/var/lib/twokey',
      port: 0,
      host: '::1',
      logLevel: 'debug',
    },
  })
})

test('reports all missing variables together', () => {
  expect(problemsOf({}).map(({ variable, found }) => [variable, found])).toEqual([
    ['SLACK_BOT_TOKEN', 'nothing'],
    ['SLACK_APP_TOKEN', 'nothing'],
    ['GITHUB_TOKEN', 'nothing'],
  ])
})

test('an empty variable counts as unset', () => {
  expect(problemsOf({ ...least, PORT: '', DATABASE_URL: '' })).toEqual([])
  expect(problemsOf({ ...least, GITHUB_TOKEN: '' })).toMatchObject([{ variable: 'GITHUB_TOKEN' }])
  expect(configPath({})).toBe('./twokey.yml')
  expect(configPath({ TWOKEY_CONFIG: '' })).toBe('./twokey.yml')
  expect(configPath({ TWOKEY_CONFIG: '/etc/twokey.yml' })).toBe('/etc/twokey.yml')
})

test.each([
  ['SLACK_BOT_TOKEN', 'xapp-1-swapped', '"xapp-…"', /xoxb-/],
  ['SLACK_APP_TOKEN', 'xoxb-1-swapped', '"xoxb-…"', /xapp-/],
  ['SLACK_API_URL', 'slack.com/api', '"slack.com/api"', /https:/],
  ['SLACK_API_URL', 'ftp://slack.com', '"ftp://slack.com"', /https:/],
  ['GITHUB_TOKEN', 'two words', '"two w…"', /token/],
  ['GITHUB_API_URL', 'api', '"api"', /https:/],
  ['PORT', '65536', '"65536"', /65535/],
  ['PORT', 'http', '"http"', /whole number/],
  ['HOST', 'http://127.0.0.1', '"http://127.0.0.1"', /IP address/],
  ['HOST', '[::1]', '"[::1]"', /IP address/],
  ['TWOKEY_ALLOW_HTTP', 'true', '"true"', /^1$/],
  ['LOG_LEVEL', 'loud', '"loud"', /trace, debug, info/],
])('rejects %s=%s', (variable, value, found, allowed) => {
  expect(problemsOf({ ...least, [variable]: value })).toEqual([
    { variable, found, allowed: expect.stringMatching(allowed), message: expect.any(String) },
  ])
})

test.each(['DATABASE_URL'])('rejects %s as not supported yet, and does not show it', (variable) => {
  const problems = problemsOf({ ...least, [variable]: 'postgres://twokey:hunter2@db/twokey' })
  expect(problems).toMatchObject([{ variable, found: '"postg…"' }])
  expect(problems[0]?.message).toContain('not supported yet')
  expect(formatVariableProblems(problems)).not.toContain('hunter2')
})

describe('Slack in HTTP mode', () => {
  const { SLACK_APP_TOKEN: appToken, ...others } = least
  const SLACK_SIGNING_SECRET = '8f742231b10e8888abcd99e0a0b0c0d0'

  test('a signing secret replaces the app-level token', () => {
    expect(readEnvironment({ ...others, SLACK_SIGNING_SECRET })).toMatchObject({
      environment: { slack: { botToken: 'xoxb-1', signingSecret: SLACK_SIGNING_SECRET } },
    })
  })

  test('both are refused, and neither is shown', () => {
    const problems = problemsOf({ ...others, SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET })
    expect(problems).toMatchObject([{ variable: 'SLACK_APP_TOKEN', found: '"xapp-…"' }])
    const shown = formatVariableProblems(problems)
    expect(shown).toContain('Unset `SLACK_APP_TOKEN` or `SLACK_SIGNING_SECRET`')
    expect(shown).not.toContain(SLACK_SIGNING_SECRET.slice(0, 6))
  })

  test('neither is refused, and both are named', () => {
    const shown = formatVariableProblems(problemsOf(others))
    expect(shown).toMatch(/^SLACK_APP_TOKEN {2}is not set.*\n.*`SLACK_SIGNING_SECRET`/)
  })
})

describe('a GitHub App', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const { GITHUB_TOKEN: _, ...slack } = least
  const app = { ...slack, GITHUB_APP_ID: '271828', GITHUB_APP_PRIVATE_KEY: privateKey }

  test.each([
    ['PEM', privateKey],
    ['PEM with \\n as text', privateKey.replaceAll('\n', '\\n')],
    ['base64', Buffer.from(privateKey).toString('base64')],
  ])('accepts its private key as %s', (_as, key) => {
    expect(readEnvironment({ ...app, GITHUB_APP_PRIVATE_KEY: key })).toMatchObject({
      environment: { github: { app: { appId: 271_828, privateKey: privateKey.trim() } } },
    })
  })

  test('takes the installation if it is named', () => {
    expect(readEnvironment({ ...app, GITHUB_APP_INSTALLATION_ID: '31415926' })).toMatchObject({
      environment: { github: { app: { installationId: 31_415_926 } } },
    })
  })

  test.each<[string, Variables, readonly string[]]>([
    ['both modes', { ...app, GITHUB_TOKEN: 'ghp_1' }, ['GITHUB_TOKEN']],
    ['no key', { ...app, GITHUB_APP_PRIVATE_KEY: undefined }, ['GITHUB_APP_PRIVATE_KEY']],
    ['no id', { ...app, GITHUB_APP_ID: undefined }, ['GITHUB_APP_ID']],
    [
      'an installation alone',
      { ...slack, GITHUB_APP_INSTALLATION_ID: '1' },
      ['GITHUB_APP_ID', 'GITHUB_APP_PRIVATE_KEY'],
    ],
    ['an id that is no number', { ...app, GITHUB_APP_ID: 'twokey' }, ['GITHUB_APP_ID']],
    ['a key that is none', { ...app, GITHUB_APP_PRIVATE_KEY: 'hunter2-hunter2' }, ['GITHUB_APP_PRIVATE_KEY']],
  ])('reports %s, and shows no key', (_what, variables, wrong) => {
    const problems = problemsOf(variables)
    expect(problems.map(({ variable }) => variable)).toEqual(wrong)
    expect(formatVariableProblems(problems)).not.toMatch(/hunter2-hunter2|MII/)
  })
})

describe('plain HTTP', () => {
  const variables = ['SLACK_API_URL', 'GITHUB_API_URL', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_ECS']

  test.each([
    'http://slack.example.com/api/',
    'http://10.0.0.7:4566',
    'http://host.docker.internal',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://0.0.0.0:4566',
    'http://[::]:80',
    'HTTP://EXAMPLE.COM',
    'http://127.0.0.1@example.com',
  ])('rejects plain HTTP to another machine: %s', (address) => {
    for (const variable of variables)
      expect(problemsOf({ ...least, [variable]: address })).toEqual([
        {
          variable,
          found: JSON.stringify(address),
          allowed: expect.stringContaining('https://'),
          message: expect.stringContaining('TWOKEY_ALLOW_HTTP=1'),
        },
      ])
  })

  test.each([
    'http://127.0.0.1:4001',
    'http://127.9.8.7',
    'http://localhost:80',
    'http://[::1]:4566',
    'http://127.1',
  ])('accepts plain HTTP to this machine: %s', (address) => {
    for (const variable of variables) expect(problemsOf({ ...least, [variable]: address })).toEqual([])
  })

  test('accepts plain HTTP to another machine if the operator allows it', () => {
    const SLACK_API_URL = 'http://slack-stub:8080/api/'
    expect(problemsOf({ ...least, SLACK_API_URL, TWOKEY_ALLOW_HTTP: '1' })).toEqual([])
    expect(problemsOf({ ...least, SLACK_API_URL, TWOKEY_ALLOW_HTTP: '' })).toHaveLength(1)
  })

  test('reports plain HTTP together with other problems', () => {
    const problems = problemsOf({ ...least, PORT: 'http', GITHUB_API_URL: 'http://ghe.example.com/api/v3' })
    expect(problems.map(({ variable }) => variable)).toEqual(['PORT', 'GITHUB_API_URL'])
  })
})
