import type { Pace } from '../../src/sandbox/pace.ts'
import { registry, revisions } from '../../src/sandbox/seed.ts'
import { dispatchRoute } from '../scenarios/harness.ts'
import type { CrashTown } from './harness.ts'

/** Each under its name. */
function named<Name extends string>(stories: Readonly<Record<Name, Story>>) {
  return stories
}

/** What people do, and how it has to end. */
export type Story = {
  readonly pace?: Partial<Pace>
  /** Until the end of every release, and every notice, is told. */
  play(town: CrashTown): Promise<unknown>
  /** How many answers Eli gets at least, to himself alone. */
  readonly answers?: number
  /** The outcomes of its releases, the oldest first. */
  readonly ends?: readonly string[]
  /** The revisions that ECS rolled out, the oldest first. */
  readonly rollsOut?: readonly string[]
  /** What the channel is told of no release, as the audit names it, but for what was only said again. */
  readonly notices?: readonly string[]
  /** What is locked at the end, and by whom. */
  readonly locked?: readonly (readonly [environment: string, service: string | null, by: string])[]
}

const approved = async (town: CrashTown) => {
  await town.types('U0ANA', '/deploy prod')
  await town.shows('awaiting approval')
  await town.presses('U0ELI', 'approve')
  await town.presses('U0BEN', 'approve')
  await town.presses('U0CHLOE', 'approve')
}

const rolledBack = async (town: CrashTown) => {
  await town.types('U0ANA', '/rollback blog-api 42')
  await town.shows('awaiting approval')
  await town.presses('U0BEN', 'approve')
}

const rejected = async (town: CrashTown) => {
  await town.types('U0ANA', '/deploy prod')
  await town.shows('awaiting approval')
  await town.presses('U0BEN', 'reject')
}

/** The run stays in its first step for as long as anybody looks. */
const still = { jobStep: 600_000 }

const hour = 60 * 60_000

/** GitHub's status where it starts nothing for a rate limit. */
export const rateLimited = 429

