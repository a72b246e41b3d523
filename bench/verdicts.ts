import { setTimeout as pause } from 'node:timers/promises'
import { appSpecOf } from '../sandbox/aws/codedeploy/seed.ts'
import type { Queue } from '../sandbox/aws/queue.ts'
import { deployPath, workerWorkflow } from '../sandbox/github/workflow-file.ts'
import { cardIn } from './crowd.ts'
import { mean, percentile } from './figures.ts'
import { type Fleet, forAnyService, openFleet, type Ship } from './fleet.ts'
import { startProgram } from './processes.ts'
import {
  codeDeploymentOf,
  ends,
  hooks,
  type Place,
  prepare,
  rolloutOf,
  type Story,
  stories,
  type Truth,
} from './stories.ts'
import { type Clients, clientsTo, type WaiterName, type WaiterVerdict, waitFor } from './waiters.ts'

/**
 * What twokey and the waiters of the SDK say of the same rollouts, whether it is true, and how long after it became true,
 * in real time: `node bench/verdicts.ts`, about ten minutes. `node bench/verdicts.ts 5 aws-actions` plays the stories
 * from there only, with tasks that start in 5 s. All stories of a pass run at once, each with a service of its own. In
 * the first pass twokey polls, beside the waiters; in the second it also has the events of AWS.
 */

const [startSeconds = '40', ...only] = process.argv.slice(2)
const chosen = stories.filter(({ from }) => only.length === 0 || only.some((each) => from.includes(each)))
const taskStart = Number(startSeconds) * 1_000
const pace = { jobStep: 200, taskStart, migration: 1_000, scheduler: 250 }
/** How often what is true and what is said is looked at, ms. */
const lookMs = 100
/** How long a pass waits for what twokey says, ms: the slowest story takes about three minutes. */
const passMs = 180_000 + 3 * taskStart
/** How long the waiters have, from the beginning of the bench, ms: eleven minutes. */
const waitersMs = 60_000 + 15 * taskStart

type Said = { readonly verdict: string; readonly at: number }

/** A story in progress, and what was seen of it. */
type Played = {
  readonly story: Story
  readonly ship: Ship
  readonly place: Place
  trueAt: number | null
  said: Said | null
  /** When the messages about its service were sent, ms since the epoch. */
  readonly messages: number[]
  readonly waiters: Partial<Record<WaiterName, Promise<Said | null>>>
  hasBegun: boolean
}

/** A pass whose sandbox still runs, since waiters may wait in it. */
type Pass = { readonly played: readonly Played[]; readonly close: () => Promise<void> }

async function play(learns: 'by polling' | 'by events', abort?: AbortSignal): Promise<Pass> {
  const fleet = await openFleet({ count: chosen.length, required: 0, pace, files: filesOf(), learns })
  const { world } = fleet.sandbox.aws
  const clients = clientsTo(fleet.env, 'others')
  const played = chosen.map((story, index): Played => {
    const ship = fleet.ships[index]!
    const place = { world, service: world.service('blog-cluster-prod', ship.service)! }
    return {
      story,
      ship,
      place,
      trueAt: null,
      said: null,
      messages: [],
      waiters: {},
      hasBegun: false,
    }
  })
  for (const { story, place } of played) prepare(story, place)
  for (const queue of world.queues.values()) noteMessages(queue, played)
  const twokey = await startProgram('twokey', fleet.env)
  try {
    await followAll(fleet, played, { clients, abort })
  } finally {
    await twokey.stop()
  }
  return { played, close: () => fleet.close() }
}

/** A workflow that updates the service and ends without waiting, so that what is measured is not its own waiter. */
function filesOf(): Readonly<Record<string, string>> {
  const workflow = forAnyService(workerWorkflow())
    .replace('CONTAINER: worker', 'CONTAINER: api')
    .replace('wait-for-service-stability: true', 'wait-for-service-stability: false')
  const balancer = { containerName: 'api', containerPort: 8080 }
  return {
    [deployPath]: workflow,
    'appspec.yaml': appSpecOf({ loadBalancers: [balancer] }, '<TASK_DEFINITION>', hooks),
  }
}

