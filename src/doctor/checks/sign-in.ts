import { audience } from '../../iam/issuer.ts'
import type { OtherJob } from '../../iam/trust/jobs.ts'
import { type TrustPolicy, trustPolicyIn } from '../../iam/trust/policy.ts'
import type { RoleSeen, SubjectSeen } from '../../ports/doctor.ts'
import type { DeployRoleCheck } from '../../ports/gates.ts'
import type { ServiceEnvironment } from '../../settings/settings.ts'
import type { Check } from '../diagnosis.ts'
import type { Finding } from '../finding.ts'
import { fault, type Judged, ok, warning } from '../judged.ts'
import { serviceEnvironmentName } from '../named.ts'
import {
  type DeployedSeen,
  isRoleArn,
  type Seen,
  type SignedInSeen,
  type SignInSeen,
  whenRead,
} from '../seen.ts'
import { trustFindings } from '../trust.ts'
import { fromFinding } from './from-finding.ts'
import { assumesRole, deployJobs } from './steps.ts'

const subjectPermission = 'the permission "Actions: read" in the repository'

/** Judges each service environment whose deploy job assumes a role. */
function ofSignIns(
  judge: (about: string, signIn: SignInSeen, deployed: DeployedSeen, seen: Seen) => readonly Judged[],
): Check['judge'] {
  return (seen) =>
    seen.deployed.flatMap((deployed) => {
      const { signIn, serviceEnvironment } = deployed
      return signIn === null ? [] : judge(serviceEnvironmentName(serviceEnvironment), signIn, deployed, seen)
    })
}

type JudgeTrust = (
  about: string,
  role: RoleSeen,
  findings: readonly Finding[],
  deployed: SignedInSeen,
) => readonly Judged[]

function ofTrustPolicies(judge: JudgeTrust): Check['judge'] {
  return ({ deployed, issuer }) => deployed.flatMap((each) => trustJudged(each, issuer, judge))
}

/** Judges what the trust policy of the role says, if it and the subject of tokens are known. */
function trustJudged(deployed: SignedInSeen, issuer: string, judge: JudgeTrust): readonly Judged[] {
  const { signIn, serviceEnvironment } = deployed
  if (signIn === null) return []
  const about = serviceEnvironmentName(serviceEnvironment)
  return whenRead(about, signIn.seen, 'iam:GetRole on the deploy role', (role) =>
    role === null
      ? []
      : whenRead(about, signIn.subject, subjectPermission, (known) => {
          const policy = trustPolicyIn(role.trustPolicy)
          if (policy === null)
            return [
              {
                about,
                verdict: 'not readable',
                evidence: `the trust policy of ${role.arn} has a form that doctor does not know`,
                next: 'Use the trust policy that `twokey iam --feature deploy` prints.',
              },
            ]
          return judge(about, role, findingsOf(policy, known, issuer, serviceEnvironment), deployed)
        }),
  )
}

function findingsOf(
  policy: TrustPolicy,
  { repositoryId, prefix, claims }: SubjectSeen,
  issuer: string,
  { repository, githubEnvironment, branch }: ServiceEnvironment,
): readonly Finding[] {
  return trustFindings(policy, {
    issuer,
    repository,
    repositoryId,
    subjectPrefix: prefix,
    subjectClaims: claims,
    githubEnvironment,
    branch,
  })
}

export const roleKnown: Check = {
  id: 'deploy-role',
  label: 'Role of the deploy job',
  why: 'Without the role the job gets no credentials of AWS.',
  judge: ofSignIns((about, { role, seen }) => {
    if (!isRoleArn(role))
      return [
        {
          about,
          verdict: 'not readable',
          evidence: `the workflow takes the role from ${role}, which only a run knows`,
          next: 'Write the ARN of the role into the workflow, because it is no secret; or check the policy of the role by `twokey iam trust`.',
        },
      ]
    return whenRead(about, seen, 'iam:GetRole on the deploy role', (found) => [
      found === null
        ? fault(
            about,
            `IAM has no role ${role}`,
            'Correct `role-to-assume`, or create the role that `twokey iam --feature deploy` prints.',
          )
        : ok(about, role),
    ])
  }),
}

export const provider: Check = {
  id: 'oidc-provider',
  label: 'OIDC provider',
  why: 'Without the provider, AWS refuses all tokens of GitHub: InvalidIdentityToken.',
  judge: ofSignIns((about, { audiences }, { serviceEnvironment, workflows }, { issuer }) =>
    whenRead(about, audiences, 'iam:ListOpenIDConnectProviders and iam:GetOpenIDConnectProvider', (found) => {
      const jobs = 'value' in workflows ? deployJobs(serviceEnvironment, workflows.value) : []
      const [sent = audience] = jobs.flatMap(({ steps }) =>
        steps.filter(assumesRole).flatMap((step) => step.with.audience ?? []),
      )
      if (found === null)
        return [
          fault(
            about,
            `the account has no OIDC provider ${issuer}`,
            `Run \`aws iam create-open-id-connect-provider --url https://${issuer} --client-id-list ${sent}\`.`,
          ),
        ]
      return [
        found.includes(sent)
          ? ok(about, `${issuer} accepts the audience ${sent}`)
          : fault(
              about,
              `the provider ${issuer} accepts the audiences ${found.join(', ') || '(none)'}, and the job sends ${sent}`,
              'Run `aws iam add-client-id-to-open-id-connect-provider` with this audience.',
            ),
      ]
    }),
  ),
}

