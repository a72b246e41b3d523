import type { EnvironmentSeen } from '../../ports/doctor.ts'
import { gateName } from '../../release/names.ts'
import type { ServiceEnvironment } from '../../settings/settings.ts'
import type { Check } from '../diagnosis.ts'
import { judgeGate } from '../judge.ts'
import { fault, type Judged, ok, warning } from '../judged.ts'
import { type DeployedSeen, type Seen, whenRead } from '../seen.ts'
import { fromFinding } from './from-finding.ts'

const permission = 'the permission "Actions: read" in the repository'

/** One service environment for each environment of GitHub that has to be protected. */
function protectedOnes({ deployed }: Seen): readonly DeployedSeen[] {
  const named = deployed
    .filter(({ serviceEnvironment }) => serviceEnvironment.policy.required > 0)
    .map((each) => [gateName(each.serviceEnvironment), each] as const)
  return [...new Map(named).values()]
}

const nameOf = ({ repository, githubEnvironment }: ServiceEnvironment) =>
  `environment ${githubEnvironment} of ${repository}`

const settingsOf = ({ repository }: ServiceEnvironment) => `Settings → Environments of ${repository}`

function ofEnvironments(
  judge: (about: string, environment: EnvironmentSeen, serviceEnvironment: ServiceEnvironment) => Judged,
): Check['judge'] {
  return (seen) =>
    protectedOnes(seen).flatMap(({ serviceEnvironment, environment }) => {
      const about = nameOf(serviceEnvironment)
      return whenRead(about, environment, permission, (found) =>
        found === null ? [] : [judge(about, found, serviceEnvironment)],
      )
    })
}

export const environmentExists: Check = {
  id: 'environment',
  label: 'Environment on GitHub',
  why: 'GitHub creates an environment that a job names, without any protection.',
  judge: (seen) =>
    protectedOnes(seen).flatMap(({ serviceEnvironment, environment }) => {
      const about = nameOf(serviceEnvironment)
      return whenRead(about, environment, permission, (found) => [
        found === null
          ? fault(
              about,
              'GitHub has no such environment',
              `Create it in ${settingsOf(serviceEnvironment)}, or correct \`githubEnvironment\` in twokey.yml.`,
            )
          : ok(about, `it has ${found.rules} ${found.rules === 1 ? 'rule' : 'rules'} that hold jobs back`),
      ])
    }),
}

export const gate: Check = {
  id: 'gate',
  label: 'Approvals on GitHub',
  why: 'Without a gate, whoever may start the workflow on GitHub deploys without the approvals of twokey.yml.',
  judge: (seen) =>
    protectedOnes(seen).flatMap(({ serviceEnvironment, gate }) => {
      const about = nameOf(serviceEnvironment)
      return whenRead(about, gate, permission, (found) => [
        fromFinding({ about, ...judgeGate(serviceEnvironment, found) }, 'Follow docs/gates.md.'),
      ])
    }),
}

export const administratorsBypass: Check = {
  id: 'administrators-bypass',
  label: 'Administrators bypass the gate',
  why: 'An administrator of the repository can deploy without any approval.',
  judge: ofEnvironments((about, { administratorsBypass, rules }, serviceEnvironment) => {
    if (rules === 0) return ok(about, 'it has no rules that could be bypassed')
    if (administratorsBypass === false) return ok(about, 'administrators cannot bypass its rules')
    return warning(
      about,
      administratorsBypass
        ? 'administrators can bypass its rules'
        : 'GitHub does not say whether administrators can bypass its rules',
      `In ${settingsOf(serviceEnvironment)}, clear "Allow administrators to bypass configured protection rules".`,
    )
  }),
}

export const branchPolicy: Check = {
  id: 'branch-policy',
  label: 'Branches that may deploy',
  why: 'A job on any branch can be in the environment, with whatever workflow that branch has.',
  judge: ofEnvironments((about, { branches }, serviceEnvironment) => {
    const isAny =
      branches === 'all' || (branches !== 'protected' && branches.some((each) => /^\*+(\/\*+)?$/.test(each)))
    if (!isAny)
      return ok(
        about,
        branches === 'protected' ? 'protected branches only' : `only ${branches.join(', ') || 'no branch'}`,
      )
    return warning(
      about,
      branches === 'all'
        ? 'all branches and tags may deploy'
        : `its patterns ${branches.join(', ')} match nearly all branches`,
      `In ${settingsOf(serviceEnvironment)}, under "Deployment branches and tags", select only ${serviceEnvironment.branch}.`,
    )
  }),
}
