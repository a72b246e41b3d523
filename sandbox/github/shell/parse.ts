import type { Command, Part, Pipeline, Redirect, Script, Word } from './syntax.ts'
import { Words } from './words.ts'

const reserved = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}'])

/**
 * Parses a shell script, with the syntax that deploy scripts use: lists, pipelines, quotes, variables, command
 * substitution, redirects, here-documents, `if`, `for`, `while`, `case`, functions. Throws a SyntaxError on anything
 * else, such as arrays.
 */
export function parseScript(text: string): Script {
  const parser = new Parser(text.replaceAll('\r\n', '\n'))
  const script = parser.script()
  parser.end()
  return script
}

class Parser extends Words {
  /** Here-documents whose text begins on the next line. */
  #awaited: {
    readonly end: string
    readonly isPlain: boolean
    readonly indent: 'kept' | 'cut'
    readonly into: Part[]
  }[] = []

  protected within(text: string): Words {
    return new Parser(text)
  }

  end(): void {
    this.#space()
    if (this.at < this.text.length) throw this.wrong()
  }

  /** Skips blanks, joined lines and comments. */
  #blank(): void {
    for (;;) {
      if (this.take(' ') || this.take('\t') || this.take('\\\n')) continue
      const isComment = this.sees('#') && /^$|[\s;&|()]/.test(this.text[this.at - 1] ?? '')
      if (!isComment) return
      while (this.at < this.text.length && !this.sees('\n')) this.at += 1
    }
  }

  #space(): void {
    for (;;) {
      this.#blank()
      if (!this.take('\n')) return
      this.#readAwaited()
    }
  }

  #readAwaited(): void {
    for (const { end, isPlain, indent, into } of this.#awaited.splice(0)) {
      let body = ''
      for (;;) {
        if (this.at >= this.text.length) throw new SyntaxError(`the here-document ${end} is not closed`)
        const stop = this.text.indexOf('\n', this.at)
        const whole = this.text.slice(this.at, stop < 0 ? undefined : stop)
        const line = indent === 'cut' ? whole.replace(/^\t+/, '') : whole
        this.at = stop < 0 ? this.text.length : stop + 1
        if (line === end) break
        body += `${line}\n`
      }
      if (isPlain) into.push({ kind: 'text', text: body, isQuoted: true })
      else into.push(...new Parser(body).quoted(undefined))
    }
  }

  /** Whether the given reserved word or operator comes next. */
  #keyword(word: string): boolean {
    return this.sees(word) && !/[\w-]/.test(this.text[this.at + word.length] ?? ' ')
  }

  #takeKeyword(word: string): boolean {
    return this.#keyword(word) && this.take(word)
  }

  #expectKeyword(word: string): void {
    this.#space()
    if (!this.#takeKeyword(word)) throw this.wrong()
  }

  #isAtEnd(): boolean {
    if (this.at >= this.text.length || this.sees(')') || this.sees(';;')) return true
    return [...reserved].some((word) => this.#keyword(word))
  }

  script(): Script {
    const script: { after: ';' | '&&' | '||'; pipeline: Pipeline }[] = []
    let after: ';' | '&&' | '||' = ';'
    for (;;) {
      this.#space()
      if (this.#isAtEnd()) return script
      script.push({ after, pipeline: this.#pipeline() })
      this.#blank()
      if (this.take('&&')) after = '&&'
      else if (this.take('||')) after = '||'
      else {
        after = ';'
        if (!this.sees(';;') && !this.take(';') && !this.take('&') && !this.sees('\n') && !this.#isAtEnd())
          throw this.wrong()
      }
    }
  }

  #pipeline(): Pipeline {
    const isNegated = this.sees('! ') && this.take('!')
    const commands: Command[] = []
    do {
      this.#space()
      commands.push(this.#command())
      this.#blank()
    } while (!this.sees('||') && (this.take('|&') || this.take('|')))
    return { isNegated, commands }
  }

  #command(): Command {
    const from = this.at
    const redirects: Redirect[] = []
    const compound = this.#compound()
    if (!compound) return this.#simple(from)
    while (this.#redirect(redirects)) this.#blank()
    return { ...compound, redirects, source: this.text.slice(from, this.at) } as Command
  }

  #compound() {
    if (this.#takeKeyword('if')) return this.#if()
    if (this.#takeKeyword('for')) return this.#for()
    if (this.#takeKeyword('while')) return this.#while('success')
    if (this.#takeKeyword('until')) return this.#while('failure')
    if (this.#takeKeyword('case')) return this.#case()
    if (this.sees('((')) throw this.wrong()
    if (this.take('(')) {
      const body = this.script()
      this.expect(')')
      return { kind: 'subshell' as const, body }
    }
    if (/^\{\s/.test(this.text.slice(this.at, this.at + 2))) {
      this.expect('{')
      const body = this.script()
      this.expect('}')
      return { kind: 'group' as const, body }
    }
    const named = /^(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)\s*\{/.exec(
      this.text.slice(this.at, this.at + 200),
    )
    if (!named) return undefined
    this.at += named[0].length
    const body = this.script()
    this.expect('}')
    return { kind: 'function' as const, name: named[1]!, body }
  }

  #if() {
    const branches: [Script, Script][] = []
    do {
      const test = this.script()
      this.#expectKeyword('then')
      branches.push([test, this.script()])
    } while (this.#takeKeyword('elif'))
    const otherwise = this.#takeKeyword('else') ? this.script() : []
    this.#expectKeyword('fi')
    return { kind: 'if' as const, branches, otherwise }
  }

  #for() {
    this.#blank()
    const name = this.name()
    this.#expectKeyword('in')
    const words: Word[] = []
    for (this.#blank(); !this.sees(';') && !this.sees('\n'); this.#blank()) words.push(this.word())
    this.take(';')
    this.#expectKeyword('do')
    const body = this.script()
    this.#expectKeyword('done')
    return { kind: 'for' as const, name, words, body }
  }

  #while(goesOnAt: 'success' | 'failure') {
    const test = this.script()
    this.#expectKeyword('do')
    const body = this.script()
    this.#expectKeyword('done')
    return { kind: 'while' as const, goesOnAt, test, body }
  }

  #case() {
    this.#blank()
    const word = this.word()
    this.#expectKeyword('in')
    const branches: [Word[], Script][] = []
    for (this.#space(); !this.#takeKeyword('esac'); this.#space()) {
      this.take('(')
      const patterns: Word[] = []
      do {
        this.#blank()
        patterns.push(this.word())
        this.#blank()
      } while (this.take('|'))
      this.expect(')')
      branches.push([patterns, this.script()])
      this.#space()
      this.take(';;')
    }
    return { kind: 'case' as const, word, branches }
  }

  #simple(from: number): Command {
    const variables: [string, Word][] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      this.#blank()
      if (this.#redirect(redirects)) continue
      const set = words.length === 0 && /^([A-Za-z_]\w*)=/.exec(this.text.slice(this.at, this.at + 200))
      if (set) {
        this.at += set[0].length
        if (this.sees('(')) throw this.wrong()
        variables.push([set[1]!, this.wordOrNothing()])
      } else if (this.#endsCommand()) break
      else {
        const word = this.word()
        words.push(word)
        if (words.length === 1 && isText(word, '[[')) this.#condition(words)
      }
    }
    const source = this.text.slice(from, this.at).trimEnd()
    if (words.length + variables.length + redirects.length === 0) throw this.wrong()
    return { kind: 'simple', variables, words, redirects, source }
  }

  #endsCommand(): boolean {
    return this.at >= this.text.length || /[\n;&|()]/.test(this.text[this.at]!)
  }

  /** The words between `[[` and `]]`, in which operators are words too. */
  #condition(words: Word[]): void {
    for (;;) {
      this.#space()
      if (this.take(']]')) {
        words.push([{ kind: 'text', text: ']]', isQuoted: false }])
        return
      }
      const sign = ['&&', '||', '(', ')', '<', '>'].find((each) => this.take(each))
      const word: Word = sign ? [{ kind: 'text', text: sign, isQuoted: false }] : this.word('condition')
      words.push(word)
    }
  }

  #redirect(into: Redirect[]): boolean {
    const found = /^([12]?)(>>|>\||>&|>|<<<|<<-?|<)|^&>>?/.exec(this.text.slice(this.at, this.at + 4))
    if (!found) return false
    this.at += found[0].length
    const sign = found[2]
    const from = found[0].startsWith('&') ? 'both' : found[1] === '2' ? 2 : 1
    this.#blank()
    if (sign === '<<' || sign === '<<-') {
      this.#hereDocument(into, sign)
      return true
    }
    if (sign === '>&') {
      const to = /^[12]/.exec(this.text.slice(this.at))?.[0]
      if (!to) throw this.wrong()
      this.at += 1
      into.push({ operator: '>', from, to: Number(to) as 1 | 2 })
      return true
    }
    const operator = sign === '<' || sign === '<<<' ? sign : found[0].endsWith('>>') ? '>>' : '>'
    into.push({ operator, from, to: this.word() })
    return true
  }

  #hereDocument(into: Redirect[], sign: string): void {
    const quoted = /^(['"])([^'"\n]+)\1|^\\?([^\s;&|<>()'"]+)/.exec(this.text.slice(this.at))
    if (!quoted) throw this.wrong()
    this.at += quoted[0].length
    const body: Part[] = []
    this.#awaited.push({
      end: quoted[2] ?? quoted[3]!,
      isPlain: quoted[1] !== undefined || quoted[0].startsWith('\\'),
      indent: sign === '<<-' ? 'cut' : 'kept',
      into: body,
    })
    into.push({ operator: '<<', from: 1, to: body })
  }
}

function isText(word: Word, text: string): boolean {
  return word.every((part) => part.kind === 'text' && !part.isQuoted) && textOf(word) === text
}

function textOf(word: Word): string {
  return word.map((part) => (part.kind === 'text' ? part.text : '')).join('')
}
