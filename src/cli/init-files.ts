import { createHash } from 'node:crypto'
import { parseConfig } from '../config/load.ts'
import { queuesOf } from '../config/queues.ts'
import { settingsOf } from '../config/settings.ts'
import { fillRole, missingValues, type Values } from '../iam/fill.ts'
import { toCloudFormation } from '../iam/formats/cloudformation.ts'
import { toTerraform } from '../iam/formats/terraform.ts'
import { rolesFor } from '../iam/roles.ts'
import { usualFeatures } from '../iam/statement.ts'
import { valuesFor } from '../iam/values.ts'
import { configFile } from '../init/config-file.ts'
import type { Plan } from '../init/plan.ts'
import { deployWorkflow } from '../init/workflow.ts'
import type { WantedFile } from '../init/write.ts'

/** File and emitter of each format of the roles. */
const formats = {
  terraform: { path: 'aws/twokey.tf', emit: toTerraform },
  cloudformation: { path: 'aws/twokey.yaml', emit: toCloudFormation },
} as const

export type Format = keyof typeof formats

/** The formats that `--format` may name. */
export const formatNames: readonly string[] = Object.keys(formats)

export function isFormat(format: string): format is Format {
  return format in formats
}

/** The files of a plan: twokey.yml, the workflow, and the roles in AWS. `command`: how to have them made again. */
export function filesOf(
  plan: Plan,
  how: {
    readonly format: Format
    readonly values: Values
    readonly issuer: string
    readonly command: string
  },
): readonly WantedFile[] {
  const { path, emit } = formats[how.format]
  const config = configFile(plan)
  const loaded = parseConfig(config)
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const { region } = plan.environments[0]
  const roles = rolesFor({
    ...settingsOf(loaded.config, region),
    queues: queuesOf(loaded.config),
    defaultRegion: region,
    issuer: how.issuer,
    features: usualFeatures,
  }).map((role) => fillRole(role, how.values))
  const missing = missingValues(roles, valuesFor([plan.repository]))
  const inputs = createHash('sha256')
    .update(JSON.stringify([plan, how.format]))
    .digest('hex')
    .slice(0, 12)
  const head = `# Made by \`${how.command}\`, from the inputs ${inputs}.\n`
  return [
    {
      path: 'twokey.yml',
      text: `${head}# docs/configuration.md of twokey describes every field.\n${config}`,
    },
    { path: '.github/workflows/deploy.yml', text: `${head}${deployWorkflow(plan)}` },
    { path, text: `${head}${emit(roles, missing)}` },
  ]
}
