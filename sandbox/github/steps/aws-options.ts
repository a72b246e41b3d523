import { type Call, Unsupported } from '../shell/program.ts'

/** A parsed call of the AWS command line. */
export type Options = {
  /** Arguments without a dash: service, command, and others. */
  readonly words: readonly string[]
  /** The input of the operation, named as the SDK names its members. */
  readonly input: Readonly<Record<string, unknown>>
  readonly query: string | undefined
  readonly output: string
}

const lists = new Set([
  'services',
  'tasks',
  'include',
  'clusters',
  'requires-compatibilities',
  'log-stream-names',
])
const numbers = new Set([
  'count',
  'desired-count',
  'limit',
  'max-items',
  'max-results',
  'health-check-grace-period-seconds',
])
const flags = new Set([
  'force-new-deployment',
  'enable-ecs-managed-tags',
  'enable-execute-command',
  'start-from-head',
  'follow',
  'no-cli-pager',
  'no-paginate',
  'no-verify-ssl',
  'debug',
])
const structures = new Set([
  'network-configuration',
  'overrides',
  'container-definitions',
  'volumes',
  'tags',
  'capacity-provider-strategy',
  'deployment-configuration',
  'placement-constraints',
  'placement-strategy',
  'load-balancers',
  'runtime-platform',
  'ephemeral-storage',
])
/** The options of the command line itself. */
const ofTheCommandLine = new Set([
  'query',
  'output',
  'region',
  'profile',
  'endpoint-url',
  'color',
  'no-cli-pager',
  'no-paginate',
  'no-verify-ssl',
  'debug',
])

/** Parses the options of a call. Throws Unsupported for a form of a value that is not supported. */
export function readOptions(call: Call): Options {
  const words: string[] = []
  const input: Record<string, unknown> = {}
  const own = new Map<string, string>()
  const args = [...call.args]
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (!arg.startsWith('--')) {
      words.push(arg)
      continue
    }
    const [name, joined] = splitAt(arg.slice(2), '=')
    if (flags.has(name)) {
      if (!ofTheCommandLine.has(name)) input[camel(name)] = true
      continue
    }
    const first = joined ?? args.shift() ?? ''
    const values = [first]
    if (lists.has(name) || name === 'tags')
      while (args[0] !== undefined && !args[0].startsWith('--')) values.push(args.shift()!)
    if (ofTheCommandLine.has(name)) own.set(name, first)
    else if (name === 'cli-input-json') Object.assign(input, JSON.parse(contentOf(first, call)))
    else if (/^no-/.test(name)) input[camel(name.slice(3))] = false
    else input[camel(name)] = optionValue(name, values, call)
  }
  return { words, input, query: own.get('query'), output: own.get('output') ?? 'json' }
}

function optionValue(name: string, values: readonly string[], call: Call): unknown {
  const [first = ''] = values
  if (lists.has(name)) return first.startsWith('[') ? JSON.parse(first) : values
  if (numbers.has(name)) return Number(first)
  if (!structures.has(name)) return contentOf(first, call)
  const text = contentOf(first, call).trim()
  if (/^[[{]/.test(text)) return JSON.parse(text)
  const isList = name === 'tags' || /-(strategy|constraints|balancers)$/.test(name)
  return isList ? values.map(shorthand) : shorthand(text)
}

function contentOf(value: string, { shell }: Call): string {
  if (!/^fileb?:\/\//.test(value)) return value
  const path = value.replace(/^fileb?:\/\//, '')
  const text = shell.files.get(shell.path(path))
  if (text === undefined) throw new Unsupported(`the file ${path} is missing`)
  return text
}

/**
 * Parses the shorthand of a structure: `awsvpcConfiguration={subnets=[a,b],assignPublicIp=ENABLED}`,
 * `key=team,value=blog`.
 */
function shorthand(text: string): unknown {
  let at = 0
  const wrong = () => new Unsupported(`the value ${text}`)
  const value = (): unknown => {
    if (text[at] === '{') return members('}')
    if (text[at] === '[') return items()
    const found = /^"[^"]*"|^'[^']*'|^[^,\]}]*/.exec(text.slice(at))![0]
    at += found.length
    return found.replace(/^(['"])(.*)\1$/, '$2')
  }
  const items = (): unknown[] => {
    const all: unknown[] = []
    at += 1
    while (text[at] !== ']') {
      all.push(value())
      if (text[at] === ',') at += 1
      else if (text[at] !== ']') throw wrong()
    }
    at += 1
    return all
  }
  const members = (end: '}' | undefined): Record<string, unknown> => {
    const all: Record<string, unknown> = {}
    if (end) at += 1
    while (text[at] !== end) {
      const name = /^([A-Za-z]\w*)=/.exec(text.slice(at))
      if (!name) throw wrong()
      at += name[0].length
      all[name[1]!] = value()
      if (text[at] === ',') at += 1
      else if (text[at] !== end) throw wrong()
    }
    if (end) at += 1
    return all
  }
  return members(undefined)
}

/** Formats a value like `--output text`: `None` for null, members of a list on one line, lists of lists line by line. */
export function textOutput(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (Array.isArray(value)) {
    const isFlat = value.every((each) => typeof each !== 'object' || each === null)
    return isFlat ? value.map(textOutput).join('\t') : value.map(textOutput).join('\n')
  }
  if (typeof value === 'object') return Object.values(value).map(textOutput).join('\t')
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}

function splitAt(text: string, sign: string): [string, string?] {
  const at = text.indexOf(sign)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function camel(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
