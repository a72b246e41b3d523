import type { Part, Script, Word } from './syntax.ts'

const nameStart = /[A-Za-z_]/

/** Parses the words of a shell script: quotes, variables, command substitution. */
export abstract class Words {
  protected readonly text: string
  protected at = 0

  constructor(text: string) {
    this.text = text
  }

  /** Parses the commands up to the closing token. */
  protected abstract script(): Script
  /** A parser for another text. */
  protected abstract within(text: string): Words

  protected wrong(): SyntaxError {
    const line = this.text.slice(0, this.at).split('\n').length
    return new SyntaxError(`line ${line}: near '${this.text.slice(this.at, this.at + 20).split('\n')[0]}'`)
  }

  protected sees(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  protected take(text: string): boolean {
    if (!this.sees(text)) return false
    this.at += text.length
    return true
  }

  protected expect(text: string): void {
    if (!this.take(text)) throw this.wrong()
  }

  protected name(): string {
    const found = /^[A-Za-z_]\w*/.exec(this.text.slice(this.at))
    if (!found) throw this.wrong()
    this.at += found[0].length
    return found[0]
  }

  protected word(where: 'command' | 'condition' = 'command'): Word {
    const word = this.wordOrNothing(where)
    if (word.length === 0) throw this.wrong()
    return word
  }

  protected wordOrNothing(where: 'command' | 'condition' = 'command'): Word {
    const parts: Part[] = []
    const stops = where === 'condition' ? /\s/ : /[\s;&|<>()]/
    for (;;) {
      const letter = this.text[this.at]
      if (letter === undefined || stops.test(letter)) return parts
      if (this.take('\\\n')) continue
      if (this.take("'")) {
        const end = this.text.indexOf("'", this.at)
        if (end < 0) throw this.wrong()
        parts.push({ kind: 'text', text: this.text.slice(this.at, end), isQuoted: true })
        this.at = end + 1
      } else if (this.take('"')) parts.push(...this.quoted('"'))
      else if (this.take('\\')) {
        parts.push({ kind: 'text', text: this.text[this.at] ?? '', isQuoted: true })
        this.at += 1
      } else if (letter === '$' || letter === '`') parts.push(this.expansion('bare'))
      else {
        parts.push({ kind: 'text', text: letter, isQuoted: false })
        this.at += 1
      }
    }
  }

  /** Parses the inside of double quotes, or without an end, a whole text. */
  quoted(end: '"' | undefined): Part[] {
    const parts: Part[] = [{ kind: 'text', text: '', isQuoted: true }]
    for (;;) {
      const letter = this.text[this.at]
      if (letter === undefined) {
        if (end) throw this.wrong()
        return parts
      }
      if (letter === end) {
        this.at += 1
        return parts
      }
      if (this.take('\\\n')) continue
      const next = this.text[this.at + 1] ?? ''
      if (letter === '\\' && (/[$`\\]/.test(next) || (end && next === end))) {
        parts.push({ kind: 'text', text: next, isQuoted: true })
        this.at += 2
      } else if (letter === '$' || letter === '`') parts.push(this.expansion('quoted'))
      else {
        parts.push({ kind: 'text', text: letter, isQuoted: true })
        this.at += 1
      }
    }
  }

  private expansion(where: 'bare' | 'quoted'): Part {
    const isQuoted = where === 'quoted'
    if (this.take('`')) {
      const end = this.text.indexOf('`', this.at)
      if (end < 0) throw this.wrong()
      const script = this.within(this.text.slice(this.at, end)).script()
      this.at = end + 1
      return { kind: 'output', script, isQuoted }
    }
    if (this.take('$((')) {
      const end = this.text.indexOf('))', this.at)
      if (end < 0) throw this.wrong()
      const text = this.within(this.text.slice(this.at, end)).quoted(undefined)
      this.at = end + 2
      return { kind: 'arithmetic', text, isQuoted }
    }
    if (this.take('$(')) {
      const script = this.script()
      this.expect(')')
      return { kind: 'output', script, isQuoted }
    }
    if (this.take('${')) return this.braced(isQuoted ? 'quoted' : 'bare')
    this.expect('$')
    const letter = this.text[this.at] ?? ''
    if (nameStart.test(letter)) return { kind: 'variable', name: this.name(), change: undefined, isQuoted }
    if (/[?@*#\d$!]/.test(letter)) {
      this.at += 1
      return { kind: 'variable', name: letter, change: undefined, isQuoted }
    }
    return { kind: 'text', text: '$', isQuoted }
  }

  private braced(where: 'bare' | 'quoted'): Part {
    const isQuoted = where === 'quoted'
    if (this.take('#')) {
      const name = this.name()
      this.expect('}')
      return { kind: 'variable', name, change: { operator: 'length', word: [] }, isQuoted }
    }
    const name = /[?@*\d]/.test(this.text[this.at] ?? '') ? this.text[this.at++]! : this.name()
    if (this.take('}')) return { kind: 'variable', name, change: undefined, isQuoted }
    const operator = /^(:[-=+?]|[-=+?]|##?|%%?|\/\/?|\^\^?|,,?|:)/.exec(
      this.text.slice(this.at, this.at + 2),
    )?.[0]
    if (!operator) throw this.wrong()
    this.at += operator.length
    const word: Part[] = []
    while (!this.take('}')) {
      if (this.at >= this.text.length) throw this.wrong()
      if (this.take('"')) word.push(...this.quoted('"'))
      else if (this.sees('$')) word.push(this.expansion('quoted'))
      else {
        word.push({ kind: 'text', text: this.text[this.at]!, isQuoted: false })
        this.at += 1
      }
    }
    return { kind: 'variable', name, change: { operator, word }, isQuoted }
  }
}
