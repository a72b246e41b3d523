import { createHash } from 'node:crypto'

/** The default world: one team that ships `blog-api` to dev and prod, on ECS, with GitHub Actions. */

export const account = '123456789012'
export const region = 'ap-northeast-2'
export const repository = 'myorg/blog-api'
export const registry = `${account}.dkr.ecr.${region}.amazonaws.com/blog-api`

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

/** `main`, oldest first. What follows after `running.prod` waits to be shipped. */
export const mainCommits: readonly SeedCommit[] = [
  commit('List posts by tag (#101)', 'Ana', '2026-11-09T09:12:00Z'),
  commit('Cache the feed for a minute (#104)', 'Ben', '2026-11-11T14:03:00Z'),
  commit('Show drafts to their authors (#108)', 'Chloe', '2026-11-13T10:41:00Z'),
  commit('Paginate comments (#112)', 'Ana', '2026-11-17T16:20:00Z'),
  commit('Send the weekly digest (#117)', 'Ben', '2026-11-19T08:55:00Z'),
  commit('Fix the time zone of scheduled posts (#121)', 'Ana', '2026-11-20T11:30:00Z'),
]

/** `develop` stands on `main` and is one commit ahead. */
export const developCommits: readonly SeedCommit[] = [
  commit('Try the new editor', 'Chloe', '2026-11-20T15:02:00Z'),
]

/** A task definition revision, with the commit it was built from and the variables it sets. */
export type SeedRevision = {
  readonly revision: number
  readonly sha: string
  readonly at: string
  readonly environment: Readonly<Record<string, string>>
}

/** Task definition revisions of `blog-api` that exist; all ran well in prod. */
export const revisions: readonly SeedRevision[] = [
  {
    revision: 41,
    sha: mainCommits[1]!.sha,
    at: '2026-11-11T14:40:00Z',
    environment: { NODE_ENV: 'production', FEED_TTL: '0' },
  },
  {
    revision: 42,
    sha: mainCommits[2]!.sha,
    at: '2026-11-13T11:15:00Z',
    environment: { NODE_ENV: 'production', FEED_TTL: '60' },
  },
  {
    revision: 43,
    sha: mainCommits[3]!.sha,
    at: '2026-11-17T16:55:00Z',
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

export const slack = {
  team: 'T0TEAM',
  channel: { id: 'C0DEPLOYS', name: 'deploys' },
  /** Ana asks; Ben, Chloe and Dai may approve; Eli may not; Gus is a guest, Dora has left, Xena is of another company. */
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
