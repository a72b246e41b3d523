import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ECS } from '@aws-sdk/client-ecs'
import { expect, onTestFinished, test } from 'vitest'
import { testPace } from '../sandbox/pace.ts'
import { startSandbox } from '../sandbox/sandbox.ts'
import { parseConfig } from '../src/config/load.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)]
  return new Set(
    headings.map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

test.each(pages)('%s links only to files and headings that exist', (page) => {
  const text = read(page).replaceAll(/^```[\s\S]*?^```/gm, '')
  const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link]) => link!)
  const broken = links.filter((link) => {
    const [path = '', anchor] = link.split('#')
    const file = path === '' ? page : join(dirname(page), path)
    if (!existsSync(join(root, file))) return true
    return anchor !== undefined && file.endsWith('.md') && !anchorsOf(read(file)).has(anchor)
  })
  expect(broken).toEqual([])
})

/** The code blocks of a language on a page. */
const blocks = (page: string, language: string) =>
  [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code!,
  )

test('the policy of the first deploy allows exactly the ECS, CloudWatch and ECR actions of docs/operating.md', () => {
  const policy = JSON.parse(blocks('docs/first-deploy.md', 'json')[0]!)
  const allowed = policy.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action)
  const [, table = ''] = /\*\*AWS\*\*:.*\n\n((?:\|.*\n)+)/.exec(read('docs/operating.md')) ?? []
  const needed = [...table.matchAll(/`((?:ecs|logs|ecr):\w+)`/g)].map(([, action]) => action)
  expect(allowed.toSorted()).toEqual(needed.toSorted())
})

test('the twokey.yml of the first deploy is valid once its IDs are filled in', () => {
  const [text = ''] = blocks('docs/first-deploy.md', 'yaml')
  const filled = text.replace('C…', 'C0A1B2C3D4').replace('S…', 'S0A1B2C3D4')
  const loaded = parseConfig(filled)
  expect('problems' in loaded ? loaded.problems : []).toEqual([])
  expect('config' in loaded && loaded.config.serviceEnvironments.length).toBe(2)
})

test('ECS accepts the task definition of running.md, whose variables and health check twokey has', async () => {
  const [, text = ''] = /```json\n([\s\S]*?)```/.exec(read('docs/running.md')) ?? []
  const definition = JSON.parse(text.replace('sha256:…', `sha256:${'0'.repeat(64)}`))
  const sandbox = await startSandbox({ pace: testPace, rates: 'off' })
  onTestFinished(() => sandbox.close())
  const { env, url } = sandbox.aws
  const client = new ECS({
    endpoint: url,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  })
  const { taskDefinition } = await client.registerTaskDefinition(definition)
  expect(taskDefinition?.taskDefinitionArn).toMatch(/task-definition\/twokey:1$/)
  const [{ environment, secrets, healthCheck, mountPoints }] = definition.containerDefinitions
  const documented = read('docs/configuration.md')
  for (const { name } of [...environment, ...secrets]) expect(documented).toContain(`| \`${name}\``)
  const image = read('Dockerfile')
  expect(image).toContain(JSON.stringify(healthCheck.command.slice(1)).replaceAll(',', ', '))
  expect(image).toContain(`TWOKEY_DATA_DIR=${mountPoints[0].containerPath}`)
})
