import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { TaskDefinition } from '@aws-sdk/client-ecs'
import { pino } from 'pino'
import { accountOf } from '../src/aws/accounts/access.ts'
import { clientsOf } from '../src/aws/ecs/client.ts'
import { differenceOf } from '../src/aws/ecs/difference.ts'
import { failuresOf } from '../src/aws/ecs/failures.ts'
import { logTail } from '../src/aws/ecs/logs.ts'
import type { Reads } from '../src/aws/ecs/reads.ts'
import { Client } from '../src/github/client.ts'
import { connectGitHub } from '../src/github/github.ts'
import { accountReviewer } from '../src/github/reviewer.ts'
import { Tree } from '../src/github/tree.ts'
import { bindWorkflow } from '../src/github/workflow.ts'
import { readTrigger } from '../src/github/workflow-file.ts'
import type { BindingRules } from '../src/release/inputs.ts'
import { RemoteClock } from '../src/runtime/remote-clock.ts'
import { slackClients } from '../src/slack/clients.ts'
import { slackDirectory } from '../src/slack/directory.ts'
import { outside } from '../src/slack/escape.ts'
import { findPosted } from '../src/slack/find.ts'
import { slackLogger } from '../src/slack/log.ts'
import { parse } from '../src/slack/parse.ts'
import { median, type Row, table } from './figures.ts'

const mib = 1024 * 1024
const times = 5

/** Something large, and the real code that reads it. */
type Scene = {
  readonly what: string
  /** Its text as received; the baseline reads it, too. */
  readonly text: string
  /** The path at which the service returns it; absent: it is not an answer. */
  readonly path?: string
  /** Further answers by path. */
  readonly besides?: Readonly<Record<string, string>>
  readonly take: (url: string) => unknown
}

const repository = 'myorg/blog-api'
const sha = 'a'.repeat(40)

/** As many items as fit into this many bytes. */
function filled(bytes: number, item: (index: number) => string): string {
  const items: string[] = []
  for (let size = 0, index = 0; ; index += 1) {
    const next = item(index)
    size += next.length + 1
    if (size > bytes) return items.join('\n')
    items.push(next)
  }
}

const commits = JSON.stringify(
  Array.from({ length: 100 }, (_, index) => ({
    sha: index.toString(16).padStart(40, '0'),
    commit: {
      message: filled(0.07 * mib, () => 'Co-authored-by: <<<<<<<< <x'),
      author: { name: 'Ana', email: 'a@b', date: '2026-01-01T00:00:00Z' },
      committer: null,
    },
    author: { login: 'ana' },
  })),
)

const tree = JSON.stringify({
  sha,
  truncated: false,
  tree: Array.from({ length: 30_000 }, (_, index) => ({
    path: index === 29_999 ? '.github' : `packages-${index}`,
    mode: '040000',
    type: 'tree',
    sha,
    url: `https://api.github.com/repos/${repository}/git/trees/${sha}?${'x'.repeat(60)}`,
  })),
})

function workflow(text: string): string {
  const head = `on:\n  workflow_dispatch:\njobs:\n  deploy:\n    runs-on: x\n    steps: []\n`
  const whole = head + text.slice(0, 100 * 1024 - head.length)
  return JSON.stringify({ type: 'file', encoding: 'base64', content: Buffer.from(whole).toString('base64') })
}

/** Ten jobs with a hundred conditions each, for each of twenty combinations; 28 KiB. */
const called = `on: workflow_call\njobs:\n${Array.from(
  { length: 10 },
  (_, job) =>
    ` j${job}:\n  environment: x\n  strategy: {matrix: {a: [${Array.from({ length: 20 }, (_, at) => at)}]}}\n  steps:\n${Array.from({ length: 100 }, (_, at) => `   - {if: "matrix.a==99${at}"}\n`).join('')}`,
).join('')}`
const calling = `on: workflow_dispatch\njobs:\n${Array.from(
  { length: 44 },
  (_, at) => ` c${at}: {uses: ./.github/workflows/called.yml}\n`,
).join('')}`
/** The same folder is returned for each level of the path. */
const folders = JSON.stringify({
  tree: ['.github', 'workflows', 'called.yml'].map((path) => ({
    path,
    type: path === 'called.yml' ? 'blob' : 'tree',
    sha,
  })),
})
const values = { environment: 'prod', sha, branch: 'main', release_id: 'r', service: 's', requester: 'U1' }
const rules: BindingRules = {
  ...{ service: 's', environment: 'prod', branch: 'main', environmentFrom: 'input' },
  ...{ map: {}, values, siblings: [], otherEnvironments: [] },
}

/** One long variable, which is the text of 1,800 scripts; 95 KB. */
const repeating = `on: workflow_dispatch\njobs:\n deploy:\n  env: {B: "${"'".repeat(48_000)}"}\n  steps:\n   - uses: actions/checkout@v4\n${`   - run: \${{ env.B }}\n`.repeat(1_800)}`

