import type { Sandbox } from '../sandbox.ts'
import { slack as seed, services } from '../seed.ts'
import type { Thread } from '../slack/entities.ts'
import { dispatchedAlone } from './repository.ts'

const channel = seed.channel.id
const prod = services.prod

/** One scripted release, with its expected end. */
type Scene = {
  readonly title: string
  /** Prepares the sandbox. */
  readonly given: (sandbox: Sandbox) => void
  readonly typed: string
  readonly approvers: readonly string[]
  readonly ends: string
  /** Checks the state of AWS afterwards, independently of what the channel shows. */
  readonly holds: (sandbox: Sandbox) => boolean
}

const scenes: readonly Scene[] = [
  {
    title: 'Ana ships, Ben and Chloe approve',
    given: () => {},
    typed: '/deploy prod',
    approvers: ['U0BEN', 'U0CHLOE'],
    ends: 'blog-api prod: succeeded',
    holds: (sandbox) => serves(sandbox, 'blog-api:44'),
  },
  {
    title: 'The migration fails: nothing is rolled out',
    given: ({ aws, github }) => {
      github.world.push('main', { message: 'Make slugs unique (#124)' })
      aws.world.migrations.next({
        kind: 'exits',
        code: 1,
        log: [
          'Migrating blog 117 → 118: add unique index on posts.slug',
          'ERROR: could not create unique index: key (slug)=(hello) is duplicated',
        ],
      })
    },
    typed: '/deploy prod',
    approvers: ['U0BEN', 'U0CHLOE'],
    ends: 'blog-api prod: failed',
    holds: (sandbox) => serves(sandbox, 'blog-api:44'),
  },
  {
    title: 'The tasks turn unhealthy: the circuit breaker rolls back',
    given: ({ aws, github }) => {
      github.world.push('main', { message: 'Rename the database settings (#125)' })
      aws.world.unhealthy('next')
    },
    typed: '/deploy prod',
    approvers: ['U0BEN', 'U0APPROVER'],
    ends: 'blog-api prod: rolled back',
    holds: (sandbox) => serves(sandbox, 'blog-api:44'),
  },
  {
    title: 'Ana goes back to revision 42, Ben approves',
    given: () => {},
    typed: '/rollback blog-api 42',
    approvers: ['U0BEN'],
    ends: 'blog-api prod: succeeded',
    holds: (sandbox) => serves(sandbox, 'blog-api:42'),
  },
]

/** The maximum duration of one wait in a scene, ms. */
const patience = 120_000

/** Plays all scenes and prints the channel; returns 0 only if each ended as expected. */
export async function play(sandbox: Sandbox, print: (text: string) => void): Promise<0 | 1> {
  dispatchedAlone(sandbox)
  const wrong: string[] = []
  for (const scene of scenes) {
    const trouble = await playOne(sandbox, scene).catch((error: Error) => error.message)
    print(`${trouble ? '✗' : '✓'} ${scene.title}`)
    if (trouble) wrong.push(`${scene.title}: ${trouble}`)
  }
  print(`\n${sandbox.slack.transcript(channel)}`)
  for (const line of wrong) print(`✗ ${line}`)
  if (wrong.length === 0) print('\nAll four ended as they should.')
  return wrong.length === 0 ? 0 : 1
}

async function playOne(sandbox: Sandbox, scene: Scene): Promise<string | null> {
  const { slack } = sandbox
  scene.given(sandbox)
  const before = slack.workspace.messages(channel).length
  const typed = await slack.as('U0ANA').types(channel, scene.typed)
  if (typed.outcome !== 'acknowledged') return `${scene.typed} was not acknowledged: ${typed.outcome}`
  const card = () => slack.workspace.messages(channel)[before]
  await slack.until(() => says(card(), 'awaiting approval'), { ms: patience })
  for (const approver of scene.approvers) {
    const clicked = await slack.as(approver).clicks({ channel, ts: card()!.ts, actionId: 'twokey:approve' })
    if (clicked.outcome !== 'acknowledged')
      return `the click of ${approver} was not acknowledged: ${clicked.outcome}`
  }
  await slack.until(() => isOver(card()), { ms: patience })
  const text = card()!.text
  if (!text.startsWith(scene.ends)) return `ended as "${text.split('\n')[0]}", not as "${scene.ends}"`
  await slack.until(() => card()!.replies.some(({ text }) => text.includes(scene.ends.split(': ')[1]!)), {
    ms: patience,
  })
  return scene.holds(sandbox) ? null : 'the channel and the world disagree on what is serving'
}

function says(card: Thread | undefined, state: string): boolean {
  return card?.text.startsWith(`blog-api prod: ${state}`) ?? false
}

const ends = [
  'succeeded',
  'failed',
  'rolled back',
  'rollback failed',
  'unchanged',
  'rejected',
  'cancelled',
  'expired',
  'superseded',
  'stopped',
  'unknown',
]

function isOver(card: Thread | undefined): boolean {
  return ends.some((state) => says(card, state))
}

function serves({ aws }: Sandbox, revision: string): boolean {
  const service = aws.world.service(prod.cluster, prod.service)
  return (
    service !== undefined &&
    `${service.taskDefinition.family}:${service.taskDefinition.revision}` === revision
  )
}
