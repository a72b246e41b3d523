import { describe, expect } from 'vitest'
import { configText, story } from './harness.ts'

const named = configText.replace('branch: main', 'branch: main\n    aws: { region: ap-northeast-2 }')

describe.concurrent('one ECS service whose region twokey.yml states in different ways', () => {
  story(
    'a deploy that awaits approval while the region is added goes on and keeps its lane',
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