/** A look at a workflow, given its text. */
function bind(text: string): (url: string) => Promise<void> {
  return async (url) => {
    const client = new Client({ token: 't', apiUrl: url })
    const trigger = readTrigger(text)
    if (trigger.trigger !== 'dispatch') throw new Error('the workflow cannot be dispatched')
    const ask = { repository, workflow: 'deploy.yml', branch: 'main', tip: sha }
    const tree = new Tree(client, repository, sha)
    await bindWorkflow(client, ask, { trigger, rules, tree, reviewer: accountReviewer(client) })
  }
}

const hostile = 'x://'.repeat(1_000)
const jobLog = filled(100 * mib, () => `2026-01-01T00:00:00.0000000Z ${hostile}`)
const searched = filled(
  20 * mib,
  (index) => `2026-01-01T00:00:00.0000000Z blog-api:${index} blog-ap blog-api`,
)
const logEvents = JSON.stringify({
  events: [{ timestamp: 1, message: filled(0.99 * mib, () => hostile) }],
  nextBackwardToken: 't',
})
const logOfLines = JSON.stringify({
  events: [{ timestamp: 1, message: '\n'.repeat(0.99 * mib) }],
  nextBackwardToken: 't',
})

function definition(of: string): TaskDefinition {
  const environment = Array.from({ length: 1_600 }, (_, index) => ({ name: `VARIABLE_${index}`, value: of }))
  return { family: 'blog-api', containerDefinitions: [{ name: 'api', image: `api:${of}`, environment }] }
}

const services = JSON.stringify({
  services: Array.from({ length: 10 }, (_, index) => ({
    serviceName: `s${index}`,
    serviceArn: `arn:aws:ecs:eu-west-1:1:service/c/s${index}`,
    events: Array.from({ length: 100 }, (_, event) => ({
      id: `${event}`,
      createdAt: 1,
      message: 'm'.repeat(1_000),
    })),
  })),
})

const members = JSON.stringify({
  ok: true,
  users: Array.from({ length: 100_000 }, (_, index) => `U0${index + 100_000_000}`),
})
const history = JSON.stringify({
  ok: true,
  messages: Array.from({ length: 100 }, (_, index) => ({
    ts: `${index}.1`,
    user: 'U1',
    text: 't'.repeat(40_000),
  })),
})

const migrationReads = {
  task: async () => ({ taskArn: 'arn:task/c/1', taskDefinitionArn: 'd', containers: [{ name: 'api' }] }),
  definition: async () => ({
    definition: {
      containerDefinitions: [
        {
          name: 'api',
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': 'g', 'awslogs-stream-prefix': 'p' },
          },
        },
      ],
    },
    tags: [],
  }),
} as unknown as Reads

const github = (apiUrl: string) => connectGitHub({ token: 't', apiUrl })
const aws = (endpoint: string) => clientsOf(accountOf({ endpoint, region: 'eu-west-1' }, new RemoteClock()))
const slack = (url: string) =>
  slackClients({ botToken: 'xoxb-1', apiUrl: `${url}/`, logger: slackLogger(pino({ level: 'silent' })) }).web

const ofWorkflow = (url: string) =>
  github(url).otherStarts({ repository, workflow: 'deploy.yml', branch: 'main' })
const ofLog = (url: string) =>
  logTail(
    { reads: migrationReads, failures: failuresOf(migrationReads), clientsIn: () => aws(url), lagMs: 0 },
    { log: 'migration', cluster: 'c', taskArn: 'arn:task/c/1', container: 'api' },
    20,
  )

