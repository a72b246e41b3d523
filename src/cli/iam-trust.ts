import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { Config } from '../config/resolve.ts'
import type { Variables } from '../config/variables.ts'
import { formatFindings } from '../doctor/finding.ts'
import { trustFindings } from '../doctor/trust.ts'
import type { DeployJob } from '../iam/trust/jobs.ts'
import { type TrustPolicy, trustPolicyIn } from '../iam/trust/policy.ts'
import { repositoryId, subjectPrefix, valuesFor } from '../iam/values.ts'
import { count } from './count.ts'
import { configFor, issuerFor, valuesIn, type Wrong } from './iam-options.ts'
import { refused } from './refused.ts'

/** Options of `twokey iam trust`, as typed. */
export type TrustOptions = {
  readonly environment?: string
  readonly service?: string
  readonly set?: readonly string[]
  readonly subjectClaims?: string
  readonly issuer?: string
}

/**
 * `twokey iam trust`: evaluates the trust policy of a deploy role. Prints which jobs may assume it; exit status 1 if the
 * deploy job may not, or another one may.
 * @param file a JSON file; `-` for standard input
 */
export async function iamTrust(
  variables: Variables,
  file: string,
  options: TrustOptions,
): Promise<0 | 1 | 2> {
  const read = await configFor(variables)
  if (read === null) return 2
  const deploy = deployJob(variables, read.config, options)
  if ('wrong' in deploy) return refused(deploy.wrong)
  const policy = await policyIn(file)
  if ('wrong' in policy) return refused(policy.wrong)
  const findings = trustFindings(policy, deploy)
  console.log(`${deploy.repository}, environment ${deploy.githubEnvironment}, branch ${deploy.branch}`)
  console.log(`Tokens begin with ${deploy.subjectPrefix}, and are of ${deploy.issuer}.\n`)
  console.log(formatFindings(findings))
  const problems = findings.filter(({ state }) => state === 'wrong').length
  console.log(`\n${problems === 0 ? 'No problems found.' : `${count(problems, 'problem')}.`}`)
  return problems === 0 ? 0 : 1
}

async function policyIn(file: string): Promise<TrustPolicy | Wrong> {
  let content: string
  try {
    content = file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8')
  } catch (error) {
    return { wrong: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
  return (
    trustPolicyIn(content) ?? {
      wrong: `${file === '-' ? 'Standard input' : file} is no trust policy. To print one: aws iam get-role --role-name NAME --query Role.AssumeRolePolicyDocument`,
    }
  )
}

function deployJob(variables: Variables, config: Config, options: TrustOptions): DeployJob | Wrong {
  const jobs = new Map(
    config.serviceEnvironments
      .filter(
        ({ environment, service }) =>
          (options.environment === undefined || environment === options.environment) &&
          (options.service === undefined || service === options.service),
      )
      .map((each) => [JSON.stringify([each.repository, each.githubEnvironment, each.branch]), each]),
  )
  const [chosen, ...others] = jobs.values()
  if (chosen === undefined || others.length > 0)
    return {
      wrong: `Choose one deploy job with --environment and --service. Environments: ${config.environments.join(', ')}. Services: ${config.services.join(', ')}.`,
    }
  const values = valuesIn(options.set ?? [], valuesFor([chosen.repository]))
  if ('wrong' in values) return values
  const issuer = issuerFor(variables, options.issuer)
  if ('wrong' in issuer) return issuer
  const given = ({ name }: { readonly name: string }) => values.values.get(name)?.[0]
  return {
    ...issuer,
    repository: chosen.repository,
    repositoryId: given(repositoryId(chosen.repository)) ?? null,
    subjectPrefix: given(subjectPrefix(chosen.repository)) ?? `repo:${chosen.repository}`,
    subjectClaims: options.subjectClaims?.split(',') ?? null,
    githubEnvironment: chosen.githubEnvironment,
    branch: chosen.branch,
  }
}
