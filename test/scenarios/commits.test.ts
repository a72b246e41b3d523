import { describe, expect } from 'vitest'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { registry, revisions } from '../../sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { configText, type Harness, scenario } from './harness.ts'

const commitRoute = 'GET /repos/{owner}/{repo}/commits/{ref}'
const [serving] = revisions.filter(({ revision }) => revision === 43)

/** The tag of the image, and what else in the task definition names its commit. */
type Naming = { readonly tag: string; readonly rendered?: string }

/** The shipped commit, in an expression of GitHub and in a filter of jq. */
const sha = `\${{ inputs.sha || github.sha }}`
const variable = (name: string, value = '$sha') => `.environment = [{name: "${name}", value: ${value}}]`

/** Commits to both branches a workflow that names its commit in this way only: no tag, no `startedBy` for twokey. */
function put(harness: Harness, { tag, rendered }: Naming): void {
  const ofContainer = '(.containerDefinitions[] | select(.name == $name))'
  const text = deployWorkflow()
    .replace(/ {2}push:\n.*\n/, '')
    .replace(/STARTED_BY: .*/, 'STARTED_BY: GitHub-Actions')
    .replace(/RELEASE_ID: .*/, 'RELEASE_ID: ""')
    .replace(/IMAGE: .*/, () => `IMAGE: ${registry}:${tag}`)
    .replace('| jq --arg name', '| jq --arg sha "$SHA" --arg name')
    .replace(`'${ofContainer}.image = $image`, (all) =>
      rendered === undefined ? all : `${all}\n              | ${ofContainer}${rendered}`,
    )
  const { world } = harness.sandbox.github
  for (const branch of ['develop', 'main'])
    world.push(branch, { message: 'Change CI', files: { [deployPath]: text } })
}

const tip = ({ sandbox }: Harness) => sandbox.github.world.repository().git.tip('heads/main')!.sha
const words = (blocks: unknown) => JSON.stringify(blocks)

/** What the rollout carried when the release ended, according to the audit log. */
async function carried(harness: Harness): Promise<unknown> {
  return (await auditOf(harness.folder)).find(({ what }) => what === 'end decided')?.detail
}
const commit = (found: string) => ({
  rollouts: [{ carried: [{ container: 'api', carries: 'commit', commit: found }] }],
})
const nothing = { rollouts: [{ carried: [{ container: 'api', carries: 'nothing' }] }] }

describe.concurrent('a deploy whose image names its commit in a usual way', () => {
  scenario.for<[string, Naming]>([
    ['git-<sha>', { tag: `git-${sha}` }],
    ['<timestamp>-<sha>', { tag: `20261128164500-${sha}` }],
    ['<branch>-<sha>-<run number>', { tag: `main-${sha}-42` }],
    ['latest, and DD_VERSION', { tag: 'latest', rendered: variable('DD_VERSION') }],
    [
      'latest, and a label',
      { tag: 'latest', rendered: '.dockerLabels = {"org.opencontainers.image.revision": $sha}' },
    ],
    [
      'a build number, and SENTRY_RELEASE',
      { tag: '1234567a', rendered: variable('SENTRY_RELEASE', '"blog-api@\\($sha)"') },
    ],
  ])(
    'recognizes the rollout by its commit, in status and in the next request: %s',
    async ([, naming], { harness }) => {
      put(harness, naming)
      await harness.approved()
      await harness.shows('succeeded')
      expect(await carried(harness)).toMatchObject(commit(tip(harness)))
      const short = tip(harness).slice(0, 7)
      expect(await harness.answerTo('U0ANA', '/deploy status prod')).toContain(`blog-api:44 (${short})`)
      expect(await harness.answerTo('U0ANA', '/deploy prod')).toContain('nothing_to_deploy')
      harness.sandbox.github.world.push('main', { message: 'Next' })
      await harness.types('U0ANA', '/deploy prod')
      const card = await harness.shows('awaiting approval')
      expect(words(card.blocks)).toContain(' · 1 commit · ')
    },
  )
})

