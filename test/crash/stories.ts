import type { Pace } from '../../src/sandbox/pace.ts'
import type { CrashTown } from './town.ts'

/** What people do, and how it has to end. */
export type Story = {
  readonly pace: Partial<Pace>
  /** Until the end of every release is told. */
  play(town: CrashTown): Promise<unknown>
  /** How many answers Eli gets, to himself alone. */
  readonly answers: number
  /** The outcomes of its releases, the oldest first. */
  readonly ends: readonly string[]
  /** The revisions that ECS rolled out, the oldest first. */
  readonly rollsOut: readonly string[]
}

const approved = async (town: CrashTown) => {
  await town.types('U0ANA', '/deploy prod')
  await town.shows('awaiting approval')
  await town.presses('U0ELI', 'approve')
  await town.presses('U0BEN', 'approve')
  await town.presses('U0CHLOE', 'approve')
}

/** The run stays in its first step for as long as anybody looks. */
const still = { jobStep: 600_000 }

export const stories = {
  /** Ana asks, Eli may not approve, Ben and Chloe do. */
  deploy: {
    pace: {},
    answers: 1,
    async play(town) {
      await approved(town)
      await town.isTold()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** Eli asks what runs; Ana goes back to 42, Ben approves. */
  rollback: {
    pace: {},
    answers: 1,
    async play(town) {
      await town.types('U0ELI', '/deploy status')
      await town.types('U0ANA', '/rollback blog-api 42')
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      await town.isTold()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:42'],
  },
  /** Ana stops her deploy while it runs. */
  cancel: {
    pace: still,
    answers: 1,
    async play(town) {
      await approved(town)
      await town.shows('running', 'unknown')
      await town.presses('U0ANA', 'cancel')
      await town.isTold()
    },
    ends: ['cancelled'],
    rollsOut: [],
  },
  /** A rollback takes the place of a deploy that runs. */
  'take the place': {
    pace: still,
    answers: 1,
    async play(town) {
      await approved(town)
      await town.shows('running', 'unknown')
      await town.types('U0ANA', '/rollback blog-api 42')
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      await town.isTold()
    },
    ends: ['superseded', 'succeeded'],
    rollsOut: ['blog-api:42'],
  },
} satisfies Record<string, Story>

export type StoryName = keyof typeof stories
