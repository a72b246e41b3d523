import { expect, test } from 'vitest'
import {
  configPath,
  formatVariableProblems,
  readEnvironment,
  type Variables,
} from '../../src/config/environment.ts'

const least = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', GITHUB_TOKEN: 'ghp_1' }

function problemsOf(variables: Variables) {
  const read = readEnvironment(variables)
  return 'problems' in read ? read.problems : []
}

test('three tokens are enough; the rest has defaults', () => {
  expect(readEnvironment({ ...least, HOME: '/root', AWS_REGION: 'eu-west-1' })).toEqual({
    environment: {
      slack: { botToken: 'xoxb-1', appToken: 'xapp-1', apiUrl: 'https://slack.com/api/' },
      github: { token: 'ghp_1', apiUrl: 'https://api.github.com' },
      dataDir: './.twokey',
      port: 3000,
      logLevel: 'info',
    },
  })
})

test('everything may be said; the ends of addresses do not matter', () => {
  const variables = {
    ...least,
    SLACK_API_URL: 'http://127.0.0.1:4001/api',
    GITHUB_API_URL: 'http://127.0.0.1:4002/',
    TWOKEY_DATA_DIR: '/var/lib/twokey',
    TWOKEY_CONFIG: '/etc/twokey.yml',
    PORT: '0',
    LOG_LEVEL: 'debug',
  }
  expect(readEnvironment(variables)).toMatchObject({
    environment: {
      slack: { apiUrl: 'http://127.0.0.1:4001/api/' },
      github: { apiUrl: 'http://127.0.0.1:4002' },
      dataDir: '/var/lib/twokey',
      port: 0,
      logLevel: 'debug',
    },
  })
})

test('what is missing is told together', () => {
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
  ['LOG_LEVEL', 'loud', '"loud"', /trace, debug, info/],
])('%s=%s', (variable, value, found, allowed) => {
  expect(problemsOf({ ...least, [variable]: value })).toEqual([
    { variable, found, allowed: expect.stringMatching(allowed), message: expect.any(String) },
  ])
})

test.each([
  'SLACK_SIGNING_SECRET',
  'GITHUB_APP_ID',
  'GITHUB_APP_PRIVATE_KEY',
  'GITHUB_APP_INSTALLATION_ID',
  'GITHUB_WEBHOOK_SECRET',
  'DATABASE_URL',
])('%s is refused as not supported yet, and not shown', (variable) => {
  const problems = problemsOf({ ...least, [variable]: 'postgres://twokey:hunter2@db/twokey' })
  expect(problems).toMatchObject([{ variable, found: '"postg…"' }])
  expect(problems[0]?.message).toContain('not supported yet')
  expect(formatVariableProblems(problems)).not.toContain('hunter2')
})
