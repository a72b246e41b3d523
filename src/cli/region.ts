import type { Config } from '../config/resolve.ts'
import type { DefaultRegion } from '../ecs/region.ts'

/** Says which service environment has no AWS region, and where to set one; null if each has one. */
export function missingRegion(file: string, config: Config, aws: DefaultRegion): string | null {
  if (!('why' in aws)) return null
  const without = config.serviceEnvironments.find(({ region }) => region === undefined)
  return without
    ? `No AWS region for ${without.service} in ${without.environment}: ${aws.why.replace(/\.$/, '')}. Set AWS_REGION, or write \`aws: { region: … }\` for the environment in ${file}.`
    : null
}
