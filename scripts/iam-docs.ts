import { readFileSync, writeFileSync } from 'node:fs'
import { parseConfig } from '../src/config/load.ts'
import { queuesOf } from '../src/config/queues.ts'
import { settingsOf } from '../src/config/settings.ts'
import { eventQueue } from '../src/iam/event-queue.ts'
import { fillRole } from '../src/iam/fill.ts'
import { toCloudFormation } from '../src/iam/formats/cloudformation.ts'
import { rolesToJson } from '../src/iam/formats/json.ts'
import { gitHubIssuer } from '../src/iam/issuer.ts'
import { rolesAlone } from '../src/iam/parts.ts'
import { rolesFor } from '../src/iam/roles.ts'
import { usualFeatures } from '../src/iam/statement.ts'

/** Writes the policies of docs/first-deploy.md and docs/aws.md, as `twokey iam` prints them. */

const docs = new URL('../docs/', import.meta.url)
export const pages = ['first-deploy.md', 'aws.md'] as const

const values = new Map([
  ['account', ['123456789012']],
  ['twokey_role', ['twokey']],
  ['log_groups', ['/ecs/blog-*']],
  ['ecr_repositories', ['blog-*']],
  ['task_families', ['blog-api']],
  ['repository_id_acme_blog_api', ['123456789']],
  ['subject_prefix_acme_blog_api', ['repo:acme@1234/blog-api@123456789']],
])

const queueAlone = {
  ...rolesAlone([]),
  queue: eventQueue({ url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/twokey' }, 'eu-west-1'),
}

type Document = { readonly Version: string; readonly Statement: readonly unknown[] }
type JsonRole = {
  readonly RoleName: string
  readonly AssumeRolePolicyDocument?: Document
  readonly Policies: readonly { readonly PolicyName: string; readonly PolicyDocument: Document }[]
}

/** The roles for the twokey.yml of the first deploy. */
function rolesOf(over: (config: string) => string): readonly JsonRole[] {
  const [, written = ''] = /^```yaml\n(slack:[\s\S]*?)^```/m.exec(page('first-deploy.md')) ?? []
  const loaded = parseConfig(over(written.replace('C…', 'C0A1B2C3D4').replace('S…', 'S0A1B2C3D4')))
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const setup = {
    ...settingsOf(loaded.config, 'eu-west-1'),
    queues: queuesOf(loaded.config),
    defaultRegion: 'eu-west-1',
    issuer: gitHubIssuer,
    features: usualFeatures,
  }
  return JSON.parse(rolesToJson(rolesFor(setup).map((role) => fillRole(role, values)))) as JsonRole[]
}

/** The page with all generated policies updated. */
export function upToDate(markdown: string): string {
  const single = rolesOf((config) => config)
  const several = rolesOf((config) =>
    config.replace(
      '    branch: main\n',
      '    branch: main\n    aws: { roleArn: arn:aws:iam::210987654321:role/twokey }\n',
    ),
  )
  const policies = single.find(({ RoleName }) => RoleName === 'twokey')!.Policies
  const parts = {
    'policy of twokey': asJson({
      Version: '2012-10-17',
      Statement: policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
    }),
    'trust of twokey': asJson(several[1]!.AssumeRolePolicyDocument!),
    'trust of the workflow': asJson(several.at(-1)!.AssumeRolePolicyDocument!),
    'queue of events': { language: 'yaml', text: toCloudFormation(queueAlone, []) },
  }
  return Object.entries(parts).reduce(
    (text, [name, { language, text: part }]) =>
      text.replace(new RegExp(`( *)<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`), (_all, indent: string) =>
        [`<!-- ${name} -->`, `\`\`\`${language}`, ...part.trimEnd().split('\n'), '```', `<!-- /${name} -->`]
          .map((line) => `${indent}${line}`)
          .join('\n'),
      ),
    markdown,
  )
}

function asJson(document: Document) {
  return { language: 'json', text: JSON.stringify(document, null, 2) }
}

function page(name: (typeof pages)[number]): string {
  return readFileSync(new URL(name, docs), 'utf8')
}

if (import.meta.main) for (const name of pages) writeFileSync(new URL(name, docs), upToDate(page(name)))
