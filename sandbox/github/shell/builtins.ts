import { setTimeout as pause } from 'node:timers/promises'
import { runJq } from './jq.ts'
import { type Call, type Program, Unsupported } from './program.ts'
import { isTestTrue } from './test.ts'

const lines = (text: string) => text.replace(/\n$/, '').split('\n')

/** Splits arguments into flags, options with values, and the rest. */
export function readArgs(
  args: readonly string[],
  valued: ReadonlySet<string>,
): {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string[]>
  readonly rest: string[]
} {
  const flags = new Set<string>()
  const values = new Map<string, string[]>()
  const rest: string[] = []
  for (let at = 0; at < args.length; at += 1) {
    const [name, joined] = splitOption(args[at]!)
    if (valued.has(name)) values.set(name, [...(values.get(name) ?? []), joined ?? args[++at] ?? ''])
    else if (args[at]!.startsWith('-') && args[at] !== '-') flags.add(args[at]!)
    else rest.push(args[at]!)
  }
  return { flags, values, rest }
}

function splitOption(arg: string): [string, string?] {
  const equals = arg.startsWith('--') ? arg.indexOf('=') : -1
  return equals < 0 ? [arg] : [arg.slice(0, equals), arg.slice(equals + 1)]
}

/** The text of the named files, or of the piped input; undefined if a file is missing. */
function textOf(
  { shell, input, error }: Call,
  paths: readonly string[],
  program: string,
): string | undefined {
  if (paths.length === 0 || (paths.length === 1 && paths[0] === '-')) return input
  const texts = paths.map((path) => shell.files.get(shell.path(path)))
  const missing = texts.indexOf(undefined)
  if (missing < 0) return texts.join('')
  error(`${program}: ${paths[missing]}: No such file or directory\n`)
  return undefined
}

function echo({ args, out }: Call): number {
  const options = args.findIndex((arg) => !/^-[neE]+$/.test(arg))
  const [flags, words] = options < 0 ? [args, []] : [args.slice(0, options), args.slice(options)]
  const text = words.join(' ')
  const output = flags.some((flag) => flag.includes('e')) ? unescaped(text) : text
  out(flags.some((flag) => flag.includes('n')) ? output : `${output}\n`)
  return 0
}

function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\\\', '\\')
}

function printf({ args, out }: Call): number {
  const [format = '', ...words] = args
  do {
    const filled = unescaped(format).replaceAll(/%([sdiq%])/g, (_, kind: string) =>
      kind === '%' ? '%' : (words.shift() ?? (kind === 's' ? '' : '0')),
    )
    out(filled)
  } while (words.length > 0 && /%[sdiq]/.test(format))
  return 0
}

function cutLines(call: Call, from: 'head' | 'tail'): number {
  const { values, rest, flags } = readArgs(call.args, new Set(['-n', '--lines', '-c']))
  const short = [...flags].find((flag) => /^-\d+$/.test(flag))
  if (values.has('-c')) throw new Unsupported(from)
  const count = Number(values.get('-n')?.at(-1) ?? values.get('--lines')?.at(-1) ?? short?.slice(1) ?? 10)
  const text = textOf(call, rest, from)
  if (text === undefined) return 1
  const all = text === '' ? [] : lines(text)
  const kept = from === 'head' ? all.slice(0, count) : all.slice(Math.max(0, all.length - Math.abs(count)))
  for (const line of kept) call.out(`${line}\n`)
  return 0
}

function set({ args, shell }: Call): number {
  const named: Readonly<Record<string, string>> = { e: 'errexit', u: 'nounset' }
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!
    const change = (option: string | undefined) => {
      if (option) arg.startsWith('-') ? shell.options.add(option) : shell.options.delete(option)
    }
    if (!/^[-+]/.test(arg)) continue
    for (const letter of arg.slice(1)) change(letter === 'o' ? args[at + 1] : named[letter])
  }
  return 0
}

function assign({ args, shell }: Call): number {
  for (const arg of args) {
    const found = /^([A-Za-z_]\w*)=(.*)$/s.exec(arg)
    if (found) shell.variables.set(found[1]!, found[2]!)
  }
  return 0
}

function grep(call: Call): number {
  const { flags, rest } = readArgs(call.args, new Set())
  const letters = [...flags].join('')
  const [pattern, ...paths] = rest
  if (pattern === undefined || /[^-qivEFo]/.test(letters)) throw new Unsupported('grep')
  const source = letters.includes('F') ? pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern
  const expression = new RegExp(source, letters.includes('i') ? 'i' : '')
  const text = textOf(call, paths, 'grep')
  if (text === undefined) return 2
  const found = lines(text).filter((line) => expression.test(line) !== letters.includes('v'))
  if (!letters.includes('q'))
    for (const line of found) call.out(`${letters.includes('o') ? expression.exec(line)![0] : line}\n`)
  return found.length > 0 ? 0 : 1
}

function cut(call: Call): number {
  const short = call.args.flatMap((arg) => (/^-[dfc].+/.test(arg) ? [arg.slice(0, 2), arg.slice(2)] : [arg]))
  const { values, rest } = readArgs(short, new Set(['-d', '-f', '-c']))
  const text = textOf(call, rest, 'cut')
  if (text === undefined) return 1
  const [from = '', to] = (values.get('-f') ?? values.get('-c') ?? [''])[0]!.split('-')
  const last = to === undefined ? Number(from) : to === '' ? undefined : Number(to)
  const delimiter = values.has('-c') ? '' : (values.get('-d')?.[0] ?? '\t')
  for (const line of lines(text)) {
    const fields = line.split(delimiter)
    const kept = fields.length === 1 && !values.has('-c') ? fields : fields.slice(Number(from || 1) - 1, last)
    call.out(`${kept.join(delimiter)}\n`)
  }
  return 0
}

