/** A command with its words. `depth`: in how many pairs of parentheses it lies. */
export type Command = { readonly words: readonly string[]; readonly depth: number }

/**
 * The commands of a script with their words, as a shell reads them as far as quotes, comments and ends of commands go. Words
 * that a shell is started with are commands, too. Where a quote is never closed, as in a text for a command, quotes mean nothing.
 */
export function commandsIn(script: string): readonly Command[] {
  const text = withoutBraces(withoutTexts(script))
  const commands = scanned(text, ['"', "'"]) ?? scanned(text, []) ?? []
  return commands.flatMap(startedBy)
}

/** With each variable written one way: `$NAME`. */
export function withoutBraces(text: string): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name) => `$${name}`)
}

/** Without the lines that a command gets as its input, unless that is a shell which is not on another machine. */
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

/** How a command is begun: what a shell is told, and variables of the command alone. */
const before = /^(then|do|else|elif|if|while|until|!|\{|\}|sudo|time|exec|command|env|\w+=.*)$/s

function startedBy({ words, depth }: Command): readonly Command[] {
  const begins = words.findIndex((word) => !before.test(word))
  const own = begins < 0 ? [] : words.slice(begins)
  const [command = ''] = own
  const told = own.slice(1).filter((_, at) => command === 'eval' || /^-\w*c$/.test(own[at] ?? ''))
  return /^(.*\/)?((ba|da|z)?sh|eval)$/.test(command)
    ? [
        { words: own, depth },
        ...told.flatMap((text) => commandsIn(text).map((each) => ({ ...each, depth: depth + 1 }))),
      ]
    : [{ words: own, depth }]
}

/** Null: a quote is never closed. */
function scanned(text: string, quotes: readonly string[]): readonly Command[] | null {
  const commands: Command[] = []
  let words: string[] = []
  let word: string | null = null
  let quote = ''
  let depth = 0
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
    if (sign === '\\' && quote !== "'") {
      at += 1
      if (text[at] !== '\n') word = (word ?? '') + (text[at] ?? '')
    } else if (quote !== '') {
      if (sign === quote) quote = ''
      else word += sign
    } else if (quotes.includes(sign)) {
      quote = sign
      word ??= ''
    } else if (sign === '#' && word === null) {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end - 1
    } else if (/\s/.test(sign) && sign !== '\n') endWord()
    else if (/[\n;|&`()]/.test(sign)) {
      endCommand()
      if (sign === '(') depth += 1
      if (sign === ')') depth = Math.max(0, depth - 1)
    } else word = (word ?? '') + sign
  }
  endCommand()
  return quote === '' ? commands : null
}
