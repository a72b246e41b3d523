import { describe, expect } from 'vitest'
import { configText, scenario } from './harness.ts'

const named = configText.replace('branch: main', 'branch: main\n    aws: { region: ap-northeast-2 }')

describe.concurrent('one ECS service whose region twokey.yml states in different ways', () => {
  scenario(
    'a deploy that awaits approval while the region is added goes on and keeps its lane',
    async ({ harness }) => {
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.restarts(named)
      await harness.answerTo('U0BEN', '/deploy prod')
      expect(harness.cards()).toHaveLength(1)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
    },
  )
})
