import { audience, gitHubIssuer, inSubject } from '../issuer.ts'
import type { TrustPolicy } from './policy.ts'
import type { Token } from './token.ts'

/** The job that deploys, and how GitHub writes the subject of its token. */
export type DeployJob = {
  readonly issuer: string
  /** `owner/name`. */
  readonly repository: string
  /** Null: not known. */
  readonly repositoryId: string | null
  /** `repo:owner/name`, or `repo:owner@1/name@2` with the IDs of both. */
  readonly subjectPrefix: string
  /** The claims in the subject, if the repository or organization customizes it; null: the default. */
  readonly subjectClaims: readonly string[] | null
  readonly githubEnvironment: string
  readonly branch: string
}

/** Kinds of jobs whose tokens a trust policy has to tell apart. */
export const otherJobs = [
  'no environment',
  'no environment, other branch',
  'no environment, tag',
  'other branch',
  'tag',
  'other environment',
  'pull request',
  'pull request in the environment',
  'other repository',
  'other owner',
  'new repository of the same name',
] as const

export type OtherJob = (typeof otherJobs)[number]

/** A job, as far as its token shows it. */
type Job = {
  readonly repository: string
  readonly repositoryId: string | null
  readonly prefix: string
  readonly ref: string
  readonly environment: string | null
}

/** The token of the job that deploys. */
export function deployToken(deploy: DeployJob): Token {
  return tokenOf(deploy, deployed(deploy))
}

/**
 * Tokens of all other kinds of jobs. Their names are made up, and those that the policy names: a statement for `develop`
 * lets a job on `develop` in.
 */
export function otherTokens(deploy: DeployJob, policy: TrustPolicy): ReadonlyMap<OtherJob, readonly Token[]> {
  const named = namesIn(policy)
  const branches = others(named.branches, deploy.branch, 'other-branch').map((name) => `refs/heads/${name}`)
  const tags = [...new Set(['v1.2.3', ...named.tags])].map((name) => `refs/tags/${name}`)
  const environments = others(named.environments, deploy.githubEnvironment, 'other-environment')
  const job = deployed(deploy)
  const jobs: Record<OtherJob, readonly Job[]> = {
    'no environment': [{ ...job, environment: null }],
    'no environment, other branch': branches.map((ref) => ({ ...job, ref, environment: null })),
    'no environment, tag': tags.map((ref) => ({ ...job, ref, environment: null })),
    'other branch': branches.map((ref) => ({ ...job, ref })),
    tag: tags.map((ref) => ({ ...job, ref })),
    'other environment': environments.map((environment) => ({ ...job, environment })),
    'pull request': [{ ...job, ref: pullRequest, environment: null }],
    'pull request in the environment': [{ ...job, ref: pullRequest }],
    'other repository': otherRepositories(deploy, named.repositories).map((other) => ({ ...job, ...other })),
    'other owner': otherOwners(deploy).map((other) => ({ ...job, ...other })),
    'new repository of the same name': [{ ...job, ...recreated(deploy) }],
  }
  return new Map(otherJobs.map((kind) => [kind, jobs[kind].map((each) => tokenOf(deploy, each))] as const))
}

const pullRequest = 'refs/pull/7/merge'

function deployed(deploy: DeployJob): Job {
  const { repository, repositoryId, subjectPrefix, branch, githubEnvironment } = deploy
  return {
    repository,
    repositoryId,
    prefix: subjectPrefix,
    ref: `refs/heads/${branch}`,
    environment: githubEnvironment,
  }
}

function tokenOf({ issuer, subjectClaims }: DeployJob, job: Job): Token {
  const claims = {
    actor: null,
    actor_id: null,
    aud: audience,
    ...(job.environment !== null && { environment: job.environment }),
    // Documented for reusable workflows only; whether other jobs have it in AWS is not known.
    job_workflow_ref: null,
    ref: job.ref,
    repository: job.repository,
    repository_id: job.repositoryId,
    repository_owner_id: null,
    workflow: null,
  }
  return { issuer, claims: { ...claims, sub: subjectOf(job, claims, subjectClaims) } }
}

