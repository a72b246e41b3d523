import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { addService } from '../../sandbox/aws/seed-world.ts'
import { mainCommits, revisions } from '../../sandbox/seed.ts'
import type { Ephemeral } from '../../sandbox/slack/entities.ts'
import { configText, dispatchRoute, type Harness, openHarness } from './harness.ts'

let harness: Harness
afterEach(() => harness.close())

/** A harness with this many more services, ten per cluster; ECS does not know those of the last cluster. */
async function largeHarness(services: number, unknown = 0): Promise<Harness> {
  const names = Array.from({ length: services }, (_, index) => `service-${String(index).padStart(3, '0')}`)
  const clusterOf = (index: number) =>
    index < services - unknown ? `cluster-${Math.floor(index / 100)}` : 'nowhere'
  const config = names.map(
    (name, index) =>
      `  ${name}: { repository: myorg/${name}, workflow: deploy.yml, containers: [api], environments: { prod: { cluster: ${clusterOf(index)}, service: ${name} } } }`,
  )
  // twokey watches them once, and then so rarely that only the list reads them.
  const rarely = configText.replace(/idle: \d+ms/, 'idle: 10m')
  const opened = await openHarness({ config: rarely })
  const history = [{ taskDefinition: 'blog-api:42', at: Date.now() - 3 * 86_400_000 }]
  for (const [index, service] of names.slice(0, services - unknown).entries())
    addService(opened.sandbox.aws.world, { cluster: clusterOf(index), service, desired: 1, history })
  requestsTo(opened)
  await opened.restarts(`${rarely}${config.join('\n')}\n`)
  await isQuiet(opened)
  return opened
}

/** Waits until requests have reached AWS, and none for a moment. */
async function isQuiet({ sandbox: { aws } }: Harness): Promise<void> {
  let before = 0
  while (before === 0 || before !== aws.log.exchanges.length) {
    before = aws.log.exchanges.length
    await pause(500)
  }
}

/** The current text of the last answer to Ana alone. */
const list = () => structuredClone(harness.sandbox.slack.workspace.ephemerals('U0ANA').at(-1))
const textOf = ({ text, blocks }: Ephemeral) => `${text} ${JSON.stringify(blocks)}`
const sections = ({ blocks }: Ephemeral) =>
  blocks.flatMap((block) =>
    block.type === 'section' ? [(block.text as { readonly text: string }).text] : [],
  )
/** The first words of each row. */
const rowsOf = (shown: Ephemeral) =>
  sections(shown)
    .slice(1)
    .map((row) => /^\*([^*]+)\*/.exec(row)?.[1])

async function asks(line: string): Promise<Ephemeral> {
  await harness.answerTo('U0ANA', line)
  return list()!
}

/** Turns the page, and waits until another list is shown. */
async function turns(way: 'next' | 'previous'): Promise<Ephemeral> {
  const before = textOf(list()!)
  await harness.sandbox.slack.as('U0ANA').clicksEphemeral({ actionId: `twokey:${way}-page` })
  return harness.sandbox.slack.until(() => {
    const now = list()
    return now && textOf(now) !== before ? now : undefined
  })
}

/** How often each operation of AWS was called since the last count. */
function requests(): Readonly<Record<string, number>> {
  return requestsTo(harness)
}

function requestsTo({ sandbox }: Harness): Readonly<Record<string, number>> {
  const all: Record<string, number> = {}
  for (const { on } of sandbox.aws.log.exchanges.splice(0)) all[on] = (all[on] ?? 0) + 1
  return all
}

