import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { addService } from '../sandbox/aws/seed-world.ts'
import { person } from '../sandbox/github/people.ts'
import { deployPath, deployWorkflow } from '../sandbox/github/workflow-file.ts'
import { testPace } from '../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { slack as seed } from '../sandbox/seed.ts'
import { cardIn } from './crowd.ts'
import { openFleet } from './fleet.ts'
import { startProgram } from './processes.ts'

/**
 * Requests to GitHub per hour, with the default polling: while nothing happens, by the number of repositories, and while
 * runs are followed. A 304 does not count against GitHub's limit. `node bench/quota.ts 1 20 100`.
 */

const counts = process.argv.slice(2).map(Number)
/** How long requests are counted, ms: two rounds of `polling.idle`. */
const countedMs = 60_000
/** What is read once after the start, or after a dispatch, is no part of the rate, ms: a round reads one a second at most. */
const settledMs = (count: number) => 40_000 + count * 1_200

type Rate = { readonly all: number; readonly counted: number }

/** Requests per hour, from those of the next minute. */
async function rate({ github }: Sandbox): Promise<Rate> {
  const from = github.log.exchanges.length
  await pause(countedMs)
  const exchanges = github.log.exchanges.slice(from)
  const anHour = 3_600_000 / countedMs
  return {
    all: exchanges.length * anHour,
    counted: exchanges.filter(({ status }) => status !== 304).length * anHour,
  }
}

/** Repositories with one service each, of which nothing moves. */
async function ofRepositories(count: number): Promise<Rate> {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-quota-'))
  const sandbox = await startSandbox({ pace: testPace, rates: 'off' })
  sandbox.github.world.rate.limit = Number.POSITIVE_INFINITY
  const names = Array.from({ length: count }, (_, index) => `blog-${index}`)
  for (const name of names) {
    const repository = sandbox.github.world.addRepository(`myorg/${name}`)
    repository.commit('main', {
      message: 'Begin',
      author: person('Ana'),
      date: new Date().toISOString(),
      files: { [deployPath]: deployWorkflow() },
    })
    sandbox.github.world.learnWorkflows(repository)
    const history = [{ taskDefinition: 'blog-api:43', at: Date.now() - 3_600_000 }]
    addService(sandbox.aws.world, { cluster: 'blog-cluster-prod', service: name, desired: 1, history })
  }
  const path = join(folder, 'twokey.yml')
  writeFileSync(path, configOf(names))
  const twokey = await startProgram('twokey', {
    ...sandbox.env,
    TWOKEY_CONFIG: path,
    TWOKEY_DATA_DIR: join(folder, 'store'),
    PORT: '0',
  })
  try {
    await pause(settledMs(count))
    return await rate(sandbox)
  } finally {
    await twokey.stop()
    await sandbox.close()
    rmSync(folder, { recursive: true })
  }
}

function configOf(names: readonly string[]): string {
  const approvals = { required: 2, approvers: ['S0DEPLOYERS', 'U0APPROVER'] }
  // JSON is YAML.
  return JSON.stringify({
    slack: { channel: seed.channel.id },
    environments: { prod: { branch: 'main', githubEnvironment: 'production', approvals } },
    services: Object.fromEntries(
      names.map((name) => [
        name,
        {
          repository: `myorg/${name}`,
          workflow: 'deploy.yml',
          containers: ['api'],
          environments: { prod: { cluster: 'blog-cluster-prod', service: name } },
        },
      ]),
    ),
  })
}

/** Releases of one repository whose runs no runner takes. */
async function ofRuns(count: number): Promise<Rate> {
  const fleet = await openFleet({ count, required: 0 })
  const { slack, github } = fleet.sandbox
  const twokey = await startProgram('twokey', fleet.env)
  try {
    for (const { service, channel } of fleet.ships) {
      github.world.next = { stuck: 'queued' }
      await slack.as('U0ANA').types(channel, `/deploy prod-${service} ${service}`)
      await slack.until(() => / running/.test(cardIn(slack, channel)?.text ?? '') || undefined, {
        ms: 60_000,
      })
    }
    await pause(settledMs(count))
    return await rate(fleet.sandbox)
  } finally {
    await twokey.stop()
    await fleet.close()
  }
}

console.log(
  '| requests per hour | repositories, nothing moves | of them counted | runs followed | of them counted |',
)
console.log('|---|---|---|---|---|')
for (const count of counts) {
  const idle = await ofRepositories(count)
  const runs = await ofRuns(count)
  console.log(`| ${count} | ${idle.all} | ${idle.counted} | ${runs.all} | ${runs.counted} |`)
}
