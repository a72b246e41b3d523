import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Variables } from './variables.ts'

/** An `endpoint_url` in a file that the AWS SDK reads. `section`: as written there. */
export type FileEndpoint = { readonly file: string; readonly section: string; readonly address: string }

/** The services that twokey calls, and what provides credentials. Names as in a `services` section. */
const called = ['ecs', 'cloudwatch_logs', 'codedeploy', 'ecr', 'sqs', 'sts', 'sso', 'sso_oidc', 'signin']

/**
 * The endpoints that the shared files set for the services that twokey calls, from the profile in use and the profiles
 * that it takes credentials from. None if a variable takes precedence. Source: docs.aws.amazon.com/sdkref,
 * service-specific endpoints and the format of the files.
 */
export function fileEndpoints(variables: Variables): readonly FileEndpoint[] {
  if (variables.AWS_ENDPOINT_URL || variables.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return []
  const files = sharedFiles(variables)
  const found: FileEndpoint[] = []
  const seen = new Set<string>()
  let name: string | undefined = variables.AWS_PROFILE || 'default'
  while (name !== undefined && !seen.has(name)) {
    seen.add(name)
    const profile = profileOf(files, name)
    if (profile.said('ignore_configured_endpoint_urls') === 'true') return []
    found.push(...endpointsOf(files, profile))
    name = profile.said('source_profile')
  }
  return found
}

/** A profile of the files; if both contain a setting, the config file's applies. */
type Profile = {
  readonly sections: readonly Section[]
  readonly said: (key: string) => string | undefined
}

function profileOf(files: readonly SharedFile[], name: string): Profile {
  const sections = files.flatMap((file) => profileSections(file, name))
  return { sections, said: (key) => sections.find(({ values }) => values.has(key))?.values.get(key) }
}

function endpointsOf(files: readonly SharedFile[], { sections, said }: Profile): readonly FileEndpoint[] {
  const title = `services ${said('services')}`
  const services = files.flatMap((file) => file.sections.filter((section) => section.title === title))
  return [
    ...sections.flatMap((section) => endpoints(section, ['endpoint_url'])),
    ...services.flatMap((section) =>
      endpoints(
        section,
        called.map((service) => `${service}.endpoint_url`),
      ),
    ),
  ]
}

type Section = { readonly file: string; readonly title: string; readonly values: ReadonlyMap<string, string> }
type SharedFile = { readonly kind: 'config' | 'credentials'; readonly sections: readonly Section[] }

function endpoints({ file, title, values }: Section, keys: readonly string[]): readonly FileEndpoint[] {
  return keys.flatMap((key) => {
    const address = values.get(key)
    return address === undefined ? [] : [{ file, section: `[${title}]`, address }]
  })
}

/** The config file comes first: its settings take precedence. */
function sharedFiles(variables: Variables): readonly SharedFile[] {
  const home = variables.HOME || homedir()
  const paths = {
    config: variables.AWS_CONFIG_FILE || join(home, '.aws', 'config'),
    credentials: variables.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
  }
  return (['config', 'credentials'] as const).map((kind) => ({
    kind,
    sections: sectionsOf(paths[kind].replace(/^~(?=\/)/, home)),
  }))
}

function profileSections({ kind, sections }: SharedFile, name: string): readonly Section[] {
  const titles = kind === 'credentials' ? [name] : [`profile ${name}`, ...(name === 'default' ? [name] : [])]
  return sections.filter(({ title }) => titles.includes(title))
}

/** No sections if the file does not exist or may not be read, as for the SDK. */
function sectionsOf(file: string): readonly Section[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  const sections: (Section & { readonly values: Map<string, string> })[] = []
  /** The service whose settings are indented below it. */
  let outer: string | null = null
  for (const line of text.split(/\r?\n/)) {
    const [said = ''] = line.split(/(?:^|\s)[;#]/)
    const title = /^\s*\[(.*)\]\s*$/.exec(said)?.[1]
    const [, name, value] = /^\s*([^=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(said) ?? []
    if (title !== undefined) sections.push({ file, title: plain(title), values: new Map() })
    if (title !== undefined || /^\S/.test(line)) outer = null
    if (name === undefined || value === undefined) continue
    if (value === '') outer = name
    else sections.at(-1)?.values.set(outer === null ? name : `${outer}.${name}`, value)
  }
  return sections
}

/** Writes `profile "blog"` as `profile blog`. */
function plain(title: string): string {
  return title.replaceAll(/["']/g, '').trim().replaceAll(/\s+/g, ' ')
}
