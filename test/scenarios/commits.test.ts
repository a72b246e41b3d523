import { describe, expect } from 'vitest'
import { deployPath, deployWorkflow } from '../../src/sandbox/github/workflow-file.ts'
import { registry, revisions } from '../../src/sandbox/seed.ts'
import { auditOf } from './chains.ts'
import { configText, story, type Town } from './harness.ts'

const commitRoute = 'GET /repos/{owner}/{repo}/commits/{ref}'
const [serving] = revisions.filter(({ revision }) => revision === 43)

/** What the image is tagged with, and what else the task definition says of its commit. */
type Naming = { readonly tag: string; readonly rendered?: string }

/** The commit that is shipped, in an expression of GitHub and in a filter of jq. */
const sha = `\${{ inputs.sha || github.sha }}`
const variable = (name: string, value = '$sha') => `.environment = [{name: "${name}", value: ${value}}]`

/** Both branches carry a workflow that names its commit like this, and nothing else: no tag, no `startedBy` of twokey. */
function put(town: Town, { tag, rendered }: Naming): void {
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
  const { world } = town.sandbox.github
  for (const branch of ['develop', 'main'])
    world.push(branch, { message: 'Change CI', files: { [deployPath]: text } })
}

const tip = ({ sandbox }: Town) => sandbox.github.world.repository().git.tip('heads/main')!.sha
const words = (blocks: unknown) => JSON.stringify(blocks)

/** What the rollout carried when the release ended, as the audit has it. */
async function carried(town: Town): Promise<unknown> {
  return (await auditOf(town.folder)).find(({ what }) => what === 'end decided')?.detail
}
const commit = (found: string) => ({
  rollouts: [{ carried: [{ container: 'api', carries: 'commit', commit: found }] }],
})
const nothing = { rollouts: [{ carried: [{ container: 'api', carries: 'nothing' }] }] }

describe.concurrent('a deploy whose image names its commit in a usual way', () => {
  story.for<[string, Naming]>([
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
  ])('%s: known by it, in status and in the next request', async ([, naming], { town }) => {
    put(town, naming)
    await town.approved()
    await town.shows('succeeded')
    expect(await carried(town)).toMatchObject(commit(tip(town)))
    const short = tip(town).slice(0, 7)
    expect(await town.asks('U0ANA', '/deploy status prod')).toContain(`blog-api:44 (${short})`)
    expect(await town.asks('U0ANA', '/deploy prod')).toContain('nothing_to_deploy')
    town.sandbox.github.world.push('main', { message: 'Next' })
    await town.says('U0ANA', '/deploy prod')
    const card = await town.shows('awaiting approval')
    expect(words(card.blocks)).toContain('1 commit ahead')
  })
})

describe.concurrent('a build number that is a hex word', () => {
  story('is known by its time, and shown nowhere as a commit', async ({ town }) => {
    put(town, { tag: '1234567a' })
    await town.approved()
    const card = await town.shows('succeeded')
    expect(await carried(town)).toMatchObject(nothing)
    expect(town.serving()).toBe('blog-api:44')
    const status = await town.asks('U0ANA', '/deploy status prod')
    const history = await town.asks('U0ANA', '/deploy history prod')
    // The account of the sandbox begins alike.
    for (const said of [words([card.text, card.blocks, card.replies]), status, history])
      expect(said).not.toMatch(/1234567(?!89012)/)
    town.sandbox.github.world.push('main', { message: 'Next' })
    await town.says('U0ANA', '/deploy prod')
    expect(words((await town.shows('awaiting approval')).blocks)).toContain('What would change is not known')
  })

  story('is no commit in the list of revisions to go back to', async ({ town }) => {
    put(town, { tag: '1234567a' })
    await town.approved()
    await town.shows('succeeded')
    await town.says('U0ANA', '/rollback blog-api 43')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    await town.shows('succeeded')
    await town.says('U0ANA', '/rollback blog-api')
    const form = await town.sandbox.slack.until(({ views }) => {
      const sent = words(views.open('U0ANA').at(-1)?.sent)
      return sent?.includes('blog-api:44') ? sent : undefined
    })
    expect(form).toContain('blog-api:44 · commit not known')
    expect(form).not.toContain('1234567')
  })

  story('holds up no rollback while GitHub does not answer', async ({ town }) => {
    put(town, { tag: '1234567a' })
    await town.approved()
    await town.shows('succeeded')
    await town.restarts()
    const fault = { kind: 'answer', status: 502 } as const
    town.sandbox.github.faults.queue(commitRoute, fault, { times: 1_000 })
    await town.says('U0ANA', '/rollback blog-api 42')
    await town.shows('awaiting approval')
    const status = await town.asks('U0ANA', '/deploy status prod')
    expect(status).toContain('its commit is not known: GitHub')
    await town.presses('U0BEN', 'approve')
    await town.shows('succeeded')
    expect(town.serving()).toBe('blog-api:42')
  })
})

