import { setTimeout as pause } from 'node:timers/promises'
import { account } from '../../sandbox/github/people.ts'
import type { Pace } from '../../sandbox/pace.ts'
import { registry, revisions } from '../../sandbox/seed.ts'
import { dispatchRoute, people } from '../scenarios/harness.ts'
import type { CrashHarness } from './harness.ts'

/** Gives each scenario its name. */
function named<Name extends string>(scenarios: Readonly<Record<Name, CrashScenario>>) {
  return scenarios
}

/** What people do, and how it must end. */
export type CrashScenario = {
  readonly pace?: Partial<Pace>
  /** Lines of twokey.yml that link Slack accounts to logins on GitHub. */
  readonly people?: string
  /** Runs until the end of every release, and every notice, is posted. */
  run(harness: CrashHarness): Promise<unknown>
  /** Minimum number of answers that only Eli sees. */
  readonly answers?: number
  /** The outcomes of its releases, oldest first. */
  readonly ends?: readonly string[]
  /** The revisions that ECS rolled out, oldest first. */
  readonly rollsOut?: readonly string[]
  /** The notices that belong to no release, by their audit name, without mere repetitions. */
  readonly notices?: readonly string[]
  /** What is locked at the end, and by whom. */
  readonly locked?: readonly (readonly [environment: string, service: string | null, by: string])[]
}

const approved = async (harness: CrashHarness) => {
  await harness.types('U0ANA', '/deploy prod')
  await harness.shows('awaiting approval')
  await harness.clicks('U0ELI', 'approve')
  await harness.clicks('U0BEN', 'approve')
  await harness.clicks('U0CHLOE', 'approve')
}

const rolledBack = async (harness: CrashHarness) => {
  await harness.types('U0ANA', '/rollback blog-api 42')
  await harness.shows('awaiting approval')
  // She typed it again while nothing answered: that is refused while the first one waits.
  await harness.allHandled()
  await harness.clicks('U0BEN', 'approve')
}

const rejected = async (harness: CrashHarness) => {
  await harness.types('U0ANA', '/deploy prod')
  await harness.shows('awaiting approval')
  await harness.clicks('U0BEN', 'reject')
}

/** From now on deployments of prod shift a tenth of their traffic, and then wait for a person. */
const deploysByCanary = ({ sandbox }: CrashHarness) => {
  const service = sandbox.aws.world.service('blog-cluster-prod', 'blog-api')
  if (!service) throw new Error('the sandbox has blog-api on prod')
  service.configuration = {
    ...service.configuration,
    strategy: 'CANARY',
    bakeTimeInMinutes: 0,
    canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 0 },
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_PRODUCTION_TRAFFIC_SHIFT'] }],
  }
}

/** The run stays in its first step for as long as anybody looks. */
const still = { jobStep: 600_000 }

const hour = 60 * 60_000

/** GitHub's status if it starts nothing because of a rate limit. */
export const rateLimited = 429

