import { describe, expect } from 'vitest'
import type { Message } from '../../sandbox/slack/entities.ts'
import { configText, scenario } from './harness.ts'

const textOf = ({ text, blocks }: Message) => `${text} ${JSON.stringify(blocks)}`

/** twokey.yml with the names of another repository, or with a typo. */
const misnamed = scenario.extend<{ config: string }>({
  config: configText
    .replace('containers: [api]', 'containers: [web]')
    .replace('family: blog-api-migrate', 'family: blog-api-migrate, container: api'),
})
/** The names of another environment, with those of prod beside them. */
const named = scenario.extend<{ config: string }>({
  config: configText
    .replace('containers: [api]', 'containers: [api-dev]')
    .replace('family: blog-api-migrate', 'family: blog-api-migrate, container: migrate-dev')
    .replace(
      'blog-cluster-prod, service: blog-api',
      'blog-cluster-prod, service: blog-api, containers: [api], migration: { container: migrate }',
    ),
})
const mistyped = scenario.extend<{ config: string }>({
  config: configText.replace('family: blog-api-migrate', 'family: blog-api-migrat'),
})

describe.concurrent('names of twokey.yml that ECS does not have', () => {
  misnamed(
    'names missing containers on the card before anyone approves, and the existing ones',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      const card = textOf(await harness.shows('awaiting approval'))
      expect(card).toContain('blog-api:43 has api, but not web')
      expect(card).toContain('blog-api-migrate:12 has migrate, but not api')
      expect(textOf(await harness.threadPost(/Deploy requested/))).toContain('not web')
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('failed')
      expect(textOf(harness.cards()[0]!)).toContain('has no container api')
    },
  )

  named(
    'reports nothing as missing if another environment’s names exist for this one, and knows the commit',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      const card = textOf(await harness.shows('awaiting approval'))
      expect(card).not.toMatch(/api-dev|migrate-dev|but not/)
      expect(card).toContain('blog-api:43')
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      const end = await harness.shows('succeeded')
      expect(end.text).toContain('exit code 0')
      expect(end.text).not.toContain('matched by time only')
    },
  )

  mistyped('names a missing migration family on the card, and the deploy goes on', async ({ harness }) => {
    await harness.types('U0ANA', '/deploy prod')
    expect(textOf(await harness.shows('awaiting approval'))).toContain('blog-api-migrat')
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(textOf(await harness.threadPost(/Serving now/))).toContain('o migration was found')
  })
})
