import { posix } from 'node:path'
import { type ExpansionContext, expand, expandPattern, expandText, UnsetVariable } from './expand.ts'
import { parseScript } from './parse.ts'
import { Exit, Jump, type ShellSettings, type ShellState, Unsupported } from './program.ts'
import type { Command, Pipeline, Redirect, Script, Word } from './syntax.ts'
import { isTestTrue } from './test.ts'

type Streams = {
  readonly input: string
  out(text: string): void
  error(text: string): void
  /** `set -e` does not end the script if the surrounding command checks the failure. */
  readonly failure: 'ends' | 'looked-at'
}

/** Runs shell scripts with the syntax and programs that deploy scripts use. No other programs can be started. */
export class Shell implements ShellState {
  readonly variables: Map<string, string>
  readonly files: Map<string, string>
  readonly options: Set<string>
  folder: string
  #settings: ShellSettings
  #functions = new Map<string, Script>()
  #status = 0
  /** The status of the last command substitution of an assignment. */
  #substituted = 0

  constructor(settings: ShellSettings) {
    this.#settings = settings
    this.variables = settings.variables
    this.files = settings.files
    this.options = new Set(settings.options)
    this.folder = settings.folder
  }

  /** Runs a script and returns its exit status. Throws a SyntaxError if it cannot be parsed. */
  async run(text: string): Promise<number> {
    const script = parseScript(text)
    const { out } = this.#settings
    try {
      return await this.#script(script, { input: '', out, error: out, failure: 'ends' })
    } catch (trouble) {
      if (trouble instanceof Exit) return trouble.status
      if (trouble instanceof UnsetVariable) {
        out(`${trouble.message}\n`)
        return 1
      }
      throw trouble
    }
  }

  exit(status: number): never {
    throw new Exit(status)
  }

  jump(to: 'end' | 'next'): never {
    throw new Jump(to)
  }

  get status(): number {
    return this.#status
  }

  /** Resolves a path to an absolute path. */
  path(path: string): string {
    return posix.resolve(this.folder, path)
  }

  async #script(script: Script, streams: Streams): Promise<number> {
    for (const [at, { after, pipeline }] of script.entries()) {
      if (after === '&&' && this.#status !== 0) continue
      if (after === '||' && this.#status === 0) continue
      const isLookedAt = pipeline.isNegated || (script[at + 1]?.after ?? ';') !== ';'
      const failure = isLookedAt ? 'looked-at' : streams.failure
      this.#status = await this.#pipeline(pipeline, { ...streams, failure })
      if (this.#status !== 0 && failure === 'ends' && this.options.has('errexit')) this.exit(this.#status)
    }
    return script.length === 0 ? 0 : this.#status
  }

  async #pipeline({ isNegated, commands }: Pipeline, streams: Streams): Promise<number> {
    const statuses: number[] = []
    let input = streams.input
    for (const [at, command] of commands.entries()) {
      this.#settings.signal.throwIfAborted()
      const isLast = at === commands.length - 1
      const printed: string[] = []
      const out = isLast ? streams.out : (text: string) => void printed.push(text)
      const inner = { ...streams, input, out }
      statuses.push(
        isLast ? await this.#command(command, inner) : await this.#apart(() => this.#command(command, inner)),
      )
      input = printed.join('')
    }
    const status = this.options.has('pipefail')
      ? (statuses.findLast((each) => each !== 0) ?? 0)
      : statuses.at(-1)!
    return isNegated ? Number(status === 0) : status
  }

  /** Runs something like a subshell: `exit` ends only the subshell, and its variables are lost. */
  async #apart(work: () => Promise<number>): Promise<number> {
    const [variables, folder, options] = [new Map(this.variables), this.folder, new Set(this.options)]
    try {
      return await work()
    } catch (trouble) {
      if (!(trouble instanceof Exit)) throw trouble
      return trouble.status
    } finally {
      this.variables.clear()
      for (const [name, value] of variables) this.variables.set(name, value)
      this.options.clear()
      for (const option of options) this.options.add(option)
      this.folder = folder
    }
  }

