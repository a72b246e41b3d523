import { expect, test } from 'vitest'
import { proxySettings } from '../../src/runtime/proxy.ts'

const proxy = 'http://proxy.example:3128'

test.each([[{}], [{ HTTPS_PROXY: '', https_proxy: '' }], [{ NO_PROXY: 'github.com' }]])(
  'the environment %j names no proxy',
  (env) => {
    expect(proxySettings(env)).toBeUndefined()
  },
)

test.each([
  [{ HTTPS_PROXY: proxy }, { HTTPS_PROXY: proxy }],
  [{ https_proxy: proxy }, { HTTPS_PROXY: proxy }],
  [{ HTTP_PROXY: proxy }, { HTTP_PROXY: proxy }],
  [{ HTTPS_PROXY: 'http://other.example', https_proxy: proxy }, { HTTPS_PROXY: proxy }],
])('the environment %j names the proxies %j', (env, expected) => {
  expect(proxySettings(env)).toEqual({ ...expected, NO_PROXY: expect.any(String) })
})

test('this machine and the credentials of AWS are reached directly, beside what NO_PROXY names', () => {
  const direct = proxySettings({ HTTPS_PROXY: proxy, NO_PROXY: '.internal.example' })?.NO_PROXY?.split(',')
  expect(direct?.[0]).toBe('.internal.example')
  for (const host of ['localhost', '127.0.0.1', '169.254.169.254', '169.254.170.2', '169.254.170.23'])
    expect(direct).toContain(host)
})
