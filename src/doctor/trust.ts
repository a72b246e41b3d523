import { hasOwnClaims } from '../iam/issuer.ts'
import { type Evaluation, evaluate } from '../iam/trust/evaluate.ts'
import { type DeployJob, deployToken, type OtherJob, otherTokens } from '../iam/trust/jobs.ts'
import type { TrustPolicy } from '../iam/trust/policy.ts'
import { claimIn, type Token } from '../iam/trust/token.ts'
import type { Finding } from './finding.ts'

/** Which jobs the trust policy of a deploy role lets in: the job that deploys, and no other. */
export function trustFindings(policy: TrustPolicy, deploy: DeployJob): readonly Finding[] {
  return [
    { about: 'the deploy job', ...judgeDeployJob(deploy, evaluate(policy, deployToken(deploy))) },
    ...[...otherTokens(deploy, policy)].map(([kind, tokens]) => ({
      about: about(kind, deploy),
      ...judgeOther(
        kind,
        deploy,
        tokens.map((token) => ({ token, ...evaluate(policy, token) })),
      ),
    })),
  ]
}

type Judged = Omit<Finding, 'about'>

function judgeDeployJob(deploy: DeployJob, evaluation: Evaluation): Judged {
  switch (evaluation.is) {
    case 'allowed':
      return { state: 'right', says: `may assume the role, by statement ${evaluation.by}`, next: null }
    case 'cannot tell':
      return cannotTell(evaluation.because)
    case 'refused': {
      const token = deployToken(deploy)
      const why = evaluation.unmet.map(({ operator, key, values }) => {
        const claim = claimIn(token, key)
        const sent = claim.is === 'known' ? `is ${claim.value}` : 'is not known to STS'
        return `${key.slice(key.lastIndexOf(':') + 1)} ${sent}, and the policy says ${operator} ${values.join(', ')}`
      })
      return {
        state: 'wrong',
        says:
          why.length > 0
            ? `may not assume the role: ${why.join('; ')}`
            : `may not assume the role: no statement allows sts:AssumeRoleWithWebIdentity to tokens of ${deploy.issuer}`,
        next: 'Use the trust policy that `twokey iam --feature deploy` prints. Then start a new job: a job keeps the token that it has.',
      }
    }
  }
}

function judgeOther(
  kind: OtherJob,
  { issuer }: DeployJob,
  evaluated: readonly (Evaluation & { readonly token: Token })[],
): Judged {
  const allowed = evaluated.find((each) => each.is === 'allowed')
  const unclear = evaluated.find((each) => each.is === 'cannot tell')
  if (allowed) {
    const { sub } = allowed.token.claims
    const says = `may assume the role, by statement ${allowed.by}${sub ? `, as ${sub}` : ''}`
    const { why, next, isForGitHub } = leaks[kind]
    return isForGitHub
      ? { state: 'caution', says: `${says}, unless GitHub keeps it out of the environment`, next }
      : { state: 'wrong', says: `${says}: ${why}`, next: hasOwnClaims(issuer) ? next : null }
  }
  if (unclear) return cannotTell(unclear.because)
  return { state: 'right', says: 'may not assume the role', next: null }
}

function cannotTell(because: readonly string[]): Judged {
  return {
    state: 'unavailable',
    says: `cannot be told from the token: ${[...new Set(because)].join(', ')}`,
    next: null,
  }
}

type Leak = {
  readonly why: string
  readonly next: string
  /** Whether the deployment branches of the environment on GitHub may keep such a job out. */
  readonly isForGitHub?: true
}

const passesTheGate = 'it names no environment, so no approval is asked for'
const nameEnvironment =
  'Let `sub` end with `:environment:…`, or also demand the claim `environment`, in each statement.'
const demandBranch =
  'Also demand the claim `ref`, or limit the deployment branches of the environment on GitHub.'

const leaks: Readonly<Record<OtherJob, Leak>> = {
  'no environment': { why: passesTheGate, next: nameEnvironment },
  'no environment, other branch': { why: passesTheGate, next: nameEnvironment },
  'no environment, tag': { why: passesTheGate, next: nameEnvironment },
  'other branch': {
    why: 'another branch deploys',
    next: demandBranch,
    isForGitHub: true,
  },
  tag: { why: 'a tag deploys', next: demandBranch, isForGitHub: true },
  'other environment': {
    why: 'the rules of another environment apply to it',
    next: 'Name the one environment in `sub`, without wildcards.',
  },
  'pull request': { why: passesTheGate, next: nameEnvironment },
  'pull request in the environment': {
    why: 'a pull request deploys',
    next: demandBranch,
    isForGitHub: true,
  },
  'other repository': {
    why: 'nobody approves what other repositories run',
    next: 'Name the one repository in `sub`, without wildcards, and demand its `repository_id`.',
  },
  'other owner': {
    why: 'anybody on GitHub can have such a repository',
    next: 'Name the owner and the repository in `sub`, without wildcards.',
  },
  'new repository of the same name': {
    why: 'whoever gets the name of the repository gets the role',
    next: 'Demand the claim `repository_id`.',
  },
}

function about(kind: OtherJob, { githubEnvironment, branch }: DeployJob): string {
  switch (kind) {
    case 'no environment':
      return `no environment, ${branch}`
    case 'other branch':
    case 'tag':
      return `${githubEnvironment}, ${kind}`
    default:
      return kind
  }
}