describe('/deploy status', () => {
  it('status names the last deploy if it failed, with a link to its card, until one succeeds', async () => {
    harness = await openHarness()
    harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: [] })
    await harness.approved()
    expect(await harness.ends()).toBe('failed')
    const { ts } = harness.cards()[0]!
    const failed = textOf(await asks('/deploy status blog-api prod'))
    expect(failed).toMatch(/Last deploy failed <!date[^>]+>: [^(]*migration failed/)
    expect(failed).toContain(`/p${ts.replace('.', '')}|card>)`)
    await harness.clicks('U0ANA', 'retry')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'reject')
    await harness.shows('rejected')
    expect(textOf(await asks('/deploy status blog-api prod'))).toContain('Last deploy failed')
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    expect(textOf(await asks('/deploy status blog-api prod'))).not.toContain('Last deploy failed')
  })

  it('status of 30 services takes five requests, and a page one more', async () => {
    harness = await largeHarness(28)
    requests()
    const first = await asks('/deploy status')
    expect(requests()).toEqual({ DescribeServices: 5, DescribeTaskDefinition: 1 })
    expect(rowsOf(first)).toHaveLength(15)
    expect(textOf(first)).toContain('1 to 15 of 30')

    const second = await turns('next')
    expect(requests()).toEqual({ DescribeServices: 5 })
    expect(textOf(second)).toContain('16 to 30 of 30')
    expect(second.ts).toBe(first.ts)
    expect(new Set([...rowsOf(first), ...rowsOf(second)])).toHaveLength(30)
    expect(JSON.stringify(second.blocks)).not.toContain('next-page')

    const back = await turns('previous')
    expect(rowsOf(back)).toEqual(rowsOf(first))
    expect(harness.sandbox.slack.workspace.ephemerals('U0ANA')).toHaveLength(1)
    expect(harness.sandbox.slack.workspace.messages('C0DEPLOYS')).toEqual([])
  })

  it('status of 300 services takes 32 requests for services, and task definitions only for the page', async () => {
    harness = await largeHarness(298)
    requests()
    const shown = await asks('/deploy status')
    expect(requests()).toEqual({ DescribeServices: 32, DescribeTaskDefinition: 1 })
    expect(textOf(shown)).toContain('1 to 15 of 300')
    await asks('/deploy status')
    expect(requests()).toEqual({ DescribeServices: 32 })
  })

  it('status shows releases in progress first, then errors with their reasons, then all others', async () => {
    harness = await largeHarness(20, 3)
    const shown = await asks('/deploy status prod')
    expect(rowsOf(shown).slice(0, 4)).toEqual([
      'service-017 prod',
      'service-018 prod',
      'service-019 prod',
      'blog-api prod',
    ])
    const [, broken, , , fine] = sections(shown)
    expect(broken).toMatch(/cannot be read: .*DescribeServices.*cluster/)
    expect(fine).toContain(`blog-api:43 (${mainCommits[3]!.sha.slice(0, 7)})`)
    expect(fine).toContain(`<!date^${Date.parse(revisions[2]!.at) / 1000}^`)
    expect(fine).toContain('deployed outside twokey')

    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    expect(rowsOf(await asks('/deploy status')).slice(0, 2)).toEqual(['blog-api prod', 'service-017 prod'])
  })

  it('status of a service or an environment shows only that one', async () => {
    harness = await largeHarness(2)
    expect(rowsOf(await asks('/deploy status prod'))).toEqual([
      'blog-api prod',
      'service-000 prod',
      'service-001 prod',
    ])
    expect(rowsOf(await asks('/deploy status blog-api'))).toEqual(['blog-api dev', 'blog-api prod'])
    expect(rowsOf(await asks('/deploy status prod service-001'))).toEqual(['service-001 prod'])
    expect(await harness.answerTo('U0ANA', '/deploy status service-001 dev')).toContain('environment_unknown')
    expect(await harness.answerTo('U0ANA', '/deploy status prd')).toContain('/deploy status prod')
  })

  it('status says what is missing and from whom, then who deployed what is running', async () => {
    harness = await openHarness()
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.sandbox.slack.until(() => JSON.stringify(harness.cards()[0]).includes('1 of 2'))
    const [, waiting] = sections(await asks('/deploy status blog-api prod'))
    expect(waiting).toContain('blog-api prod: awaiting approval')
    expect(waiting).toMatch(/1 of 2/)
    expect(waiting).toMatch(/1 more approval\*? from <!subteam\^S0DEPLOYERS> or <@U0APPROVER>/)
    const [card] = harness.cards()
    expect(waiting).toContain(`/archives/C0DEPLOYS/p${card!.ts.replace('.', '')}|card>`)

    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('succeeded')
    const [, done] = sections(await asks('/deploy status blog-api prod'))
    expect(done).toContain('blog-api:44')
    expect(done).toContain('by <@U0ANA>, approved by <@U0BEN>, <@U0CHLOE>')
    expect(done).not.toContain('Blocked by')
  })

  it('status says what to do about a service environment that an unknown end blocks', async () => {
    harness = await openHarness()
    harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 })
    harness.sandbox.github.world.lag.lists = 60_000
    await harness.approved()
    expect(await harness.ends()).toBe('unknown')
    const [, held] = sections(await asks('/deploy status prod'))
    expect(held).toMatch(/Blocked by .*blog-api prod: unknown/)
    expect(held).toMatch(/Look again or Settle on its <https:.*\|card>/)
    await harness.clicks('U0BEN', 'settle')
    await harness.threadPost(/./)
    await harness.sandbox.slack.until(() => JSON.stringify(harness.cards()[0]).includes('has settled it'))
    expect(sections(await asks('/deploy status prod'))[1]).not.toContain('Blocked by')
  })
})

describe('/deploy history', () => {
  /** Requests a release, cancels it, and waits until its card is known, so that a row can link it. */
  async function cancelled(user: string) {
    const isHeld = async () => textOf(await asks('/deploy status')).includes('Blocked by')
    const isLinked = async () => sections(await asks('/deploy history'))[1]?.includes('|card>')
    await harness.types(user, '/deploy prod')
    while (!(await isHeld()));
    await harness.types(user, '/deploy cancel')
    while (await isHeld());
    while (!(await isLinked()));
  }

  it('history of a person shows their requests, however the person is named', async () => {
    harness = await openHarness()
    for (const user of ['U0ANA', 'U0BEN', 'U0ANA']) await cancelled(user)
    const shown = await asks('/deploy history @Ana')
    expect(sections(shown)).toHaveLength(3)
    expect(textOf(shown)).toContain('<@U0ANA>')
    expect(textOf(shown)).not.toContain('U0BEN')
    expect(sections(await asks('/deploy history me'))).toEqual(sections(shown))
    expect(sections(await asks('/deploy history prod @Ben'))).toHaveLength(2)
    expect(sections(await asks('/deploy history dev @Ben'))).toEqual([
      expect.stringContaining('<@U0BEN>'),
      'There are no releases in dev requested or approved by <@U0BEN>.',
    ])
    expect(await harness.answerTo('U0ANA', '/deploy history @nobody')).toContain('pick the person')
  })

  it('history shows what, who, when, how long and a link to the card of each release', async () => {
    harness = await openHarness()
    await harness.approved()
    await harness.shows('succeeded')
    const [, line] = sections(await asks('/deploy history blog-api prod'))
    expect(line).toContain('blog-api prod: succeeded')
    expect(line).toContain(`${mainCommits.at(-1)!.sha.slice(0, 7)} (main) · by <@U0ANA> · <!date^`)
    expect(line).toContain('approved by <@U0BEN>, <@U0CHLOE> · took ')
    expect(line).toContain(`/archives/C0DEPLOYS/p${harness.cards()[0]!.ts.replace('.', '')}|card>`)
  })
})
