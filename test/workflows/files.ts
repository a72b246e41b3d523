import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'

/** The text of a file of this folder, such as `files/manual-prod.yml`. */
export function textOf(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8')
}

/** The text of a file of the table `bad`. */
export function badText(file: string): string {
  return file === 'large-inputs.yml' ? largeInputs() : textOf(`bad/${file}`)
}

/** More than the 1 MB up to which GitHub returns a file's content. */
function largeInputs(): string {
  const description = 'Where to. '.repeat(110_000)
  return stringify({
    name: 'Deploy',
    on: { workflow_dispatch: { inputs: { environment: { type: 'string', description, required: true } } } },
    jobs: {
      deploy: {
        'runs-on': 'ubuntu-latest',
        steps: [{ run: './scripts/update-service.sh blog-cluster-prod blog-api "blog-api:$GITHUB_SHA"' }],
      },
    },
  })
}

/** A `services:` block with the lines of a map in it. */
export function withMap(services: string, lines: string): string {
  return stringify(merged(parse(services), { services: parse(lines) }))
}

function merged(one: unknown, other: unknown): unknown {
  if (!isMapping(one) || !isMapping(other)) return other
  const changed = Object.entries(other).map(([key, value]) => [
    key,
    Object.hasOwn(one, key) ? merged(one[key], value) : value,
  ])
  return { ...one, ...Object.fromEntries(changed) }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