  async #command(command: Command, outer: Streams): Promise<number> {
    const streams = await this.#redirected(command.redirects, outer)
    switch (command.kind) {
      case 'simple':
        return this.#simple(command, streams)
      case 'if':
        return this.#if(command, streams)
      case 'for':
        return this.#for(command, streams)
      case 'while':
        return this.#while(command, streams)
      case 'case':
        return this.#case(command, streams)
      case 'group':
        return this.#script(command.body, streams)
      case 'subshell':
        return this.#apart(() => this.#script(command.body, streams))
      case 'function':
        this.#functions.set(command.name, command.body)
        return 0
      default:
        return command satisfies never
    }
  }

  async #redirected(redirects: readonly Redirect[], outer: Streams): Promise<Streams> {
    let streams = outer
    for (const { operator, from, to } of redirects) {
      if (typeof to === 'number') {
        const { out, error } = streams
        streams = from === 2 ? { ...streams, error: out } : { ...streams, out: error }
        continue
      }
      const text = await expandText(to, this.#expansion)
      if (operator === '<<<' || operator === '<<')
        streams = { ...streams, input: operator === '<<' ? text : `${text}\n` }
      else if (operator === '<') streams = { ...streams, input: this.files.get(this.path(text)) ?? '' }
      else {
        const write = this.#writer(text, operator)
        streams = {
          ...streams,
          ...(from !== 2 && { out: write }),
          ...(from !== 1 && { error: write }),
        }
      }
    }
    return streams
  }

  #writer(name: string, operator: '>' | '>>'): (text: string) => void {
    if (name === '/dev/null') return () => {}
    if (name === '/dev/stderr' || name === '/dev/stdout') return this.#settings.out
    const path = this.path(name)
    if (operator === '>' || !this.files.has(path)) this.files.set(path, '')
    return (text) => void this.files.set(path, (this.files.get(path) ?? '') + text)
  }

  get #expansion(): ExpansionContext {
    return {
      variable: (name) => this.#variable(name),
      set: (name, value) => void this.variables.set(name, value),
      output: (script) => this.#output(script),
    }
  }

  #variable(name: string): string | undefined {
    if (name === '?') return String(this.#status)
    const value = this.variables.get(name)
    if (value === undefined && this.options.has('nounset') && /^[A-Za-z_]/.test(name))
      throw new UnsetVariable(`${name}: unbound variable`)
    return value
  }

  async #output(script: Script): Promise<string> {
    const printed: string[] = []
    const streams: Streams = {
      input: '',
      out: (text) => void printed.push(text),
      error: this.#settings.out,
      failure: 'ends',
    }
    this.#substituted = await this.#apart(() => this.#script(script, streams))
    return printed.join('')
  }

  async #simple(command: Extract<Command, { kind: 'simple' }>, streams: Streams): Promise<number> {
    this.#substituted = 0
    const words = await this.#words(command.words)
    const [name, ...args] = words
    if (name === undefined) return this.#assign(command.variables)
    const before = new Map(this.variables)
    if (command.variables.length > 0) await this.#assign(command.variables)
    try {
      return await this.#call(name, args, command, streams)
    } finally {
      for (const [variable] of command.variables) {
        const value = before.get(variable)
        if (value === undefined) this.variables.delete(variable)
        else this.variables.set(variable, value)
      }
    }
  }

  async #assign(variables: readonly (readonly [string, Word])[]): Promise<number> {
    for (const [name, word] of variables) this.variables.set(name, await expandText(word, this.#expansion))
    return this.#substituted
  }

  async #words(words: readonly Word[]): Promise<string[]> {
    const expanded: string[] = []
    for (const word of words) expanded.push(...(await expand(word, this.#expansion)))
    return expanded
  }

  async #call(name: string, args: string[], command: Command, streams: Streams): Promise<number> {
    const body = this.#functions.get(name)
    if (body) return this.#function(body, args, streams)
    if (name === '[[') return Number(!isTestTrue(args.slice(0, -1), 'patterns', this))
    const [file = '', ...itsArgs] = /^(ba|da)?sh$/.test(name) ? args : [name, ...args]
    const script = file === name && !name.includes('/') ? undefined : this.files.get(this.path(file))
    if (script !== undefined) return this.#file(script, itsArgs, streams)
    const program = this.#settings.programs[name]
    try {
      if (!program) throw new Unsupported(name)
      return await program({
        args,
        input: streams.input,
        shell: this,
        out: streams.out,
        error: streams.error,
      })
    } catch (trouble) {
      if (!(trouble instanceof Unsupported)) throw trouble
      this.#settings.skipped(command.source)
      return 0
    }
  }

  /** Runs a script file: it starts with the options of its first line only, and its variables are lost. */
  async #file(text: string, args: readonly string[], streams: Streams): Promise<number> {
    return this.#apart(() => {
      this.options.clear()
      if (/^#!.* -\w*e/.test(text)) this.options.add('errexit')
      return this.#function(parseScript(text), args, { ...streams, failure: 'ends' })
    })
  }

  async #function(body: Script, args: readonly string[], streams: Streams): Promise<number> {
    const outer = new Map([...this.variables].filter(([name]) => /^[\d#@*]$/.test(name)))
    for (const [at, arg] of args.entries()) this.variables.set(String(at + 1), arg)
    this.variables.set('@', args.join(' '))
    this.variables.set('#', String(args.length))
    try {
      return await this.#script(body, streams)
    } finally {
      for (const [name, value] of outer) this.variables.set(name, value)
    }
  }

  async #if({ branches, otherwise }: Extract<Command, { kind: 'if' }>, streams: Streams): Promise<number> {
    for (const [test, then] of branches)
      if ((await this.#script(test, { ...streams, failure: 'looked-at' })) === 0)
        return this.#script(then, streams)
    return this.#script(otherwise, streams)
  }

  async #for({ name, words, body }: Extract<Command, { kind: 'for' }>, streams: Streams): Promise<number> {
    for (const value of await this.#words(words)) {
      this.variables.set(name, value)
      if ((await this.#turn(body, streams)) === 'end') break
    }
    return this.#status
  }

  async #while(command: Extract<Command, { kind: 'while' }>, streams: Streams): Promise<number> {
    const { goesOnAt, test, body } = command
    for (;;) {
      const status = await this.#script(test, { ...streams, failure: 'looked-at' })
      if ((status === 0) !== (goesOnAt === 'success')) return 0
      if ((await this.#turn(body, streams)) === 'end') return 0
    }
  }

  async #turn(body: Script, streams: Streams): Promise<'end' | 'next'> {
    this.#settings.signal.throwIfAborted()
    try {
      await this.#script(body, streams)
      return 'next'
    } catch (trouble) {
      if (trouble instanceof Jump) return trouble.to
      throw trouble
    }
  }

  async #case({ word, branches }: Extract<Command, { kind: 'case' }>, streams: Streams): Promise<number> {
    const text = await expandText(word, this.#expansion)
    for (const [patterns, body] of branches)
      for (const pattern of patterns)
        if ((await expandPattern(pattern, this.#expansion)).test(text)) return this.#script(body, streams)
    return 0
  }
}
