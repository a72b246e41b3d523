import { queuesOf } from '../config/queues.ts'
import { settingsOf } from '../config/settings.ts'
import type { Variables } from '../config/variables.ts'
import { fillRole, missingValues } from '../iam/fill.ts'
import { toCloudFormation } from '../iam/formats/cloudformation.ts'
import { explained, missingLines } from '../iam/formats/explanation.ts'
import { rolesToJson } from '../iam/formats/json.ts'
import { toTerraform } from '../iam/formats/terraform.ts'
import { rolesAlone } from '../iam/parts.ts'
import { rolesFor, type Setup } from '../iam/roles.ts'
import { type TooLarge, tooLarge } from '../iam/size.ts'
import { type Feature, features, type Role, usualFeatures } from '../iam/statement.ts'
import { shown } from '../iam/text.ts'
import { type Value, valuesFor } from '../iam/values.ts'
import { configFor, issuerFor, valuesIn, type Wrong } from './iam-options.ts'
import { refused } from './refused.ts'
import { missingRegion } from './settings.ts'

/** Options of `twokey iam`; those of text are as typed. */
export type IamOptions = {
  readonly feature?: readonly string[]
  readonly environment?: readonly string[]
  readonly role?: readonly string[]
  readonly set?: readonly string[]
  readonly issuer?: string
  readonly format: string
}

const formats = ['text', 'json', 'terraform', 'cloudformation']

/** `twokey iam`: prints the roles and policies that twokey.yml needs. Reads nothing but the file. */
export async function iam(variables: Variables, options: IamOptions): Promise<0 | 2> {
  const read = await configFor(variables)
  if (read === null) return 2
  const { config, name, aws } = read
  const withoutRegion = missingRegion(name, config, aws)
  if (withoutRegion !== null) return refused(withoutRegion)
  const issuer = issuerFor(variables, options.issuer)
  if ('wrong' in issuer) return refused(issuer.wrong)
  const printed = printedRoles(
    {
      ...settingsOf(config, aws.region),
      queues: queuesOf(config),
      defaultRegion: aws.region ?? '',
      ...issuer,
    },
    options,
  )
  if ('wrong' in printed) return refused(printed.wrong)
  console.log(printed.text.trimEnd())
  for (const { name, size, most } of printed.tooLarge)
    console.error(
      `Warning: ${name} has ${size} characters, and IAM allows ${most}. Split it by --environment, or use wildcards for the services.`,
    )
  return 0
}

type Everything = Omit<Setup, 'features'> & { readonly environments: readonly string[] }

type Printed = { readonly text: string; readonly tooLarge: readonly TooLarge[] }

function printedRoles(everything: Everything, options: IamOptions): Printed | Wrong {
  const all = everything.serviceEnvironments
  const chosen = { feature: options.feature ?? usualFeatures, environment: options.environment }
  const wrong =
    notIn('format', [options.format], formats) ??
    notIn('feature', chosen.feature, features) ??
    notIn('environment', chosen.environment ?? [], everything.environments)
  if (wrong) return wrong
  const known = valuesFor(all.map(({ repository }) => repository))
  const values = valuesIn(options.set ?? [], known)
  if ('wrong' in values) return values
  const roles = rolesFor({
    ...everything,
    serviceEnvironments: all.filter(({ environment }) => chosen.environment?.includes(environment) ?? true),
    features: chosen.feature as readonly Feature[],
  }).map((role) => fillRole(role, values.values))
  const noRole = notIn(
    'role',
    options.role ?? [],
    roles.map(({ name }) => name),
  )
  if (noRole) return noRole
  const printed = roles.filter(({ name }) => options.role?.includes(name) ?? true)
  const written = inFormat(options.format, printed, missingValues(printed, known))
  return 'wrong' in written ? written : { ...written, tooLarge: tooLarge(printed) }
}

function inFormat(
  format: string,
  roles: readonly Role[],
  missing: readonly Value[],
): { readonly text: string } | Wrong {
  switch (format) {
    case 'json':
      return missing.length === 0 ? { text: rolesToJson(roles) } : { wrong: missingLines(missing) }
    case 'terraform':
      return inOneAccount(roles) ?? { text: `${madeBy(format)}${toTerraform(rolesAlone(roles), missing)}` }
    case 'cloudformation':
      return (
        inOneAccount(roles) ?? { text: `${madeBy(format)}${toCloudFormation(rolesAlone(roles), missing)}` }
      )
    default:
      return { text: explained(roles, missing) }
  }
}

const madeBy = (format: string) => `# Made by \`twokey iam --format ${format}\`.\n\n`

/** A template, or a provider of Terraform, belongs to one account. */
function inOneAccount(roles: readonly Role[]): Wrong | null {
  const byAccount = Map.groupBy(roles, ({ account }) => shown(account))
  if (byAccount.size <= 1) return null
  const lines = [...byAccount].map(
    ([account, here]) => `  ${account}: ${here.map(({ name }) => `--role ${name}`).join(' ')}`,
  )
  return {
    wrong: ['These roles belong to several AWS accounts. Choose those of one:', ...lines].join('\n'),
  }
}

function notIn(option: string, given: readonly string[], allowed: readonly string[]): Wrong | null {
  const stray = given.find((each) => !allowed.includes(each))
  return stray === undefined
    ? null
    : { wrong: `--${option} ${stray}: there is no such ${option}. Allowed: ${allowed.join(', ')}.` }
}