export const scenarios = named({
  /** Ana requests, Eli may not approve, Ben and Chloe do. */
  deploy: {
    answers: 1,
    async run(harness) {
      await approved(harness)
      await harness.endIsPosted()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** Eli asks for the status; Ana rolls back to 42, Ben approves. */
  rollback: {
    answers: 1,
    async run(harness) {
      await harness.types('U0ELI', '/deploy status')
      await rolledBack(harness)
      await harness.endIsPosted()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:42'],
  },
  /** Ana cancels her deploy while it runs. */
  cancel: {
    pace: still,
    answers: 1,
    async run(harness) {
      await approved(harness)
      await harness.shows('running', 'unknown')
      await harness.clicks('U0ANA', 'cancel')
      await harness.endIsPosted()
    },
    ends: ['cancelled'],
  },
  /** Somebody rolls out 42 over a deploy whose run continues after its end; Ana cancels the run. */
  'run outlives its release': {
    answers: 1,
    async run(harness) {
      harness.sandbox.github.world.next = { holdAt: 'Smoke test' }
      await approved(harness)
      await harness.reads(/Rollout.{0,300}succeeded/)
      await harness.byHand('blog-api:42')
      await harness.shows('superseded')
      await harness.clicks('U0ANA', 'cancel')
      await harness.threadPost('run-ended')
    },
    ends: ['superseded'],
    rollsOut: ['blog-api:44', 'blog-api:42'],
  },
  /** A rollback replaces a running deploy. */
  'replace a deploy': {
    pace: still,
    answers: 1,
    async run(harness) {
      await approved(harness)
      await harness.shows('running', 'unknown')
      await rolledBack(harness)
      await harness.endIsPosted()
    },
    ends: ['superseded', 'succeeded'],
    rollsOut: ['blog-api:42'],
  },
  /** Somebody deletes the card before Ana cancels. */
  'card deleted': {
    async run(harness) {
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      harness.deletes(await harness.threadPost('asked'))
      await harness.types('U0ANA', '/deploy cancel')
      await harness.endIsPosted()
    },
    ends: ['cancelled'],
  },
  /** Ben approves, withdraws his approval, and approves again. */
  withdraw: {
    async run(harness) {
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.offers('withdraw')
      await harness.clicks('U0BEN', 'withdraw')
      await harness.threadPost('withdrawn')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.clicks('U0BEN', 'approve')
      await harness.endIsPosted()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** The tag of 42 resolves to another image before Ben approves: his approval is void, and Chloe approves. */
  'approval void': {
    async run(harness) {
      const { sha } = revisions.find(({ revision }) => revision === 42) ?? { sha: 'gone' }
      await harness.types('U0ANA', '/rollback blog-api 42')
      await harness.shows('awaiting approval')
      harness.sandbox.aws.world.retag(`${registry}:${sha}`)
      await harness.byHand('blog-api:42')
      await harness.byHand('blog-api:43')
      await harness.clicks('U0BEN', 'approve')
      await harness.threadPost('voided')
      await harness.reads(/requested again/i)
      await harness.clicks('U0CHLOE', 'approve')
      await harness.endIsPosted()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:42', 'blog-api:43', 'blog-api:42'],
    notices: ['deployed outside twokey', 'deployed outside twokey'],
  },
  /** Ben rejects without a reason. */
  reject: {
    async run(harness) {
      await rejected(harness)
      await harness.endIsPosted()
    },
    ends: ['rejected'],
  },
  /** Ben rejects with a reason. */
  'reject with a reason': {
    async run(harness) {
      await rejected(harness)
      await harness.submits('U0BEN', { 'twokey-form:reason': 'It breaks the feed' })
      await harness.endIsPosted()
      await harness.threadPost('explained')
    },
    ends: ['rejected'],
  },
  /** Ana cancels before the first approval, requests the same again, and cancels that. */
  retry: {
    async run(harness) {
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0ANA', 'cancel')
      await harness.offers('retry')
      await harness.clicks('U0ANA', 'retry')
      await harness.shows('awaiting approval')
      await harness.isQuiet()
      await harness.clicks('U0ANA', 'cancel')
      await harness.endIsPosted()
    },
    ends: ['cancelled', 'cancelled'],
  },
  /** The run of a deploy fails; Ana has its failed jobs run again, Ben and Chloe approve. */
  're-run': {
    answers: 1,
    async run(harness) {
      harness.sandbox.github.world.next = { failStep: 'Build' }
      await approved(harness)
      await harness.offers('re-run')
      await harness.clicks('U0ANA', 're-run')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.endIsPosted()
    },
    ends: ['failed', 'succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** Ana clicks Roll back after a deploy. */
  'roll back': {
    answers: 1,
    async run(harness) {
      await approved(harness)
      await harness.offers('roll-back')
      await harness.clicks('U0ANA', 'roll-back')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.endIsPosted()
    },
    ends: ['succeeded', 'succeeded'],
    rollsOut: ['blog-api:44', 'blog-api:43'],
  },
  /** A canary waits for a person, and Ben and Chloe continue it. */
  'continue a canary': {
    answers: 1,
    async run(harness) {
      deploysByCanary(harness)
      await approved(harness)
      await harness.offers('continue')
      await harness.clicks('U0BEN', 'continue')
      await harness.clicks('U0CHLOE', 'continue')
      await harness.endIsPosted()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** A canary waits for a person, and Ana rolls it back. */
  'roll back a canary': {
    answers: 1,
    async run(harness) {
      deploysByCanary(harness)
      await approved(harness)
      await harness.offers('continue')
      await harness.clicks('U0ANA', 'stop-rollout')
      await harness.endIsPosted()
    },
    ends: ['rolled back'],
    rollsOut: ['blog-api:44'],
  },
  /** GitHub never received the dispatch: Chloe has twokey look again, then settles the release. */
  settle: {
    answers: 1,
    async run(harness) {
      harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'reset' })
      await approved(harness)
      await harness.offers('look-again')
      await harness.clicks('U0CHLOE', 'look-again')
      await harness.threadPost('ended', 2)
      await harness.offers('settle')
      await harness.clicks('U0CHLOE', 'settle')
      await harness.threadPost('settled')
      await harness.endIsPosted()
    },
    ends: ['unknown'],
  },
  /** GitHub starts nothing at first, because of a rate limit. */
  'rate limit': {
    answers: 1,
    async run(harness) {
      const body = { message: 'You have exceeded a secondary rate limit.' }
      const headers = { 'retry-after': '1' }
      harness.sandbox.github.faults.queue(dispatchRoute, {
        kind: 'answer',
        status: rateLimited,
        body,
        headers,
      })
      await approved(harness)
      await harness.endIsPosted()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** With one approval; nobody acknowledges it until the reminder. */
  emergency: {
    async run(harness) {
      await harness.types('U0ANA', '/deploy prod --emergency checkout is down')
      await harness.shows('awaiting approval')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.endIsPosted()
      await harness.passes(5 * hour)
      await harness.threadPost('unacknowledged')
      await harness.offers('acknowledge')
      await harness.clicks('U0BEN', 'acknowledge')
      await harness.threadPost('acknowledged')
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** Eli locks prod, Ben takes over by command, Chloe by a click; Ben lifts the lock, and Eli locks dev. */
  lock: {
    async run(harness) {
      await harness.types('U0ELI', '/deploy lock prod the database moves')
      await harness.noticed(/<@U0ELI> locked \*prod\*/)
      await harness.types('U0BEN', '/deploy lock prod --take the sale goes on')
      await harness.noticed(/<@U0BEN> took over/)
      await harness.types('U0CHLOE', '/deploy lock prod an incident')
      await harness.pressesAlone('U0CHLOE', 'take-over-lock')
      await harness.noticed(/<@U0CHLOE> took over/)
      await harness.types('U0BEN', '/deploy unlock prod')
      await harness.noticed(/<@U0BEN> unlocked/)
      await harness.types('U0ELI', '/deploy lock dev a demo')
      await harness.noticed(/<@U0ELI> locked \*dev\*/)
    },
    notices: ['locked', 'lock taken over', 'lock taken over', 'unlocked', 'locked'],
    locked: [['dev', null, 'U0ELI']],
  },
  /** While the bot is down one lock ends, and a reminder of another is due. */
  'lock expiry and reminder': {
    async run(harness) {
      await harness.types('U0ELI', '/deploy lock prod the database moves')
      await harness.noticed(/<@U0ELI> locked \*prod\*/)
      await harness.types('U0BEN', '/deploy lock prod blog-api for 2h the sale goes on')
      await harness.noticed(/<@U0BEN> locked/)
      await harness.passes(4 * hour)
      await harness.noticed(/is still active/)
    },
    notices: ['locked', 'locked', 'lock ended', 'lock reminded'],
    locked: [['prod', null, 'U0ELI']],
  },
  /** Ana locks what she has just rolled back. */
  'lock after a rollback': {
    async run(harness) {
      await rolledBack(harness)
      await harness.endIsPosted()
      await harness.offers('lock')
      await harness.clicks('U0ANA', 'lock')
      await harness.noticed(/<@U0ANA> locked/)
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:42'],
    notices: ['locked'],
    locked: [['prod', 'blog-api', 'U0ANA']],
  },
  /** Ben starts the workflow on GitHub, without approvals. */
  'started on GitHub': {
    pace: still,
    async run(harness) {
      await harness.looked(3)
      harness.sandbox.github.world.push('main', { message: 'Past the approvals', author: 'Ben' })
      await harness.noticed(/was started directly on GitHub/)
    },
    notices: ['started on GitHub'],
  },
  /** Somebody rolls out 42 by hand. */
  'deployed outside twokey': {
    async run(harness) {
      await harness.watches()
      await harness.byHand('blog-api:42')
      await harness.noticed(/was deployed outside twokey/)
    },
    rollsOut: ['blog-api:42'],
    notices: ['deployed outside twokey'],
  },
  /** The tasks of prod begin to exit. */
  'tasks keep failing': {
    async run(harness) {
      await harness.watches()
      await harness.crashLoops()
      await harness.noticed(/keep failing/)
    },
    notices: ['tasks keep failing'],
  },
  /** Ana pushes, and the run waits at the gate of production, which twokey's account may open; Ben and Chloe approve. */
  'run at the gate': {
    people,
    async run(harness) {
      const { world } = harness.sandbox.github
      world.repository().environment('production')!.reviewers = [account('twokey-bot')]
      await harness.looked(3)
      world.push('main', { message: 'Show drafts to their authors', author: 'Ana' })
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      await harness.endIsPosted()
    },
    ends: ['succeeded'],
    rollsOut: ['blog-api:44'],
  },
  /** Eli reads the history and the help. */
  'history and help': {
    answers: 3,
    async run(harness) {
      await harness.types('U0ELI', '/deploy history')
      await harness.types('U0ELI', '/deploy help')
      await harness.types('U0ELI', '/deploy the moon')
    },
  },
  /** Eli, Ana and Chloe want direct messages. Ana requests; Ben rejects once it was decided whom to ask. */
  'direct messages': {
    answers: 1,
    async run(harness) {
      for (const user of ['U0ELI', 'U0ANA', 'U0CHLOE']) await harness.types(user, '/deploy notify on')
      await harness.types('U0ANA', '/deploy prod')
      while (!harness.bot.passed.includes('approvers addressed')) await pause(20)
      await harness.clicks('U0BEN', 'reject')
      await harness.endIsPosted()
    },
    ends: ['rejected'],
  },
})

export type ScenarioName = keyof typeof scenarios
