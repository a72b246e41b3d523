/** A command with its words. `depth`: the number of parentheses around it. */
export type Command = { readonly words: readonly string[]; readonly depth: number }

/**
 * Splits a script into commands and words, as a shell does as far as quotes, comments and separators go. A script
 * passed to a shell as an argument is split too, and so are `$(…)` and backticks. If a quote is never closed, as in
 * prose, quotes are treated as ordinary characters.
 */
export function commandsIn(script: string): readonly Command[] {
  const text = withoutBraces(withoutTexts(script))
  const quotes = ['"', "'"]
  const commands = scanned(text, quotes, maxNesting) ?? scanned(text, quotes, 0) ?? scanned(text, [], 0) ?? []
  return commands.flatMap(startedBy)
}

/** Limit of nested commands in texts. */
const maxNesting = 5

/** Commands that print their words. */
export const quoting: ReadonlySet<string> = new Set(['echo', 'printf', 'Write-Host', 'Write-Output'])

/** Writes each variable in one form: `$NAME`. */
export function withoutBraces(text: string): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name) => `$${name}`)
}

/** Removes here-documents, unless they are the input of a shell on this machine. */
function withoutTexts(script: string): string {
  const lines = script.split('\n')
  const last = new Map(lines.map((line, at) => [line.trim(), at]))
  let end: string | null = null
  return lines
    .filter((line, at) => {
      if (end !== null) {
        if (line.trim() === end) end = null
        return false
      }
      const [, word] = /(?<!<)<<(?!<)[-~]?\s*["']?(\w+)["']?/.exec(line) ?? []
      if (word !== undefined && (last.get(word) ?? 0) > at && !isOwnShell(line)) end = word
      return true
    })
    .join('\n')
}

function isOwnShell(line: string): boolean {
  return /(^|[\s;|&(])(ba|da|z)?sh\b/.test(line) && !/\bssh\b/.test(line)
}

/** Words before a command's name: shell keywords, wrappers, and variables of this command. */
const prefix = /^(then|do|else|elif|if|while|until|!|\{|\}|sudo|time|exec|command|env|\w+=.*)$/s

function startedBy({ words, depth }: Command): readonly Command[] {
  const begins = words.findIndex((word) => !prefix.test(word))
  const own = begins < 0 ? [] : words.slice(begins)
  const [command = ''] = own
  // Another command may start the shell, as in `timeout 5 bash -c`, but with `ssh` it runs on another machine.
  const shell = quoting.has(command) || command === 'ssh' ? -1 : own.findIndex((word) => isShell.test(word))
  const after = shell < 0 ? [] : own.slice(shell + 1)
  const takesAllText = /^(eval|trap)$/.test(own[shell] ?? '')
  const scripts = takesAllText ? after : after.filter((_, at) => /^(-\w*c|<<<)$/.test(after[at - 1] ?? ''))
  return [
    { words: own, depth },
    ...scripts.flatMap((text) => commandsIn(text).map((each) => ({ ...each, depth: depth + 1 }))),
  ]
}

/** Commands that run words as commands; `trap` does so later. */
const isShell = /^(.*\/)?((ba|da|z)?sh|su|eval|trap)$/

/** State of the enclosing command. `quote`: the quote around it. `closes`: what ends the inner command. */
type Outer = {
  readonly words: string[]
  readonly word: string
  readonly quote: string
  readonly depth: number
  readonly begins: number
  readonly closes: string
}

/**
 * Null if a quote, or a command in `$(…)` or backticks, is never closed. The word that contains it is then known only
 * in the run.
 * @param most limit of nesting; 0: each of the signs of nesting ends a command
 */
function scanned(text: string, quotes: readonly string[], most: number): readonly Command[] | null {
  const commands: Command[] = []
  let words: string[] = []
  let word: string | null = null
  let quote = ''
  let depth = 0
  const outer: Outer[] = []
  const endWord = () => {
    if (word !== null) words.push(word)
    word = null
  }
  const endCommand = () => {
    endWord()
    if (words.length > 0) commands.push({ words, depth })
    words = []
  }
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]!
    const back = outer.at(-1)
    const closes = quote === '' && back !== undefined && sign === back.closes && depth === back.depth + 1
    const begins = quote !== "'" && !closes && (sign === '`' || text.startsWith('$(', at))
    if (sign === '\\' && quote !== "'") {
      at += 1
      if (text[at] !== '\n') word = (word ?? '') + (text[at] ?? '')
    } else if (begins && outer.length < most) {
      outer.push({ words, word: word ?? '', quote, depth, begins: at, closes: sign === '`' ? '`' : ')' })
      ;[words, word, quote] = [[], null, '']
      depth += 1
      if (sign === '$') at += 1
    } else if (quote !== '') {
      if (sign === quote) quote = ''
      else word += sign
    } else if (quotes.includes(sign)) {
      quote = sign
      word ??= ''
    } else if (sign === '#' && word === null) {
      at = endOfComment(text, at, back) - 1
    } else if (/\s/.test(sign) && sign !== '\n') endWord()
    else if (closes && !(sign === ')' && isPattern([...words, word ?? ''], text.slice(back.begins, at)))) {
      endCommand()
      outer.pop()
      ;({ words, depth, quote } = back)
      word = back.word + text.slice(back.begins, at + 1)
    } else if (/[\n;|&`()]/.test(sign)) {
      if (sign === '`') word = `${word ?? ''}\``
      endCommand()
      if (sign === '(') depth += 1
      else if (sign === ')' && !closes) depth = Math.max(0, depth - 1)
    } else word = (word ?? '') + sign
  }
  endCommand()
  return quote === '' && outer.length === 0 ? commands : null
}

/** In backticks a comment ends with them. */
function endOfComment(text: string, at: number, outer: Outer | undefined): number {
  const ends = outer?.closes === '`' ? ['\n', '`'] : ['\n']
  return Math.min(...ends.map((end) => text.indexOf(end, at)).map((end) => (end < 0 ? text.length : end)))
}

/**
 * Whether a parenthesis ends a pattern of `case` and not a command.
 * @param before the text before it
 */
function isPattern(words: readonly string[], before: string): boolean {
  if (words[0] === 'case') return words.includes('in')
  return words.at(-1) !== 'esac' && /;;&?\s*[^\s;()]+$/.test(before.slice(-maxPatternLength))
}

/** Limit of characters of a `case` pattern. */
const maxPatternLength = 200
