/** What stands in the place of a secret. */
const masked = '***'

/** Whole tokens that are secrets by their form, whatever stands around them. */
const tokens: readonly RegExp[] = [
  // AWS access keys, GitHub and Slack tokens, JWTs, keys of further providers that start with a known mark.
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bgh[opsur]_[A-Za-z0-9]{16,}/g,
  /\bxox[a-z]-[A-Za-z0-9-]{8,}/g,
  /\bxapp-[A-Za-z0-9-]{8,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
]

/** The name of something whose value is a secret; it starts where a word starts. */
const name =
  '[A-Za-z0-9_.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|private)[ _-]?key|credential|authorization|signature)[A-Za-z0-9_.-]*'
const start = '(?<![A-Za-z0-9_.-])'

/** Replacements that keep what is no secret: the scheme, the name, the user. The order matters. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s"'<>]+@/gi, `$1:${masked}@`],
  [/\b(Bearer)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${masked}`],
  [/\b(Basic)\s+[A-Za-z0-9+/=]{16,}/gi, `$1 ${masked}`],
  // `name="a value"`, `"name": "value"`, then `name=value` and `name: value` without quotes.
  [
    new RegExp(
      `${start}(${name}(?:\\\\?["'])?\\s*[:=]\\s*)(?:\\\\"[^"\\\\]*\\\\"|"(?:[^"\\\\]|\\\\.)*"|'[^']*')`,
      'gi',
    ),
    `$1${masked}`,
  ],
  [
    new RegExp(
      `${start}(${name}(?:\\\\?["'])?\\s*[:=]\\s*)(?!(?:Bearer|Basic)\\s|\\\\?["'])[^\\s,;&"'\\]})]+`,
      'gi',
    ),
    `$1${masked}`,
  ],
  // A line of nothing but base64, as where a tail begins within a PEM block; figures of a hash stay.
  [/^\s*(?=\S*[G-Zg-z+/])[A-Za-z0-9+/]{60,}={0,2}\s*$/g, masked],
  // `--password value`, and `SECRET value` where the value is too long to be a word.
  [new RegExp(`(?<!\\S)(--${name}\\s+)[^\\s-]\\S*`, 'gi'), `$1${masked}`],
  [new RegExp(`${start}(${name}\\s+)[A-Za-z0-9+/_=-]{24,}`, 'gi'), `$1${masked}`],
]

/** ARNs name secrets without telling them; they say which one was missing. */
const arn = /(\barn:aws[\w-]*:[^\s"']+)/

function maskShapes(text: string): string {
  return text
    .split(arn)
    .map((part, index) =>
      index % 2 === 1 ? part : shapes.reduce((rest, [shape, kept]) => rest.replace(shape, kept), part),
    )
    .join('')
}

/** Longer lines are cut before they are looked through, characters. */
const longest = 4_000

const ansi = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g
/** Control characters, and those that turn the direction of text or are invisible. Tabs stay. */
const control = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** One line of text from outside, without colours and control characters, its secrets replaced by `***`. */
export function maskLine(line: string): string {
  const plain = line.replace(ansi, '').replace(control, '').slice(0, longest)
  return maskShapes(maskTokens(plain))
}

/** Text with the tokens replaced that are secrets by their form alone; names and ids stay as they are. */
export function maskTokens(text: string): string {
  return tokens.reduce((rest, token) => rest.replace(token, masked), text)
}

const pemBegin = /-----BEGIN [A-Z0-9 ]+-----/
const pemEnd = /-----END [A-Z0-9 ]+-----/
/** What a line within a PEM block looks like: base64 alone, or long behind what a logger puts in front. */
const pemBody =
  /^(?:\s*(?:[A-Za-z0-9+/]*={0,2}|(?:Proc-Type|DEK-Info):.*)|.*[^A-Za-z0-9+/][A-Za-z0-9+/]{40,}={0,2})\s*$/

/** The lines of a log, masked; a PEM block that runs over several becomes `***`. */
export function maskLines(lines: readonly string[]): string[] {
  const out: string[] = []
  let inPem = false
  for (const line of lines) {
    const end = pemEnd.exec(line)
    if (inPem) {
      if (!end && pemBody.test(line)) continue
      inPem = false
      const rest = end ? line.slice(end.index + end[0].length) : line
      if (rest.trim() !== '') out.push(maskLine(rest))
      continue
    }
    const begin = pemBegin.exec(line)
    if (begin) {
      inPem = end === null
      const rest = end ? line.slice(end.index + end[0].length) : ''
      out.push(`${maskLine(line.slice(0, begin.index))}${masked}${maskLine(rest)}`)
    } else out.push(maskLine(line))
  }
  return out
}
