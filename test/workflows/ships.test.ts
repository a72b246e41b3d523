import { describe, expect } from 'vitest'
import { parse } from 'yaml'
import type { RolloutOutcome } from '../../sandbox/aws/outcomes.ts'
import { addService } from '../../sandbox/aws/seed-world.ts'
import { registry } from '../../sandbox/seed.ts'
import { deploysBesideHands, letGo, put as putWorkflow } from '../scenarios/by-hand.ts'
import { auditOf } from '../scenarios/chains.ts'
import { channel, type Harness, scenario } from '../scenarios/harness.ts'
import { ends, evidences, telling } from './evidence.ts'
import { textOf, withMap } from './files.ts'
import { environments, type Kind, kinds } from './kinds.ts'

/** The kinds whose jobs the sandbox runs, with the inputs that are sent. */
const shipping = kinds.filter(({ evidence }) => evidence === 'commit' || evidence === 'time')
const migrating = shipping.filter(({ services }) => services.includes('migration:'))

function configOf({ services, map }: Kind): string {
  const own = map.is === 'needed' ? withMap(services, map.lines) : services
  return `
slack: { channel: ${channel} }
polling: { active: 100ms, idle: 250ms, settle: 1s }
${environments}${own}`
}

/** The environment of blog-api that is deployed to: prod if it has one. */
function environmentOf({ services }: Kind): 'dev' | 'prod' {
  const { environments: own } = parse(services).services['blog-api']
  return own.prod ? 'prod' : 'dev'
}

const waits =
  /^.*aws ecs wait services-stable.*\n| *wait-for-service-stability: true\n|, wait-for-service-stability: true/gm
const isWaiting = ({ file }: Kind) => textOf(`files/${file}`).search(waits) >= 0

/** Sets up both branches with the workflow and everything it runs, and the account with what it deploys to. */
async function put(harness: Harness, kind: Kind, edited: (text: string) => string): Promise<void> {
  const { github, aws } = harness.sandbox
  const repository = github.world.repository()
  const files = {
    [`.github/workflows/${kind.file}`]: edited(textOf(`files/${kind.file}`)),
    ...Object.fromEntries(
      kind.companions.map((name) => [`.github/workflows/${name}`, edited(textOf(`companions/${name}`))]),
    ),
    ...Object.fromEntries(
      ['build-and-push.sh', 'render.sh', 'update-service.sh'].map((name) => [
        `scripts/${name}`,
        textOf(`scripts/${name}`),
      ]),
    ),
    'task-definition.json': JSON.stringify(await definitionInTheRepository(harness)),
  }
  for (const branch of ['develop', 'main']) {
    const { author, date } = repository.git.tip(`heads/${branch}`)!
    repository.commit(branch, { message: 'Deploy as the team does', author, date, files })
    // If the workflow does not build an image, another workflow did, at the push.
    aws.world.images.add(`${registry}:${tipOf(harness, branch)}`)
  }
  github.world.learnWorkflows(repository)
  await harness.ecs.registerTaskDefinition({
    family: 'blog-ad-hoc',
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    executionRoleArn: 'arn:aws:iam::123456789012:role/blog-execution',
    containerDefinitions: [{ name: 'job', image: `${registry}:${tipOf(harness, 'main')}`, essential: true }],
  })
  const yesterday = Date.now() - 86_400_000
  for (const [cluster, service, taskDefinition] of [
    ['blog-cluster-dev', 'blog-worker', 'blog-worker:7'],
    ['blog-cluster-prod', 'blog-worker', 'blog-worker:7'],
    ['blog-cluster-prod-eu', 'blog-api', 'blog-api:43'],
  ] as const)
    addService(aws.world, { cluster, service, desired: 1, history: [{ taskDefinition, at: yesterday }] })
}

function tipOf(harness: Harness, branch: string): string {
  return harness.sandbox.github.world.repository().git.tip(`heads/${branch}`)!.sha
}

/** As teams keep it in a file: without the fields that ECS sets. */
async function definitionInTheRepository(harness: Harness): Promise<object> {
  const { taskDefinition } = await harness.ecs.describeTaskDefinition({ taskDefinition: 'blog-api:43' })
  const { taskDefinitionArn, revision, status, requiresAttributes, compatibilities, ...rest } =
    taskDefinition!
  const { registeredAt, registeredBy, ...kept } = rest
  return kept
}

/** Ana requests a deploy; if approvals are required, Ben and Chloe give them. */
async function deploys(harness: Harness, kind: Kind): Promise<void> {
  const line = `/deploy ${environmentOf(kind)} blog-api`
  if (environmentOf(kind) === 'prod') await harness.approved(line)
  else await harness.types('U0ANA', line)
}

function revisionOf(harness: Harness, kind: Kind): number | undefined {
  return harness.sandbox.aws.world.service(`blog-cluster-${environmentOf(kind)}`, 'blog-api')?.taskDefinition
    .revision
}

const broken: RolloutOutcome = { kind: 'exits', code: 1, log: ['Cannot find module'] }