/** Notes when the queue gets a message about each service. */
function noteMessages(queue: Queue, played: readonly Played[]): void {
  const send = queue.send.bind(queue)
  queue.send = (body, options) => {
    const name = /blog-\d{3}/.exec(body)?.[0]
    played.find(({ ship }) => ship.service === name)?.messages.push(Date.now())
    send(body, options)
  }
}

type Following = { readonly clients: Clients; readonly abort: AbortSignal | undefined }

async function followAll(fleet: Fleet, played: readonly Played[], following: Following): Promise<void> {
  const { slack } = fleet.sandbox
  const all = followed(fleet, played, following)
  // One after the other: GitHub accepts a dispatch a second, and releases that wait for it hold up the others.
  for (const { ship } of played) {
    const dispatched = fleet.dispatched()
    await slack.as('U0ANA').types(ship.channel, `/deploy prod-${ship.service} ${ship.service}`)
    await dispatched
  }
  await all
}

async function followed(fleet: Fleet, played: readonly Played[], following: Following): Promise<void> {
  const until = Date.now() + passMs
  while (Date.now() < until && played.some(({ said, trueAt }) => said === null || trueAt === null)) {
    for (const each of played) look(fleet, each, following)
    await pause(lookMs)
  }
}

function look({ sandbox }: Fleet, each: Played, following: Following): void {
  const { story, ship, place } = each
  const card = cardIn(sandbox.slack, ship.channel)
  const texts = [card, ...(card?.replies ?? [])].flatMap((message) => message?.text ?? [])
  each.trueAt ??= story.truth.since(place)
  each.said ??= saidIn(texts, story.truth)
  if (each.hasBegun || !isUpdated(each)) return
  each.hasBegun = true
  story.afterUpdate?.(place, following.clients).catch((error: unknown) => console.error(story.what, error))
  if (following.abort !== undefined) startWaiters(each, following.clients, following.abort)
}

function isUpdated({ story, place }: Played): boolean {
  return (story.controller === 'ECS' ? rolloutOf(place) : codeDeploymentOf(place)) !== undefined
}

/** What the card or its thread says, if it is an end, or that the rollout stands still in a story in which it does. */
function saidIn(texts: readonly string[], truth: Truth): Said | null {
  const verdict = texts.map((text) => verdictIn(text, truth)).find((each) => each !== null)
  return verdict == null ? null : { verdict, at: Date.now() }
}

/** Each text begins with the service, its environment and the state. */
function verdictIn(text: string, { says }: Truth): string | null {
  const [, state = ''] = /^[^:\n]+: ([^\n]+)/.exec(text) ?? []
  if (typeof says === 'object' && state === 'rolling out' && says.stuck.test(text)) return 'stuck'
  if (says === 'paused' && state === 'paused') return 'paused'
  return ends.find((end) => end === state) ?? null
}

function startWaiters(each: Played, clients: Clients, abortSignal: AbortSignal): void {
  const { service } = each.place
  const rollout = rolloutOf(each.place)
  const deployment = codeDeploymentOf(each.place)
  const waited = {
    cluster: service.cluster.name,
    service: service.name,
    taskDefinition:
      rollout?.target.taskDefinition.taskDefinitionArn ?? deployment?.revision.spec.taskDefinition ?? '',
    codeDeployment: deployment?.id ?? null,
  }
  for (const name of ['plain', 'best'] as const)
    each.waiters[name] = waitFor(name, waited, clients, { maxWaitTime: 3_600, abortSignal }).then(
      (verdict) => verdict && { verdict, at: Date.now() },
    )
}

/** Who was asked, with what each said of a story and from when the delay counts. */
type Party = {
  readonly name: string
  readonly isRight: (said: Said | null, truth: Truth) => boolean
  readonly column: readonly { readonly said: Said | null; readonly from: number | null }[]
}

/**
 * Whether the rollout stands still, which only the card shows: when is decided by Slack's limit of 50 edits a minute for all
 * cards together, so that no delay is counted.
 */
