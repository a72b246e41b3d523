import type { AwsSettings } from '../aws/accounts/access.ts'
import { type DefaultRegion, defaultRegion } from '../aws/ecs/region.ts'
import { type Environment, formatVariableProblems, readEnvironment } from '../config/environment.ts'
import { configOrigin } from '../config/origin.ts'
import { formatProblems, problemCount } from '../config/problems.ts'
import type { Config } from '../config/resolve.ts'
import type { Variables } from '../config/variables.ts'
import { useProxy } from '../runtime/proxy.ts'

/** Everything that a command needs to connect to Slack, GitHub and AWS. */
export type CommandSettings = {
  readonly environment: Environment
  readonly config: Config
  readonly aws: AwsSettings
  readonly proxy: ReturnType<typeof useProxy>
}

/** Reads the environment and the config file. Prints all problems at once, and returns null if there is one. */
export async function readSettings(variables: Variables, typed?: string): Promise<CommandSettings | null> {
  const read = readEnvironment(variables)
  const proxy = useProxy(variables)
  const aws = await defaultRegion()
  const origin = configOrigin(variables, typed)
  const file = origin.name
  const loaded = origin.load(aws)
  if ('problems' in read) console.error(formatVariableProblems(read.problems))
  if ('problems' in loaded) console.error(formatProblems(file, loaded.problems))
  if ('problems' in read || 'problems' in loaded) {
    console.error(
      problemCount('problems' in read ? read.problems : [], 'problems' in loaded ? loaded.problems : []),
    )
    return null
  }
  const withoutRegion = missingRegion(file, loaded.config, aws)
  if (withoutRegion !== null) {
    console.error(withoutRegion)
    return null
  }
  return {
    environment: read.environment,
    config: loaded.config,
    aws: { ...(aws.region !== undefined && { region: aws.region }), ...(proxy && { proxy }) },
    proxy,
  }
}

/** Says which service environment has no AWS region, and where to set one; null if each has one. */
export function missingRegion(file: string, config: Config, aws: DefaultRegion): string | null {
  if (!('why' in aws)) return null
  const without = config.serviceEnvironments.find(({ region }) => region === undefined)
  return without
    ? `No AWS region for ${without.service} in ${without.environment}: ${aws.why.replace(/\.$/, '')}. Set AWS_REGION, or write \`aws: { region: … }\` for the environment in ${file}.`
    : null
}