export const assumeRole: Check = {
  id: 'assume-role',
  label: 'Trust policy and the deploy job',
  why: 'AWS refuses AssumeRoleWithWebIdentity, and never says which claim does not match.',
  judge: ofTrustPolicies((about, { arn }, [deployJob]) =>
    deployJob === undefined
      ? []
      : [
          fromFinding(
            { ...deployJob, about, says: `${arn}: the deploy job ${deployJob.says}` },
            'Run `twokey iam trust` with the policy, and mind the conditions that the token does not decide.',
          ),
        ],
  ),
}

/** Whether jobs that do not pass the gate can assume the deploy role. */
export function deployRoleCheck(deployed: SignedInSeen, issuer: string): DeployRoleCheck {
  const judged = trustJudged(deployed, issuer, judgeLeaks)
  if (judged.some(({ verdict }) => verdict === 'error')) return 'open'
  const isKnown = judged.length > 0 && judged.every(({ verdict }) => verdict !== 'not readable')
  return isKnown ? 'guarded' : 'not checked'
}

export const trustLeak: Check = {
  id: 'trust-leak',
  label: 'Trust policy and other jobs',
  why: 'A job that may assume the role deploys without passing the gate.',
  judge: ofTrustPolicies(judgeLeaks),
}

/** Which jobs may assume the role without passing the gate, if approvals are needed there. */
function judgeLeaks(
  about: string,
  { arn }: RoleSeen,
  [, ...jobs]: readonly Finding[],
  { environment, serviceEnvironment }: SignedInSeen,
): readonly Judged[] {
  if (serviceEnvironment.policy.required === 0) return []
  // GitHub keeps jobs of other branches and tags out of the environment.
  const areBranchesLimited =
    'value' in environment && environment.value !== null && environment.value.branches !== 'all'
  const leaks = jobs.filter(({ state }) => state === 'wrong' || (state === 'caution' && !areBranchesLimited))
  if (leaks.length === 0) return [ok(about, `${arn}: no other job may assume it`)]
  // GitHub Enterprise Server has no claim that tells a recreated repository from the first one.
  const others = leaks.filter(({ about: job, next }) => next !== null || job !== recreated)
  const judgement = others.some(({ state }) => state === 'wrong') ? fault : warning
  const sub = `Let \`sub\` be \`…:environment:${serviceEnvironment.githubEnvironment}\`, without wildcards.`
  const mends = others.map(({ next }) => next ?? sub)
  return [
    judgement(
      about,
      `${arn}: ${leaks.map(({ about: job, says }) => `${job}: ${says}`).join('; ')}`,
      mends.length > 0 ? [...new Set(mends)].join(' ') : 'Let nobody recreate the repository under its name.',
    ),
  ]
}

const recreated: OtherJob = 'new repository of the same name'

export const sessionTime: Check = {
  id: 'session-time',
  label: 'Time of the credentials',
  why: 'AWS refuses a session that is longer than the role allows.',
  judge: ofSignIns((about, { seen }, { serviceEnvironment, workflows }) =>
    whenRead(about, seen, 'iam:GetRole on the deploy role', (role) => {
      if (role === null || !('value' in workflows)) return []
      const asked = deployJobs(serviceEnvironment, workflows.value).flatMap(({ steps }) =>
        steps.filter(assumesRole).map((step) => Number(step.with['role-duration-seconds'] ?? 3_600)),
      )
      const longest = Math.max(0, ...asked.filter(Number.isFinite))
      return [
        longest > role.maxSessionSeconds
          ? fault(
              about,
              `the job asks for ${longest} s, and ${role.arn} allows ${role.maxSessionSeconds} s`,
              `Run \`aws iam update-role --max-session-duration ${longest}\`, or lower \`role-duration-seconds\`.`,
            )
          : ok(about, `${longest} s of at most ${role.maxSessionSeconds} s`),
      ]
    }),
  ),
}

export const staleToken: Check = {
  id: 'stale-token',
  label: 'Token from before a change',
  why: 'A job keeps the token that it began with, so a changed trust policy helps only a new job.',
  judge: ofSignIns((about, signIn, deployed, seen) =>
    whenRead(about, signIn.failed, subjectPermission, (failed) => {
      if (failed === null) return [ok(about, 'the last run did not fail while it signed in to AWS')]
      const now = assumeRole.judge({ ...seen, deployed: [deployed] })
      const isAllowedNow = now.length > 0 && now.every(({ verdict }) => verdict === 'ok')
      const at = new Date(failed.at).toISOString()
      return isAllowedNow
        ? [
            warning(
              about,
              `the step "${failed.step}" of ${failed.run} failed at ${at}, and the trust policy lets such a job in now`,
              'Choose "Re-run failed jobs" for that run: its jobs get new tokens.',
            ),
          ]
        : []
    }),
  ),
}