describe.concurrent('a build number that is a hex word', () => {
  scenario(
    'matches a rollout with a build number by time, and shows no commit for it',
    async ({ harness }) => {
      put(harness, { tag: '1234567a' })
      await harness.approved()
      const card = await harness.shows('succeeded')
      expect(await carried(harness)).toMatchObject(nothing)
      expect(harness.serving()).toBe('blog-api:44')
      const status = await harness.answerTo('U0ANA', '/deploy status prod')
      const history = await harness.answerTo('U0ANA', '/deploy history prod')
      // The sandbox's AWS account has the same first digits.
      for (const said of [words([card.text, card.blocks, card.replies]), status, history])
        expect(said).not.toMatch(/1234567(?!89012)/)
      harness.sandbox.github.world.push('main', { message: 'Next' })
      await harness.types('U0ANA', '/deploy prod')
      expect(words((await harness.shows('awaiting approval')).blocks)).toContain(
        'the running commit is not known',
      )
    },
  )

  scenario(
    'shows no commit for a build number in the list of revisions to roll back to',
    async ({ harness }) => {
      put(harness, { tag: '1234567a' })
      await harness.approved()
      await harness.shows('succeeded')
      await harness.types('U0ANA', '/rollback blog-api 43')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      await harness.types('U0ANA', '/rollback blog-api')
      const form = await harness.sandbox.slack.until(({ views }) => {
        const sent = words(views.open('U0ANA').at(-1)?.sent)
        return sent?.includes('blog-api:44') ? sent : undefined
      })
      expect(form).toContain('blog-api:44 · commit not known')
      expect(form).not.toContain('1234567')
    },
  )

  scenario(
    'does not delay a rollback to a build number while GitHub does not answer',
    async ({ harness }) => {
      put(harness, { tag: '1234567a' })
      await harness.approved()
      await harness.shows('succeeded')
      await harness.restarts()
      const fault = { kind: 'answer', status: 502 } as const
      harness.sandbox.github.faults.queue(commitRoute, fault, { times: 1_000 })
      await harness.types('U0ANA', '/rollback blog-api 42')
      await harness.shows('awaiting approval')
      const status = await harness.answerTo('U0ANA', '/deploy status prod')
      expect(status).toContain('its commit is not known: GitHub')
      await harness.clicks('U0BEN', 'approve')
      await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:42')
    },
  )
})

describe.concurrent('an image that is tagged with the last commit of its folder', () => {
  const folder = { tag: serving!.sha, rendered: variable('APP_COMMIT') }
  const named = scenario.extend<{ config: string }>({
    config: configText.replace('containers: [api]', 'containers: [api]\n    commitFrom: { env: APP_COMMIT }'),
  })

  scenario(
    'fails a release whose image names its folder’s last commit, and suggests commitFrom',
    async ({ harness }) => {
      put(harness, folder)
      await harness.approved()
      const card = await harness.shows('failed')
      expect(card.text).toContain(serving!.sha.slice(0, 7))
      expect(card.text).toContain('commitFrom')
    },
  )

  named('uses only the variable that commitFrom names', async ({ harness }) => {
    put(harness, folder)
    await harness.types('U0ANA', '/deploy prod')
    expect(words((await harness.shows('awaiting approval')).blocks)).toContain(
      'has no variable APP_COMMIT, which',
    )
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('succeeded')
    expect(await carried(harness)).toMatchObject(commit(tip(harness)))
    const short = tip(harness).slice(0, 7)
    expect(await harness.answerTo('U0ANA', '/deploy status prod')).toContain(`blog-api:44 (${short})`)
    await harness.restarts(configText)
    const tagged = await harness.answerTo('U0ANA', '/deploy status prod')
    expect(tagged).toContain(`blog-api:44 (${serving!.sha.slice(0, 7)})`)
  })

  named(
    'matches a rollout by time if commitFrom names a variable that is missing, and says so',
    async ({ harness }) => {
      put(harness, { tag: folder.tag })
      await harness.approved()
      const card = await harness.shows('succeeded')
      expect(await carried(harness)).toMatchObject(nothing)
      expect(card.text).toContain('APP_COMMIT')
    },
  )

  scenario('keeps the commitFrom of the request for a release in progress', async ({ harness }) => {
    put(harness, { tag: `git-${sha}` })
    harness.sandbox.github.world.next = { holdAt: 'Smoke test' }
    await harness.approved()
    await harness.sandbox.aws.until(() => harness.serving() === 'blog-api:44')
    await harness.restarts(
      configText.replace('containers: [api]', 'containers: [api]\n    commitFrom: { env: APP_COMMIT }'),
    )
    harness.sandbox.github.world.letGo(harness.sandbox.github.world.repository().runs.at(-1)!.id)
    await harness.shows('succeeded')
    expect(await carried(harness)).toMatchObject(commit(tip(harness)))
  })
})

scenario('names both commits of a tag that has two commits of the repository', async ({ harness }) => {
  put(harness, { tag: `${sha}-${serving!.sha}-1234567a` })
  await harness.approved()
  const card = await harness.shows('succeeded')
  const both = [tip(harness), serving!.sha].map((each) => each.slice(0, 7))
  for (const short of both) expect(card.text).toContain(short)
  expect(card.text).not.toContain('1234567')
  const status = await harness.answerTo('U0ANA', '/deploy status prod')
  for (const short of both) expect(status).toContain(short)
})
