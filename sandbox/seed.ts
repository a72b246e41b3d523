import { createHash } from 'node:crypto'

/** The default world: one team that deploys `blog-api` to dev and prod, on ECS, with GitHub Actions. */

export const account = '123456789012'
export const region = 'ap-northeast-2'
export const repository = 'myorg/blog-api'
export const registry = registryOf({ account, region })

/** The repository of `blog-api` in the registry of an account and region. */
export function registryOf(site: { readonly account: string; readonly region: string }): string {
  return `${site.account}.dkr.ecr.${site.region}.amazonaws.com/blog-api`
}

const startedAt = Date.now()

/**
 * A time of day in UTC, this many days before the process started, in GitHub's format. Relative to now, so that the
 * default world's history has the same age on any date.
 */
function daysAgo(days: number, time: string): string {
  const day = new Date(startedAt - days * 86_400_000).toISOString().slice(0, 10)
  return `${day}T${time}:00Z`
}

/** When the account was created. */
export const founded = daysAgo(14, '09:00')

export type SeedCommit = {
  readonly sha: string
  readonly message: string
  readonly author: { readonly name: string; readonly login: string | null }
  readonly date: string
}

function commit(message: string, name: string, date: string): SeedCommit {
  const sha = createHash('sha1').update(`${repository} ${message}`).digest('hex')
  return { sha, message, author: { name, login: name.toLowerCase() }, date }
}

/** `main`, oldest first. The commits after that of revision 43 are not deployed yet. */
export const mainCommits: readonly SeedCommit[] = [
  commit('List posts by tag (#101)', 'Ana', daysAgo(14, '09:12')),
  commit('Cache the feed for a minute (#104)', 'Ben', daysAgo(12, '14:03')),
  commit('Show drafts to their authors (#108)', 'Chloe', daysAgo(10, '10:41')),
  commit('Paginate comments (#112)', 'Ana', daysAgo(6, '16:20')),
  commit('Send the weekly digest (#117)', 'Ben', daysAgo(4, '08:55')),
  commit('Fix the time zone of scheduled posts (#121)', 'Ana', daysAgo(3, '11:30')),
]

/** `develop` is based on `main` and is one commit ahead. */
export const developCommits: readonly SeedCommit[] = [
  commit('Try the new editor', 'Chloe', daysAgo(3, '15:02')),
]

/** A task definition revision, with the commit it was built from and the variables it sets. */
export type SeedRevision = {
  readonly revision: number
  readonly sha: string
  readonly at: string
  readonly environment: Readonly<Record<string, string>>
}

/** The existing task definition revisions of `blog-api`; all were deployed to prod successfully. */
export const revisions: readonly SeedRevision[] = [
  {
    revision: 41,
    sha: mainCommits[1]!.sha,
    at: daysAgo(12, '14:40'),
    environment: { NODE_ENV: 'production', FEED_TTL: '0' },
  },
  {
    revision: 42,
    sha: mainCommits[2]!.sha,
    at: daysAgo(10, '11:15'),
    environment: { NODE_ENV: 'production', FEED_TTL: '60' },
  },
  {
    revision: 43,
    sha: mainCommits[3]!.sha,
    at: daysAgo(6, '16:55'),
    environment: { NODE_ENV: 'production', FEED_TTL: '60', COMMENTS_PER_PAGE: '50' },
  },
]

/** The services at the start: both environments run revision 43. */
export const services = {
  dev: { cluster: 'blog-cluster-dev', service: 'blog-api', desired: 1 },
  prod: { cluster: 'blog-cluster-prod', service: 'blog-api', desired: 2 },
} as const

export const migration = { family: 'blog-api-migrate', logGroup: '/ecs/blog-api-migrate' } as const
export const app = { family: 'blog-api', container: 'api', logGroup: '/ecs/blog-api' } as const

/** The demo's second service, of the same repository: in prod only, without a migration, with its own workflow. */
export const worker = {
  cluster: 'blog-cluster-prod',
  service: 'blog-worker',
  desired: 1,
  family: 'blog-worker',
  revision: 7,
  container: 'worker',
} as const

/** The demo's third service, of the same repository: in prod only, a canary of ECS that waits for a person. */
export const search = {
  cluster: 'blog-cluster-prod',
  service: 'blog-search',
  desired: 2,
  family: 'blog-search',
  revisions: [11, 12],
  container: 'search',
} as const

/** The demo's fourth service, of the same repository: in prod only, deployed by CodeDeploy with a canary. */
export const web = {
  cluster: 'blog-cluster-prod',
  service: 'blog-web',
  desired: 2,
  family: 'blog-web',
  revisions: [4, 5],
  container: 'web',
  port: 8080,
  application: 'blog-web',
  group: 'production',
  appSpec: 'web/appspec.yaml',
} as const

export const slack = {
  team: 'T0TEAM',
  channel: { id: 'C0DEPLOYS', name: 'deploys' },
  /**
   * Ana requests; Ben, Chloe and Dai may approve; Eli may not; Gus is a guest, Dora has left, Xena is of another
   * company.
   */
  people: [
    { id: 'U0ANA', name: 'Ana' },
    { id: 'U0BEN', name: 'Ben' },
    { id: 'U0CHLOE', name: 'Chloe' },
    { id: 'U0APPROVER', name: 'Dai' },
    { id: 'U0ELI', name: 'Eli' },
    { id: 'U0GUS', name: 'Gus', guest: true },
    { id: 'U0DORA', name: 'Dora', deleted: true },
    { id: 'U0XENA', name: 'Xena', team: 'T0OTHER' },
  ],
  groups: [
    { id: 'S0DEPLOYERS', handle: 'deployers', members: ['U0BEN', 'U0CHLOE', 'U0GUS', 'U0DORA'] },
    { id: 'S0ONCALL', handle: 'oncall', members: ['U0CHLOE'] },
  ],
} as const
