import { deployPath, deployWorkflow } from '../github/workflow-file.ts'
import type { Sandbox } from '../sandbox.ts'
import { slack as seed, services } from '../seed.ts'
import type { Thread } from '../slack/entities.ts'
import { endStates } from './card-states.ts'

const channel = seed.channel.id
const prod = services.prod

/** One scripted release, with its expected end. */
type Scene = {
  readonly title: string
  /** Prepares the sandbox. */
  readonly arrange: (sandbox: Sandbox) => void
  /** What Ana types. Null: what `arrange` pushes starts a run, which waits at the gate. */
  readonly command: string | null
  readonly approvers: readonly string[]
  readonly end: string
  /** Checks the state of AWS afterwards, independently of what the channel shows. */
  readonly check: (sandbox: Sandbox) => boolean
}

const scenes: readonly Scene[] = [
  {
    title: 'Ana deploys, Ben and Chloe approve',
    arrange: () => {},
    command: '/deploy prod',
    approvers: ['U0BEN', 'U0CHLOE'],
    end: 'blog-api prod: succeeded',
    check: (sandbox) => isServing(sandbox, 'blog-api:44'),
  },
  {
    title: 'The migration fails: nothing is rolled out',
    arrange: ({ aws, github }) => {
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
    command: '/deploy prod',
    approvers: ['U0BEN', 'U0CHLOE'],
    end: 'blog-api prod: failed',
    check: (sandbox) => isServing(sandbox, 'blog-api:44'),
  },
  {
    title: 'The new tasks become unhealthy: the circuit breaker rolls back',
    arrange: ({ aws, github }) => {
      github.world.push('main', { message: 'Rename the database settings (#125)' })
      aws.world.unhealthy('next')
    },
    command: '/deploy prod',
    approvers: ['U0BEN', 'U0APPROVER'],
    end: 'blog-api prod: rolled back',
    check: (sandbox) => isServing(sandbox, 'blog-api:44'),
  },
  {
    title: 'Ana rolls back to revision 42, Ben approves',
    arrange: () => {},
    command: '/rollback blog-api 42',
    approvers: ['U0BEN'],
    end: 'blog-api prod: succeeded',
    check: (sandbox) => isServing(sandbox, 'blog-api:42'),
  },
  {
    title: 'Ana pushes: the run waits at the gate until Ben and Chloe approve',
    arrange: ({ github }) => {
      const files = { [deployPath]: deployWorkflow() }
      const sha = github.world.push('main', { message: 'Deploy every push to main (#126)', files })
      github.world.check(sha, { name: 'test', conclusion: 'success' })
    },
    command: null,
    approvers: ['U0BEN', 'U0CHLOE'],
    end: 'blog-api prod: succeeded',
    check: (sandbox) => isServing(sandbox, 'blog-api:46') && isStartedBy(sandbox, 'push'),
  },
]

/** The maximum duration of one wait in a scene, ms. */
const patience = 120_000

/** Runs all scenes and prints the channel; returns 0 only if each ended as expected. */
export async function play(sandbox: Sandbox, print: (text: string) => void): Promise<0 | 1> {
  const wrong: string[] = []
  for (const scene of scenes) {
    const trouble = await playOne(sandbox, scene).catch((error: Error) => error.message)
    print(`${trouble ? '✗' : '✓'} ${scene.title}`)
    if (trouble) wrong.push(`${scene.title}: ${trouble}`)
  }
  print(`\n${sandbox.slack.transcript(channel)}`)
  for (const line of wrong) print(`✗ ${line}`)
  if (wrong.length === 0) print('\nAll five scenes ended as expected.')
  return wrong.length === 0 ? 0 : 1
}

async function playOne(sandbox: Sandbox, scene: Scene): Promise<string | null> {
  const { slack } = sandbox
  const before = slack.workspace.messages(channel).length
  scene.arrange(sandbox)
  if (scene.command !== null) {
    const typed = await slack.as('U0ANA').types(channel, scene.command)
    if (typed.outcome !== 'acknowledged') return `${scene.command} was not acknowledged: ${typed.outcome}`
  }
  const card = () => slack.workspace.messages(channel)[before]
  await slack.until(() => hasState(card(), 'awaiting approval'), { ms: patience })
  for (const approver of scene.approvers) {
    const clicked = await slack.as(approver).clicks({ channel, ts: card()!.ts, actionId: 'twokey:approve' })
    if (clicked.outcome !== 'acknowledged')
      return `the click of ${approver} was not acknowledged: ${clicked.outcome}`
  }
  await slack.until(() => hasEnded(card()), { ms: patience })
  const text = card()!.text
  if (!text.startsWith(scene.end)) return `ended as "${text.split('\n')[0]}", not as "${scene.end}"`
  await slack.until(() => card()!.replies.some(({ text }) => text.includes(scene.end.split(': ')[1]!)), {
    ms: patience,
  })
  return scene.check(sandbox) ? null : 'AWS does not run the expected revision'
}

function hasState(card: Thread | undefined, state: string): boolean {
  return card?.text.startsWith(`blog-api prod: ${state}`) ?? false
}

function hasEnded(card: Thread | undefined): boolean {
  return endStates.some((state) => hasState(card, state))
}

function isServing({ aws }: Sandbox, revision: string): boolean {
  const service = aws.world.service(prod.cluster, prod.service)
  return (
    service !== undefined &&
    `${service.taskDefinition.family}:${service.taskDefinition.revision}` === revision
  )
}

/** Whether the newest run was started by this event. */
function isStartedBy({ github }: Sandbox, event: string): boolean {
  return github.world.repository().runs.at(-1)?.event === event
}