/** The outcomes of the run's rollouts: those of other environments that it deploys to first succeed. */
function outcomesOf({ file }: Kind): readonly RolloutOutcome[] {
  return file === 'pipeline.yml' ? [{ kind: 'runs' }, broken, broken] : [broken, broken]
}

describe.concurrent('recognizes what the run of a real kind of workflow did', () => {
  for (const kind of shipping) {
    const kindScenario = scenario.extend<{ config: string }>({ config: configOf(kind) })

    kindScenario(`${kind.file}: its rollout, by ${kind.evidence}, succeeds`, async ({ harness }) => {
      await put(harness, kind, (text) => text)
      const before = revisionOf(harness, kind)
      await deploys(harness, kind)
      const card = await harness.shows('succeeded')
      expect(revisionOf(harness, kind)).not.toBe(before)
      const [, sha] = /Deploy of ([0-9a-f]{7})/.exec(card.text) ?? []
      const serving = `serving blog-api:${revisionOf(harness, kind)}`
      expect(card.text).toContain(serving)
      expect(card.text.includes(`${serving} (${sha})`)).toBe(kind.evidence === 'commit')
    })

    kindScenario(`${kind.file}: its rollout fails, the breaker takes it back`, async ({ harness }) => {
      await put(harness, kind, (text) => text)
      harness.sandbox.aws.world.rollouts.next(...outcomesOf(kind))
      await deploys(harness, kind)
      expect(await harness.ends()).toBe('rolled back')
      expect(harness.cards().at(-1)?.text).not.toContain('nothing was deployed')
    })

    if (isWaiting(kind))
      kindScenario(
        `${kind.file}: without a wait its run ends well, the rollout does not`,
        async ({ harness }) => {
          await put(harness, kind, (text) => text.replaceAll(waits, ''))
          harness.sandbox.aws.world.rollouts.next(...outcomesOf(kind))
          await deploys(harness, kind)
          expect(await harness.ends()).toBe('rolled back')
          expect(harness.cards().at(-1)?.text).toMatch(/Workflow run #\d+\* succeeded/)
        },
      )
  }

  const pipeline = shipping.find(({ file }) => file === 'pipeline.yml')!
  scenario.extend<{ config: string }>({ config: configOf(pipeline) })(
    'pipeline.yml: the job of dev fails before that of prod: failed, and prod is as it was',
    async ({ harness }) => {
      await put(harness, pipeline, (text) => text)
      harness.sandbox.aws.world.rollouts.next(broken)
      await deploys(harness, pipeline)
      const card = await harness.shows('failed')
      expect(card.text).toContain('nothing was deployed')
      expect(card.text).toMatch(/in the job dev/)
      expect(harness.serving()).toBe('blog-api:43')
    },
  )

  for (const kind of migrating)
    scenario.extend<{ config: string }>({ config: configOf(kind) })(
      `${kind.file}: its migration fails, whatever the run makes of it`,
      async ({ harness }) => {
        await put(harness, kind, (text) => text)
        harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: ['duplicate key'] })
        await deploys(harness, kind)
        const card = await harness.shows('failed')
        expect(card.text).toContain('exit code 1')
      },
    )
})

/** Breaks the run's own rollout; a manual rollout before it succeeds. */
function breaks(harness: Harness, evidence: (typeof evidences)[number]): void {
  const own = [broken, broken]
  harness.sandbox.aws.world.rollouts.next(...(evidence === 'log' ? [{ kind: 'runs' } as const, ...own] : own))
}

/** What is changed outside for each end, and the resulting workflow. */
const prepared: Readonly<
  Record<keyof typeof ends, (harness: Harness, evidence: (typeof evidences)[number]) => string>
> = {
  'its rollout succeeds': (_, evidence) => telling[evidence],
  'its rollout fails, the breaker takes it back': (harness, evidence) => {
    breaks(harness, evidence)
    return telling[evidence]
  },
  'without a wait its run ends well, the rollout does not': (harness, evidence) => {
    breaks(harness, evidence)
    return telling[evidence].replaceAll(waits, '')
  },
  'its migration fails': (harness, evidence) => {
    harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: ['duplicate key'] })
    return telling[evidence]
  },
}

describe.concurrent('one piece of evidence decides which rollout is the run’s own', () => {
  for (const evidence of evidences)
    for (const end of Object.keys(ends) as (keyof typeof ends)[])
      scenario(`the ${evidence} decides which rollout is the run’s own: ${end}`, async ({ harness }) => {
        const text = prepared[end](harness, evidence)
        if (evidence === 'log') {
          const step = end === 'its migration fails' ? 'Test' : 'Render'
          await deploysBesideHands(harness, text, step)
          letGo(harness)
        } else {
          putWorkflow(harness, text)
          await harness.approved()
        }
        expect(await harness.ends()).toBe(ends[end])
        const card = harness.cards().at(-1)!
        if (end === 'its migration fails') return
        expect(card.text).not.toContain('nothing was deployed')
        const detail = (await auditOf(harness.folder)).find(({ what }) => what === 'end decided')?.detail
        expect(detail).toMatchObject({
          rollouts: [
            {
              evidence: evidence === 'log' ? 'time' : evidence,
              decidedBy: evidence === 'log' ? 'log' : null,
            },
          ],
        })
      })
})