describe.concurrent('an image that is tagged with the last commit of its folder', () => {
  const folder = { tag: serving!.sha, rendered: variable('APP_COMMIT') }
  const named = story.extend<{ config: string }>({
    config: configText.replace('containers: [api]', 'containers: [api]\n    commitFrom: { env: APP_COMMIT }'),
  })

  story('is another commit: failed, and the card names commitFrom as the way out', async ({ town }) => {
    put(town, folder)
    await town.approved()
    const card = await town.shows('failed')
    expect(card.text).toContain(serving!.sha.slice(0, 7))
    expect(card.text).toContain('commitFrom')
  })

  named('with commitFrom: the variable alone counts', async ({ town }) => {
    put(town, folder)
    await town.says('U0ANA', '/deploy prod')
    expect(words((await town.shows('awaiting approval')).blocks)).toContain(
      'has no variable APP_COMMIT, which',
    )
    await town.presses('U0BEN', 'approve')
    await town.presses('U0CHLOE', 'approve')
    await town.shows('succeeded')
    expect(await carried(town)).toMatchObject(commit(tip(town)))
    const short = tip(town).slice(0, 7)
    expect(await town.asks('U0ANA', '/deploy status prod')).toContain(`blog-api:44 (${short})`)
    await town.restarts(configText)
    const tagged = await town.asks('U0ANA', '/deploy status prod')
    expect(tagged).toContain(`blog-api:44 (${serving!.sha.slice(0, 7)})`)
  })

  named(
    'with commitFrom, and without the variable: known by its time, and that is said',
    async ({ town }) => {
      put(town, { tag: folder.tag })
      await town.approved()
      const card = await town.shows('succeeded')
      expect(await carried(town)).toMatchObject(nothing)
      expect(card.text).toContain('APP_COMMIT')
    },
  )

  story('a release in progress keeps the place that it was requested under', async ({ town }) => {
    put(town, { tag: `git-${sha}` })
    town.sandbox.github.world.next = { holdAt: 'Smoke test' }
    await town.approved()
    await town.sandbox.aws.until(() => town.serving() === 'blog-api:44')
    await town.restarts(
      configText.replace('containers: [api]', 'containers: [api]\n    commitFrom: { env: APP_COMMIT }'),
    )
    town.sandbox.github.world.letGo(town.sandbox.github.world.repository().runs.at(-1)!.id)
    await town.shows('succeeded')
    expect(await carried(town)).toMatchObject(commit(tip(town)))
  })
})

story('a tag with two commits of the repository names both', async ({ town }) => {
  put(town, { tag: `${sha}-${serving!.sha}-1234567a` })
  await town.approved()
  const card = await town.shows('succeeded')
  const both = [tip(town), serving!.sha].map((each) => each.slice(0, 7))
  for (const short of both) expect(card.text).toContain(short)
  expect(card.text).not.toContain('1234567')
  const status = await town.asks('U0ANA', '/deploy status prod')
  for (const short of both) expect(status).toContain(short)
})