const jqValued = new Set(['--arg', '--argjson', '--indent'])

function jq(call: Call): number {
  const names: Record<string, unknown> = { ENV: Object.fromEntries(call.shell.variables) }
  const rest: string[] = []
  const flags: string[] = []
  for (let at = 0; at < call.args.length; at += 1) {
    const arg = call.args[at]!
    if (arg === '--arg') names[call.args[at + 1]!] = call.args[at + 2]!
    if (arg === '--argjson') names[call.args[at + 1]!] = JSON.parse(call.args[at + 2]!)
    if (jqValued.has(arg)) at += arg === '--indent' ? 1 : 2
    else if (arg.startsWith('-') && arg !== '-') flags.push(arg)
    else rest.push(arg)
  }
  const has = (letter: string, word: string) =>
    flags.some((flag) => flag === word || (/^-[a-zA-Z]+$/.test(flag) && flag.includes(letter)))
  const [filter = '.', ...paths] = rest
  const text = has('n', '--null-input') ? 'null' : textOf(call, paths, 'jq')
  if (text === undefined) return 2
  try {
    const input = JSON.parse(
      has('R', '--raw-input') ? JSON.stringify(text.trimEnd()) : text || 'null',
    ) as unknown
    const found = text.trim() === '' ? [] : runJq(filter, has('s', '--slurp') ? [input] : input, names)
    for (const value of found) {
      const isRaw = typeof value === 'string' && (has('r', '--raw-output') || has('j', '--join-output'))
      const output = isRaw ? value : JSON.stringify(value, undefined, has('c', '--compact-output') ? 0 : 2)
      call.out(has('j', '--join-output') ? output : `${output}\n`)
    }
    const last = found.at(-1) ?? null
    return has('e', '--exit-status') && (last === null || last === false) ? 1 : 0
  } catch (trouble) {
    if (trouble instanceof SyntaxError && trouble.message.startsWith('jq:'))
      throw new Unsupported(trouble.message)
    call.error(`jq: error: ${trouble instanceof Error ? trouble.message : trouble}\n`)
    return 5
  }
}

/** `date`, in UTC like GitHub's runners, with the format letters that deploy scripts use in tags. */
function date({ args, out }: Call): number {
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1)
  if (format === undefined || /%[^YmdHMSsFT]/.test(format)) throw new Unsupported('date')
  const now = new Date()
  const [day, time] = now.toISOString().slice(0, 19).split('T') as [string, string]
  const [year, month, dayOfMonth] = day.split('-')
  const [hour, minute, second] = time.split(':')
  const letters: Readonly<Record<string, string | undefined>> = {
    Y: year,
    m: month,
    d: dayOfMonth,
    H: hour,
    M: minute,
    S: second,
    s: String(Math.floor(now.getTime() / 1000)),
    F: day,
    T: time,
  }
  out(`${format.replaceAll(/%([YmdHMSsFT])/g, (_, letter: string) => letters[letter]!)}\n`)
  return 0
}

/** `sleep`; each of its seconds takes `second` ms. */
function sleep(second: number, signal: AbortSignal): Program {
  return async ({ args }) => {
    const wanted = Number.parseFloat(args[0] ?? '0') * second
    await pause(Number.isFinite(wanted) ? wanted : 0, undefined, { signal })
    return 0
  }
}

const testProgram =
  (end: 'bracket' | 'none'): Program =>
  ({ args, shell }) =>
    Number(!isTestTrue(end === 'bracket' ? args.slice(0, -1) : args, 'texts', shell))

/** The builtins of every shell, and the tools that deploy scripts use beside AWS and Docker. */
export function builtins(pace: {
  readonly second: number
  readonly signal: AbortSignal
}): Record<string, Program> {
  return {
    echo,
    printf,
    set,
    export: assign,
    local: assign,
    readonly: assign,
    declare: assign,
    unset: ({ args, shell }) => {
      for (const name of args) shell.variables.delete(name)
      return 0
    },
    exit: ({ args, shell }) => shell.exit(args[0] === undefined ? shell.status : Number(args[0]) % 256),
    true: () => 0,
    ':': () => 0,
    false: () => 1,
    break: ({ shell }) => shell.jump('end'),
    continue: ({ shell }) => shell.jump('next'),
    test: testProgram('none'),
    '[': testProgram('bracket'),
    cd: ({ args, shell }) => {
      shell.folder = shell.path(args[0] ?? shell.variables.get('GITHUB_WORKSPACE') ?? '/')
      return 0
    },
    mkdir: () => 0,
    cat: (call) => {
      const text = textOf(call, call.args, 'cat')
      if (text === undefined) return 1
      call.out(text)
      return 0
    },
    tee: ({ args, input, shell, out }) => {
      const { flags, rest } = readArgs(args, new Set())
      for (const path of rest.map((each) => shell.path(each)))
        shell.files.set(path, flags.has('-a') ? (shell.files.get(path) ?? '') + input : input)
      out(input)
      return 0
    },
    head: (call) => cutLines(call, 'head'),
    tail: (call) => cutLines(call, 'tail'),
    basename: ({ args, out }) => {
      out(`${(args[0] ?? '').replace(/\/+$/, '').split('/').at(-1)}\n`)
      return 0
    },
    grep,
    cut,
    date,
    jq,
    sleep: sleep(pace.second, pace.signal),
  }
}
