import { describe, expect } from 'vitest'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { services } from '../../sandbox/seed.ts'
import { environmentChain } from '../../src/store/store.ts'
import { auditOf } from './chains.ts'
import { channel, type Harness, scenario, stateOf } from './harness.ts'

/** The deploy workflow without its push trigger. */
const dispatched = deployWorkflow().replace(/ {2}push:\n.*\n/, '')

/** The workflow ships to prod, whatever its inputs say. */
const alwaysProd = dispatched.replace(/CLUSTER: .*/, `CLUSTER: ${services.prod.cluster}`)
/** Nothing that it leaves in ECS names the release, but its image still carries the commit. */
const withoutTag = alwaysProd
  .replace(/RELEASE_ID: .*/, 'RELEASE_ID: ""')
  .replace(/STARTED_BY: .*/, 'STARTED_BY: GitHub-Actions')
/** Its image carries no commit either, so only the run's log says where it shipped. */
const withoutCommit = withoutTag.replace(/IMAGE: (.*:).*/, 'IMAGE: $1nightly')

const expression = (text: string) => `\${{ ${text} }}`

/** It ships the tip of main, whatever its inputs say. */
const alwaysTip = dispatched
  .replace(/IMAGE: (.*:).*/, `IMAGE: $1${expression('github.sha')}`)
  .replace(/RELEASE_ID: .*/, 'RELEASE_ID: ""')

/** Commits this workflow to both branches, which starts no run. */
function put(harness: Harness, text: string): void {
  for (const branch of ['develop', 'main'])
    harness.sandbox.github.world.push(branch, { message: 'Change CI', files: { [deployPath]: text } })
}

function notices(harness: Harness): readonly string[] {
  return harness.sandbox.slack.workspace
    .messages(channel)
    .filter(
      ({ metadata, text }) => metadata?.event_type === 'twokey_notice' && text.includes('without approval'),
    )
    .map(({ text }) => text)
}

describe.concurrent('a run that ships more than was approved', () => {
  scenario.for([
    ['its tag', alwaysProd],
    ['the commit of its image', withoutTag],
    ['the log of its run', withoutCommit],
  ] as const)(
    'fails a release of dev whose run also shipped to prod, and reports that where it shipped, in audit and status: recognized by %s',
    async ([, text], { harness }) => {
      put(harness, text)
      await harness.types('U0ANA', '/deploy dev')
      const card = await harness.shows('failed')
      expect(harness.serving()).toBe('blog-api:44')
      expect(card.text).toContain('blog-api in prod')
      await harness.sandbox.slack.until(() => notices(harness).length > 0)
      const [notice, ...more] = notices(harness)
      expect(more).toEqual([])
      for (const fact of [
        'blog-api in prod',
        'blog-api in dev',
        'blog-api:44',
        '<@U0ANA>',
        'S0DEPLOYERS',
        'U0APPROVER',
        'S0ONCALL',
      ])
        expect(notice).toContain(fact)
      const row = (await auditOf(harness.folder)).find(
        ({ chain, what }) => chain === environmentChain('prod') && what === 'changed beyond approval',
      )
      expect(row?.detail).toMatchObject({ service: 'blog-api', environment: 'dev' })
      expect(await harness.answerTo('U0ANA', '/deploy status prod')).toContain('changed without approval')
    },
  )

  scenario.for([
    ['its image', withoutTag],
    ['the log of its run', withoutCommit],
  ] as const)(
    'reports what the run also shipped, though another run of the same commit was in progress: recognized by %s',
    async ([, text], { harness }) => {
      put(harness, text)
      const { world } = harness.sandbox.github
      const { git, runs } = world.repository()
      world.next = { holdAt: 'Smoke test' }
      await harness.types('U0ANA', '/deploy dev')
      await harness.sandbox.aws.until(() => harness.serving() === 'blog-api:44')
      const own = runs.at(-1)!
      const tip = git.tip('heads/develop')!
      git.refs.set('heads/feature', { type: 'commit', sha: tip.sha })
      world.next = { failStep: 'Install' }
      world.startRun({ branch: 'feature', commit: tip, event: 'push' })
      world.letGo(own.id)
      await harness.shows('unchanged')
      const [notice] = await harness.sandbox.slack.until(() => {
        const told = notices(harness)
        return told.length > 0 ? told : undefined
      })
      expect(notice).toContain('blog-api in prod')
      expect(notice).toContain('or another run')
    },
  )

  scenario(
    'does not blame a release of dev for what a push of the same commit ships to prod meanwhile',
    async ({ harness }) => {
      const { world } = harness.sandbox.github
      const { git } = world.repository()
      const commit = git.tip('heads/develop')!
      world.next = { holdAt: 'Smoke test' }
      await harness.types('U0ANA', '/deploy dev')
      await harness.shows('baking')
      const ours = world.repository().runs.at(-1)!
      git.refs.set('heads/main', { type: 'commit', sha: commit.sha })
      world.startRun({ branch: 'main', commit, event: 'push' })
      await harness.sandbox.aws.until(() => harness.serving() !== 'blog-api:43')
      world.letGo(ours.id)
      await harness.shows('succeeded')
      expect(notices(harness)).toEqual([])
    },
  )

  scenario(
    'fails the release, names both commits and mentions the approvers if another commit than approved goes live',
    async ({ harness }) => {
      put(harness, alwaysTip)
      const { git } = harness.sandbox.github.world.repository()
      const [tip, before] = git.history(git.tip('heads/main')!.sha).map(({ sha }) => sha)
      await harness.approved(`/deploy prod blog-api ${before}`)
      const card = await harness.shows('failed')
      expect(stateOf(card)).toMatch(/^failed/)
      for (const sha of [tip, before]) expect(card.text).toContain(sha!.slice(0, 7))
      const end = await harness.threadPost(/was approved/)
      expect(end.broadcast).toBe(true)
      for (const id of ['U0ANA', 'S0ONCALL', 'S0DEPLOYERS']) expect(end.text).toContain(id)
    },
  )
})