const scenes: readonly Scene[] = [
  {
    what: 'GitHub: 100 commits, 7 MB of messages',
    text: commits,
    path: '/commits',
    take: (url) => github(url).recentCommits({ repository, branch: 'main', limit: 100 }),
  },
  {
    what: 'GitHub: a tree of 30,000 entries',
    text: tree,
    path: `/git/trees/${sha}`,
    take: (url) => new Tree(new Client({ token: 't', apiUrl: url }), repository, sha).github(),
  },
  ...(
    [
      ['3,500 keys', filled(mib, (index) => `a-key-of-more-than-usual-length-${index}: ${'v'.repeat(5)}`)],
      ['7,000 lists in lists', `a: ${'['.repeat(7_000)}`],
      ['15,000 keys, which are too many', filled(mib, (index) => `k${index}: 1`)],
      [
        '3,900 aliases',
        `a: &a [x]\n${filled(0.09 * mib, (index) => `b${index}: *a`)
          .split('\n')
          .slice(0, 3_900)
          .join('\n')}`,
      ],
      ['one long text', `a: "${'\\n'.repeat(mib)}`],
    ] as const
  ).map(([name, text]) => ({
    what: `GitHub: a workflow of 100 KiB, ${name}`,
    text: workflow(text),
    path: '/contents/.github%2Fworkflows%2Fdeploy.yml',
    take: ofWorkflow,
  })),
  {
    what: 'GitHub: a workflow of 28 KiB that is called 44 times',
    text: JSON.stringify({
      type: 'file',
      encoding: 'base64',
      content: Buffer.from(called).toString('base64'),
    }),
    path: '/contents/.github%2Fworkflows%2Fcalled.yml',
    besides: { [`/git/trees/${sha}`]: folders },
    take: bind(calling),
  },
  {
    what: 'GitHub: a workflow of 95 KB whose 1,800 scripts are one long variable',
    text: repeating,
    take: bind(repeating),
  },
  {
    what: 'GitHub: the end of a job log of 100 MB',
    text: jobLog,
    path: '/jobs/1/logs',
    take: (url) => github(url).jobLog({ log: 'job', repository, jobId: 1 }, 20),
  },
  {
    what: 'GitHub: 40 words in a job log of 20 MB',
    text: searched,
    path: '/jobs/2/logs',
    take: (url) =>
      github(url).wordsInLogs({
        repository,
        jobIds: [2],
        words: Array.from({ length: 40 }, (_, index) => `blog-api:never-${index}`),
      }),
  },
  { what: 'AWS: log events, 1 MB that looks like addresses', text: logEvents, path: '/', take: ofLog },
  { what: 'AWS: log events, a million empty lines', text: logOfLines, path: '/', take: ofLog },
  {
    what: 'AWS: 10 services with 100 events each',
    text: services,
    path: '/',
    take: (url) => aws(url).ecs.describeServices({ services: ['s1'] }),
  },
  {
    what: 'AWS: two task definitions of 64 KB, each variable another',
    text: JSON.stringify(definition('one')),
    take: () => {
      const run = (of: string) => ({ definition: definition(of), tags: [], digests: new Map() })
      return differenceOf(run('one'), run('two'))
    },
  },
  {
    what: 'Slack: a user group of 100,000',
    text: members,
    path: '/usergroups.users.list',
    take: (url) => slackDirectory(slack(url), Date.now).membersOf('S1', 'second'),
  },
  {
    what: 'Slack: 100 messages of 40,000 characters',
    text: history,
    path: '/conversations.history',
    take: (url) =>
      findPosted(
        { web: slack(url), slackTime: Date.now, log: pino({ level: 'silent' }) },
        {
          channel: 'C1',
          since: 0,
          metadata: { event_type: 'twokey_release', event_payload: { release_id: 'r-1' } },
        },
      ),
  },
  {
    what: 'Slack: a command of 40,000 characters',
    text: 'prod '.repeat(8_000),
    take: () =>
      parse('/deploy', 'prod '.repeat(8_000), { services: ['blog-api'], environments: ['prod', 'dev'] }),
  },
  {
    what: 'text of 1 MB on a card',
    text: `*${'_:x:`'.repeat(200_000)}`,
    take: () => outside(`*${'_:x:`'.repeat(200_000)}`),
  },
]

/** The longest time during which the work blocked the event loop, ms. */
async function longestBlock(work: () => unknown): Promise<number> {
  let longest = 0
  let isDone = false
  const ticking = (async () => {
    let last = performance.now()
    while (!isDone) {
      await turn()
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }
  })()
  await turn()
  await work()
  await turn()
  isDone = true
  await ticking
  return longest
}

/** The same bytes, read by a bare `fetch` and parsed if they are JSON. */
async function bare(url: string, { path, text }: Scene): Promise<void> {
  const whole = path === undefined ? text : await (await fetch(`${url}${path}`)).text()
  if (whole.startsWith('{') || whole.startsWith('[')) JSON.parse(whole)
}

/** The longest block of the event loop for the largest answer of each service. */
export async function largest(): Promise<readonly Row[]> {
  process.env.AWS_ACCESS_KEY_ID = 'AKIA'
  process.env.AWS_SECRET_ACCESS_KEY = 'secret'
  const rows: Row[] = []
  for (const scene of scenes) {
    const bodies = new Map([
      ['/auth.test', '{"ok":true,"user_id":"U1","bot_id":"B1"}'],
      ...(scene.path === undefined ? [] : ([[scene.path, scene.text]] as const)),
      ...Object.entries(scene.besides ?? {}),
    ])
    const worker = new Worker(new URL('./outside-worker.ts', import.meta.url), { workerData: bodies })
    const [port] = await once(worker, 'message')
    const url = `http://127.0.0.1:${port}`
    const measured = { twokey: [] as number[], bare: [] as number[] }
    for (let time = 0; time < times; time += 1) {
      measured.bare.push(await longestBlock(() => bare(url, scene)))
      measured.twokey.push(await longestBlock(() => scene.take(url)))
    }
    await worker.terminate()
    rows.push({
      what: scene.what,
      unit: 'ms',
      twokey: median(measured.twokey),
      baseline: median(measured.bare),
      against: 'a bare fetch and JSON.parse',
    })
  }
  return rows
}

if (import.meta.main) console.log(table([await largest()]))
