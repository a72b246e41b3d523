import { createHash } from 'node:crypto'
import { parseConfig } from '../config/load.ts'
import { queuesOf } from '../config/queues.ts'
import { settingsOf } from '../config/settings.ts'
import { eventQueue } from '../iam/event-queue.ts'
import { fillRole, missingValues, type Values } from '../iam/fill.ts'
import { toCloudFormation } from '../iam/formats/cloudformation.ts'
import { toJson } from '../iam/formats/json.ts'
import { toTerraform } from '../iam/formats/terraform.ts'
import type { AwsParts } from '../iam/parts.ts'
import { rolesFor } from '../iam/roles.ts'
import { usualFeatures } from '../iam/statement.ts'
import { type Value, valuesFor } from '../iam/values.ts'
import { configFile } from '../init/config-file.ts'
import type { Plan } from '../init/plan.ts'
import { deployWorkflow } from '../init/workflow.ts'
import type { WantedFile } from '../init/write.ts'

/** File, emitter and comments of each format of what is created in AWS. */
const formats = {
  terraform: { path: 'aws/twokey.tf', emit: toTerraform, headed },
  cloudformation: { path: 'aws/twokey.yaml', emit: toCloudFormation, headed },
  json: { path: 'aws/twokey.json', emit: toJson, headed: (_: string, text: string) => text },
} as const satisfies Record<string, FileFormat>

type FileFormat = {
  readonly path: string
  readonly emit: (parts: AwsParts, missing: readonly Value[]) => string
  /** The text with a head of comment lines, if the format has comments. */
  readonly headed: (head: string, text: string) => string
}

function headed(head: string, text: string): string {
  return `${head}\n${text}`
}

export type Format = keyof typeof formats

/** The formats that `--format` may name. */
export const formatNames: readonly string[] = Object.keys(formats)

export function isFormat(format: string): format is Format {
  return format in formats
}

/** The files of a plan, and the values that the reader has to fill in, which the one for AWS names. */
export type PlanFiles = { readonly files: readonly WantedFile[]; readonly missing: readonly Value[] }

/** twokey.yml, the workflow, and what is created in AWS. `command`: how to have them made again. */
export function filesOf(
  plan: Plan,
  how: {
    readonly format: Format
    readonly values: Values
    readonly issuer: string
    /** The account that twokey runs in. */
    readonly account: string
    readonly command: string
  },
): PlanFiles {
  const { path, emit, headed: withHead } = formats[how.format]
  const config = configFile(plan, how.account)
  const loaded = parseConfig(config)
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const { region } = plan.environments[0]
  const queues = queuesOf(loaded.config)
  const roles = rolesFor({
    ...settingsOf(loaded.config, region),
    queues,
    defaultRegion: region,
    issuer: how.issuer,
    features: [
      ...usualFeatures,
      ...(plan.environments.some(({ codeDeploy }) => codeDeploy) ? (['codedeploy'] as const) : []),
    ],
  }).map((role) => fillRole(role, how.values))
  const parts = { roles, provider: how.issuer, queue: eventQueue(queues[0]!, region) }
  const missing = missingValues(roles, valuesFor([plan.repository]))
  const inputs = createHash('sha256')
    .update(JSON.stringify([plan, how.format]))
    .digest('hex')
    .slice(0, 12)
  const head = `# Made by \`${how.command}\`, from the inputs ${inputs}.\n`
  return {
    files: [
      {
        path: 'twokey.yml',
        text: `${head}# docs/configuration.md of twokey describes every field.\n${config}`,
      },
      { path: '.github/workflows/deploy.yml', text: `${head}${deployWorkflow(plan)}` },
      { path, text: withHead(head, emit(parts, missing)) },
    ],
    missing,
  }
}
