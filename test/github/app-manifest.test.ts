import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { hookEvents } from '../../sandbox/github/hooks/events.ts'
import { permissions } from '../../sandbox/github/permissions.ts'
import { gitHubAppLink, gitHubPages } from '../../src/init/app-links.ts'

const root = resolve(import.meta.dirname, '../..')
const gates = readFileSync(join(root, 'docs/gates.md'), 'utf8').replaceAll(/\s+/g, ' ')

/** The part of an App's manifest that twokey uses; misspelt keys are refused. */
const manifest = z
  .strictObject({
    name: z.string().max(34),
    description: z.string(),
    url: z.url(),
    redirect_url: z.url(),
    public: z.literal(false),
    hook_attributes: z.strictObject({ url: z.url(), active: z.literal(true) }),
    default_permissions: z.record(z.string(), z.enum(['read', 'write'])),
    default_events: z.array(z.string()),
  })
  .parse(JSON.parse(readFileSync(join(root, 'github-app.json'), 'utf8')))

/** GitHub's names of permissions as its pages show them. */
const shown: Readonly<Record<string, string>> = {
  actions: 'Actions',
  checks: 'Checks',
  contents: 'Contents',
  deployments: 'Deployments',
  metadata: 'Metadata',
  statuses: 'Commit statuses',
}

test('the manifest has the permissions that twokey uses, and no more', () => {
  expect(manifest.default_permissions).toEqual({ ...permissions, metadata: 'read' })
})

test('the manifest has the events of the webhook, at its path', () => {
  expect([...manifest.default_events].sort()).toEqual([...hookEvents].sort())
  expect(new URL(manifest.hook_attributes.url).pathname).toBe('/github/webhooks')
})

test.each(['read and write', 'read'])('gates.md names the permissions to %s', (level) => {
  const [, named = ''] = gates.match(new RegExp(`\\| ${level} \\| ([^|]+) \\|`)) ?? []
  const wanted = Object.entries(manifest.default_permissions)
    .filter(([, access]) => access === (level === 'read' ? 'read' : 'write'))
    .map(([name]) => shown[name])
  expect(named.trim().split(', ').sort()).toEqual(wanted.sort())
})

test('the link of gates.md and that of `twokey init` fill in the same App', () => {
  const [, link = ''] =
    gates.match(/(https:\/\/github\.com\/organizations\/ORG\/settings\/apps\/new\?\S+)/) ?? []
  const made = new URL(gitHubAppLink(manifest, { owner: 'ORG', web: 'https://github.com' }))
  expect([...new URL(link).searchParams].toSorted()).toEqual([...made.searchParams].toSorted())
  for (const [name, access] of Object.entries(manifest.default_permissions))
    expect([name, made.searchParams.get(name)]).toEqual([name, access])
  expect(made.searchParams.getAll('events[]').sort()).toEqual([...manifest.default_events].sort())
})

test.each([
  ['https://api.github.com', 'https://github.com'],
  ['https://api.acme.ghe.com', 'https://acme.ghe.com'],
  ['https://ghe.acme.example/api/v3', 'https://ghe.acme.example'],
])('the pages of the GitHub with the API %s are at %s', (api, web) => {
  expect(gitHubPages(api)).toBe(web)
})