/** Null if it has a claim whose value is not known. */
function subjectOf(
  { prefix, ...job }: Job,
  claims: Token['claims'],
  subjectClaims: readonly string[] | null,
): string | null {
  const parts = (subjectClaims ?? ['repo', 'context']).map((claim) => {
    if (claim === 'repo') return prefix
    if (claim === 'context') return contextOf(job)
    const value = claims[claim]
    return typeof value === 'string' ? `${claim}:${inSubject(value)}` : null
  })
  return parts.includes(null) ? null : parts.join(':')
}

/** An environment wins over everything else. */
function contextOf({ ref, environment }: Omit<Job, 'prefix'>): string {
  if (environment !== null) return `environment:${inSubject(environment)}`
  return ref === pullRequest ? 'pull_request' : `ref:${inSubject(ref)}`
}

/** A repository with other IDs: `repo:owner/name` and `repo:owner@1/name@2` are both in use. */
function prefixes(repository: string, ownerId: string): readonly string[] {
  const [owner, name] = repository.split('/')
  return [`repo:${repository}`, `repo:${owner}@${ownerId}/${name}@${otherId}`]
}

/** IDs that GitHub gives nobody. */
const otherId = '999999999999'

function ownerIdOf({ subjectPrefix }: DeployJob): string {
  return /^repo:[^/]+@(\d+)\//.exec(subjectPrefix)?.[1] ?? otherId
}

function otherRepositories(deploy: DeployJob, named: readonly string[]): readonly Partial<Job>[] {
  const owner = deploy.repository.split('/')[0]!
  return others(named, deploy.repository, `${owner}/other-repository`).flatMap((repository) =>
    prefixes(repository, ownerIdOf(deploy)).map((prefix) => ({ repository, repositoryId: otherId, prefix })),
  )
}

function otherOwners({ repository }: DeployJob): readonly Partial<Job>[] {
  const fork = `other-owner/${repository.split('/')[1]}`
  return prefixes(fork, otherId).map((prefix) => ({ repository: fork, repositoryId: otherId, prefix }))
}

/** github.com puts the IDs into the subjects of new repositories since July 2026; GitHub Enterprise Server does not. */
function recreated(deploy: DeployJob): Partial<Job> {
  const [name, withIds] = prefixes(deploy.repository, ownerIdOf(deploy))
  const prefix = deploy.issuer.startsWith(gitHubIssuer) ? withIds! : name!
  return { repositoryId: otherId, prefix }
}

/** A made-up name, and those of the policy, without the deploy job's own. */
function others(named: readonly string[], own: string, madeUp: string): readonly string[] {
  return [...new Set([madeUp, ...named])].filter((name) => name.toLowerCase() !== own.toLowerCase())
}

/** The names in the values of conditions, whatever their keys; wildcards become letters. */
function namesIn({ statements }: TrustPolicy) {
  const values = statements.flatMap(({ conditions }) => conditions)
  const found = (pattern: RegExp) =>
    values.flatMap((condition) =>
      condition.values.flatMap((value) => {
        const name = pattern.exec(value)?.[1]
        return name === undefined ? [] : [name.replaceAll('%3A', ':').replaceAll(/[*?]/g, 'x')]
      }),
    )
  const ofKey = (claim: string) =>
    values
      .filter(({ key }) => key.toLowerCase().endsWith(`:${claim}`))
      .flatMap((condition) => condition.values.map((value) => value.replaceAll(/[*?]/g, 'x')))
  return {
    branches: found(/refs\/heads\/([^:]+)/),
    tags: found(/refs\/tags\/([^:]+)/),
    environments: [...found(/:environment:([^:]+)/), ...ofKey('environment')],
    repositories: [
      ...found(/^repo:([^:@]+\/[^:@]+)/).filter((name) => /^[^/]+\/[^/]+$/.test(name)),
      ...ofKey('repository'),
    ],
  }
}