describe.concurrent('a request, before approvals are requested', () => {
  const renamed = (inputs: string) =>
    `on:\n  workflow_dispatch:\n    inputs:\n${inputs.replaceAll(/^/gm, '      ')}\njobs: {}\n`

  scenario.for([
    [
      'the environment has another name and a default',
      'env: { type: choice, options: [dev, production], default: production }',
      'input_missing',
      'env: $environment',
    ],
    [
      'no input says which environment is meant, as where the branch decides',
      'sha: { type: string }',
      'input_missing',
      'environmentFrom: branch',
    ],
    [
      'no input says which environment is meant, as where each has a file of its own',
      'release_id: { type: string }',
      'input_missing',
      'workflow: deploy-dev.yml',
    ],
    [
      'the environment is written in capitals',
      'Environment: { type: choice, options: [dev, production], required: true }',
      'input_missing',
      'Environment: $environment',
    ],
    [
      'what ships has a default',
      'environment: { type: string, required: true }\nversion: { type: string, default: main }',
      'input_missing',
      'version: $sha',
    ],
    [
      'the options lack production',
      'environment: { type: choice, options: [dev, staging], required: true }',
      'input_invalid',
      'dev, staging',
    ],
    [
      'the commit goes into a boolean',
      'environment: { type: string }\nsha: { type: boolean }',
      'input_invalid',
      'sha',
    ],
  ] as const)(
    'refuses the request, says what to add and posts no card: %s',
    async ([, inputs, code, lines], { harness }) => {
      put(harness, renamed(inputs))
      const answer = await harness.answerTo('U0ANA', '/deploy prod')
      expect(answer).toContain(code)
      expect(answer).toContain(lines)
      expect(harness.cards()).toEqual([])
      expect(harness.dispatches()).toBe(0)
    },
  )

  scenario(
    'shows the inputs, what else starts the workflow, and a run in progress on the card',
    async ({ harness }) => {
      const { world } = harness.sandbox.github
      world.next = { holdAt: 'Build' }
      world.push('main', { message: 'Ship me' })
      await harness.types('U0ANA', '/deploy prod')
      const card = await harness.shows('awaiting approval')
      const run = world.repository().runs.at(-1)!
      for (const fact of ['environment = production', 'push to main', `workflow run #${run.number}`, 'push'])
        expect(card.text).toContain(fact)
      expect(await harness.answerTo('U0ANA', '/deploy status prod')).toContain('push to main')
      world.letGo(run.id)
    },
  )
})
