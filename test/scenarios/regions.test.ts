import { describe, expect } from 'vitest'
import { configText, story } from './harness.ts'

const named = configText.replace('branch: main', 'branch: main\n    aws: { region: ap-northeast-2 }')

describe.concurrent('an ECS service is one, however twokey.yml names its region', () => {
  story(
    'a deploy awaits approval while the region is written down: it goes on, and holds its lane',
    async ({ town }) => {
      await town.says('U0ANA', '/deploy prod')
      await town.shows('awaiting approval')
      await town.restarts(named)
      await town.asks('U0BEN', '/deploy prod')
      expect(town.cards()).toHaveLength(1)
      await town.presses('U0BEN', 'approve')
      await town.presses('U0CHLOE', 'approve')
      expect(await town.ends()).toBe('succeeded')
    },
  )
})
