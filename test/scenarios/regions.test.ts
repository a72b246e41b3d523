import { describe, expect } from 'vitest'
import { configText, story } from './harness.ts'

const named = configText.replace('branch: main', 'branch: main\n    aws: { region: ap-northeast-2 }')

describe.concurrent('an ECS service is one, however twokey.yml names its region', () => {
  story(
    'a deploy awaits approval while the region is written down: it goes on, and holds its lane',
    async ({ harness }) => {
      await harness.says('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.restarts(named)
      await harness.asks('U0BEN', '/deploy prod')
      expect(harness.cards()).toHaveLength(1)
      await harness.presses('U0BEN', 'approve')
      await harness.presses('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
    },
  )
})