const standsStill = ({ says }: Truth): boolean => typeof says === 'object' || says === 'paused'

/** twokey has to name the end. */
const names = (said: Said | null, { says }: Truth): boolean =>
  said?.verdict === (typeof says === 'object' ? 'stuck' : says)

/** A waiter has two words; it is right if it says whether the release succeeded, and of one that stands it says nothing. */
const tellsSuccess = (said: Said | null, truth: Truth): boolean => {
  const right: WaiterVerdict =
    truth.forWaiters ?? (truth.says === 'succeeded' ? 'succeeded' : 'not succeeded')
  return !standsStill(truth) && said?.verdict === right
}

async function waiterColumn(name: WaiterName, { played }: Pass): Promise<Party['column']> {
  return Promise.all(
    played.map(async ({ waiters, trueAt }) => ({ said: (await waiters[name]) ?? null, from: trueAt })),
  )
}

function twokeyColumn({ played }: Pass, from: 'the change' | 'its message'): Party['column'] {
  return played.map(({ said, trueAt, messages }) => {
    if (from === 'the change' || trueAt === null || said === null) return { said, from: trueAt }
    return { said, from: messages.find((at) => at >= trueAt && at <= said.at) ?? trueAt }
  })
}

function cell({ isRight, column }: Party, index: number): string {
  const { said, from } = column[index]!
  const { truth } = chosen[index]!
  if (said === null) return ':x: nothing'
  const delay =
    from === null || truth.certain || standsStill(truth) ? '' : `, ${((said.at - from) / 1_000).toFixed(1)} s`
  return `${isRight(said, truth) ? '' : ':x: '}${said.verdict}${delay}`
}

function truthWords({ truth: { says, certain } }: Story): string {
  return `${typeof says === 'object' ? 'stuck' : says}${certain ? `, certain ${certain}` : ''}`
}

function summary({ name, isRight, column }: Party): string {
  const right = column.filter(({ said }, index) => isRight(said, chosen[index]!.truth))
  const delays = column.flatMap(({ said, from }, index) => {
    const { truth } = chosen[index]!
    const isTimed = !truth.certain && !standsStill(truth)
    return said !== null && from !== null && isTimed && isRight(said, truth) ? said.at - from : []
  })
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
  const figures =
    delays.length === 0
      ? ['–', '–', '–']
      : [mean(delays), percentile(delays, 0.5), percentile(delays, 0.95)].map(seconds)
  return `| ${name} | ${right.length} of ${column.length} | ${figures.join(' | ')} |`
}

const waiting = new AbortController()
const waitersEnd = setTimeout(() => waiting.abort(), waitersMs)
const polling = await play('by polling', waiting.signal)
const events = await play('by events')
const parties: readonly Party[] = [
  { name: 'twokey, polling', isRight: names, column: twokeyColumn(polling, 'the change') },
  { name: 'twokey, with events', isRight: names, column: twokeyColumn(events, 'its message') },
  { name: 'waiter, 15 s, and a check', isRight: tellsSuccess, column: await waiterColumn('best', polling) },
  { name: 'waiter as it comes', isRight: tellsSuccess, column: await waiterColumn('plain', polling) },
]
clearTimeout(waitersEnd)
console.log(`| story | what happens | truth | ${parties.map(({ name }) => name).join(' | ')} |`)
console.log(`|---|---|---|${parties.map(() => '---|').join('')}`)
for (const [index, story] of chosen.entries())
  console.log(
    `| ${story.from} | ${story.what} | ${truthWords(story)} | ${parties.map((party) => cell(party, index)).join(' | ')} |`,
  )
console.log('\n| | right | mean | p50 | p95 |\n|---|---|---|---|---|')
for (const party of parties) console.log(summary(party))
for (const { played } of [polling, events])
  for (const { story, trueAt } of played)
    if (trueAt === null) {
      console.error(`the sandbox did not play to its end: ${story.what}`)
      process.exitCode = 1
    }
await polling.close()
await events.close()