export const stories = named({
  /** Ana asks, Eli may not approve, Ben and Chloe do. */
  deploy: {
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
    answers: 1,
    async play(town) {
      await town.types('U0ELI', '/deploy status')
      await rolledBack(town)
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
  },
  /** Somebody rolls out 42 over a deploy whose run goes on after its end; Ana cancels the run. */
  'run goes on': {
    answers: 1,
    async play(town) {
      town.sandbox.github.world.next = { holdAt: 'Smoke test' }
      await approved(town)
      await town.reads(/Rollout.{0,300}succeeded/)
      await town.byHand('blog-api:42')
      await town.shows('superseded')
      await town.presses('U0ANA', 'cancel')
      await town.tells('run-ended')
    },
    ends: ['superseded'],
    rollsOut: ['blog-api:44', 'blog-api:42'],
  },
  /** A rollback takes the place of a deploy that runs. */
  'take the place': {
    pace: still,
    answers: 1,
    async play(town) {
      await approved(town)
      await town.shows('running', 'unknown')
      await rolledBack(town)
      await town.isTold()
    },
    ends: ['superseded', 'succeeded'],
    rollsOut: ['blog-api:42'],
  },
  /** Somebody deletes the card before Ana cancels. */
  'card deleted': {
    async play(town) {
      await town.types('U0ANA', '/deploy prod')
      await town.shows('awaiting approval')
      town.deletes(await town.tells('asked'))
      await town.types('U0ANA', '/deploy cancel')
      await town.isTold()
    },
    ends: ['cancelled'],
  },
  /** Ben turns his key, takes it back, and turns it again. */
  withdraw: {
    async play(town) {
      await town.types('U0ANA', '/deploy prod')
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      await town.offers('withdraw')
      await town.presses('U0BEN', 'withdraw')
      await town.tells('withdrawn')
      await town.presses('U0CHLOE', 'approve')
      await town.presses('U0BEN', 'approve')
      await town.isTold()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** The tag of 42 means another image before Ben turns his key: it is void, and Chloe turns hers. */
  'asked again': {
    async play(town) {
      const { sha } = revisions.find(({ revision }) => revision === 42) ?? { sha: 'gone' }
      await town.types('U0ANA', '/rollback blog-api 42')
      await town.shows('awaiting approval')
      town.sandbox.aws.world.retag(`${registry}:${sha}`)
      await town.byHand('blog-api:42')
      await town.byHand('blog-api:43')
      await town.presses('U0BEN', 'approve')
      await town.tells('voided')
      await town.reads(/asked for anew/i)
      await town.presses('U0CHLOE', 'approve')
      await town.isTold()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:42', 'blog-api:43', 'blog-api:42'],
  },
  /** Ben rejects, and gives no reason. */
  reject: {
    async play(town) {
      await rejected(town)
      await town.isTold()
    },
    ends: ['rejected'],
  },
  /** Ben rejects, and says why. */
  'say why': {
    async play(town) {
      await rejected(town)
      await town.submits('U0BEN', { 'twokey-form:reason': 'It breaks the feed' })
      await town.isTold()
      await town.tells('explained')
    },
    ends: ['rejected'],
  },
  /** Ana cancels before the first key, asks for the same again, and cancels that. */
  retry: {
    async play(town) {
      await town.types('U0ANA', '/deploy prod')
      await town.shows('awaiting approval')
      await town.presses('U0ANA', 'cancel')
      await town.offers('retry')
      await town.presses('U0ANA', 'retry')
      await town.shows('awaiting approval')
      await town.rests()
      await town.presses('U0ANA', 'cancel')
      await town.isTold()
    },
    ends: ['cancelled', 'cancelled'],
  },
  /** Ana presses the way back after a deploy. */
  'roll back': {
    answers: 1,
    async play(town) {
      await approved(town)
      await town.offers('roll-back')
      await town.presses('U0ANA', 'roll-back')
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      await town.isTold()
    },
    ends: ['succeeded', 'succeeded'],
    rollsOut: ['blog-api:44', 'blog-api:43'],
  },
  /** GitHub never heard of the dispatch: Chloe has it looked for once more, then says what is so. */
  settle: {
    answers: 1,
    async play(town) {
      town.sandbox.github.faults.queue(dispatchRoute, { kind: 'reset' })
      await approved(town)
      await town.offers('look-again')
      await town.presses('U0CHLOE', 'look-again')
      await town.tells('ended', 2)
      await town.offers('settle')
      await town.presses('U0CHLOE', 'settle')
      await town.tells('settled')
      await town.isTold()
    },
    ends: ['unknown'],
  },
  /** GitHub starts nothing at first and asks to wait. */
  'rate limit': {
    answers: 1,
    async play(town) {
      const body = { message: 'You have exceeded a secondary rate limit.' }
      const headers = { 'retry-after': '1' }
      town.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: rateLimited, body, headers })
      await approved(town)
      await town.isTold()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** With one key; nobody sees that it shipped until they are reminded of it. */
  emergency: {
    async play(town) {
      await town.types('U0ANA', '/deploy prod --emergency checkout is down')
      await town.shows('awaiting approval')
      await town.presses('U0CHLOE', 'approve')
      await town.isTold()
      await town.passes(5 * hour)
      await town.tells('unacknowledged')
      await town.offers('acknowledge')
      await town.presses('U0BEN', 'acknowledge')
      await town.tells('acknowledged')
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** Eli locks prod, Ben takes over by word, Chloe by a press; Ben lifts it, and Eli locks dev. */
  lock: {
    async play(town) {
      await town.types('U0ELI', '/deploy lock prod the database moves')
      await town.noticed(/<@U0ELI> locked \*prod\*/)
      await town.types('U0BEN', '/deploy lock prod --take the sale goes on')
      await town.noticed(/<@U0BEN> took over/)
      await town.types('U0CHLOE', '/deploy lock prod an incident')
      await town.pressesAlone('U0CHLOE', 'take-over-lock')
      await town.noticed(/<@U0CHLOE> took over/)
      await town.types('U0BEN', '/deploy unlock prod')
      await town.noticed(/<@U0BEN> unlocked/)
      await town.types('U0ELI', '/deploy lock dev a demo')
      await town.noticed(/<@U0ELI> locked \*dev\*/)
    },
    notices: ['locked', 'lock taken over', 'lock taken over', 'unlocked', 'locked'],
    locked: [['dev', null, 'U0ELI']],
  },
  /** While the bot is down one lock ends, and it is time to remind of another. */
  'locks in time': {
    async play(town) {
      await town.types('U0ELI', '/deploy lock prod the database moves')
      await town.noticed(/<@U0ELI> locked \*prod\*/)
      await town.types('U0BEN', '/deploy lock prod blog-api for 2h the sale goes on')
      await town.noticed(/<@U0BEN> locked/)
      await town.passes(4 * hour)
      await town.noticed(/you still hold/)
    },
    notices: ['locked', 'locked', 'lock ended', 'lock reminded'],
    locked: [['prod', null, 'U0ELI']],
  },
  /** Ana keeps out what she has just taken back. */
  'lock after a rollback': {
    async play(town) {
      await rolledBack(town)
      await town.isTold()
      await town.offers('lock')
      await town.presses('U0ANA', 'lock')
      await town.noticed(/<@U0ANA> locked/)
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:42'],
    notices: ['locked'],
    locked: [['prod', 'blog-api', 'U0ANA']],
  },
  /** Ben pushes past the keys. */
  'started on GitHub': {
    pace: still,
    async play(town) {
      await town.looked(3)
      town.sandbox.github.world.push('main', { message: 'Past the keys', author: 'Ben' })
      await town.noticed(/was started on GitHub/)
    },
    notices: ['started on GitHub'],
  },
  /** Eli reads what happened, and how to ask. */
  questions: {
    answers: 3,
    async play(town) {
      await town.types('U0ELI', '/deploy history')
      await town.types('U0ELI', '/deploy help')
      await town.types('U0ELI', '/deploy the moon')
    },
  },
})

export type StoryName = keyof typeof stories
