/** What replaces a secret. */
const masked = '***'

/**
 * Tokens that are secrets by their form alone, whatever is around them. No quantified part contains another one, which
 * keeps matching fast.
 */
const tokens: readonly RegExp[] = [
  // AWS access keys, GitHub, GitLab and Slack tokens, JWTs.
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bgh[opsur]_[A-Za-z0-9]{16,}/g,
  /\bgl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent)-[A-Za-z0-9_-]{16,}/g,
  /\bxox[a-z]-[A-Za-z0-9-]{8,}/g,
  /\bxapp-[A-Za-z0-9-]{8,}/g,
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  // Package registries: npm, PyPI, Docker Hub, RubyGems.
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /(?<![A-Za-z0-9_-])pypi-[A-Za-z0-9_-]{50,}/g,
  /\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}/g,
  /\brubygems_[0-9a-f]{40,}/g,
  // Models: OpenAI, Anthropic and those that took their form; HuggingFace, Groq, Replicate, xAI.
  /(?<![A-Za-z0-9_-])sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}/g,
  /\b(?:hf|gsk|r8)_[A-Za-z0-9]{30,}/g,
  /(?<![A-Za-z0-9_-])xai-[A-Za-z0-9]{40,}/g,
  // Payment, mail, messages: Stripe, Shopify, SendGrid, Twilio, Telegram.
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}/g,
  /\bwhsec_[A-Za-z0-9+/]{20,}={0,2}/g,
  /\bshp(?:at|ca|pa|ss)_[0-9a-f]{32}/g,
  /(?<![A-Za-z0-9_.-])SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}/g,
  /\bSK[0-9a-f]{32}\b/g,
  /\b[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}/g,
  // Clouds and tools: Google, DigitalOcean, Vault, Heroku, Databricks, New Relic, Grafana, Atlassian, Linear, Postman, age.
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bya29\.[A-Za-z0-9_-]{20,}/g,
  /\bGOCSPX-[A-Za-z0-9_-]{20,}/g,
  /\bdo[opr]_v1_[0-9a-f]{64}/g,
  /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/g,
  /\bHRKU-[A-Za-z0-9_-]{30,}/g,
  /\bdapi[0-9a-f]{32}\b/g,
  /\bNR(?:AK|II|JS)-[A-Za-z0-9_-]{19,}/g,
  /\b(?:glsa|glc)_[A-Za-z0-9_=+/]{20,}/g,
  /\bATATT3[A-Za-z0-9_=-]{20,}/g,
  /\blin_api_[A-Za-z0-9]{30,}/g,
  /\bPMAK-[0-9a-f-]{40,}/g,
  /\bAGE-SECRET-KEY-1[A-Z0-9]{50,}/g,
]

/** Keys that grant access; the preceding word distinguishes them from primary keys, foreign keys and cache keys. */
const key =
  '(?:api|access|private|master|encryption|account|app(?:lication)?|auth|signing|license|shared|storage|hmac|jwt|ssh|deploy)[ _-]?key'
/** The name of something whose value is a secret; it begins at a word boundary. */
const name = `[A-Za-z0-9_.-]*(?:passw(?:or)?d|passphrase|[_-]pass(?![a-z])|pwd|secret|token|${key}|credential|authorization|signature)[A-Za-z0-9_.-]*`
const start = '(?<![A-Za-z0-9_.-])'
/** What separates a name from its value. */
const is = '\\s*(?:=>|:=|={1,3}|:)\\s*'
/** Values that reveal nothing: whether there is a secret, what a migration does, a line with a column. */
const plain =
  '(?:(?:yes|no|true|false|null|nil|none|undefined|migrating|migrated|reverting|reverted)(?![A-Za-z0-9_-])|[0-9]{1,5}:[0-9]{1,5}(?![0-9A-Za-z]))'
/** An unquoted value. Characters that end a value elsewhere belong to it, unless another name, or nothing, follows. */
const value = `[^\\s,;&"'\\]})]+(?:[,;&\\]})](?![\\s,;&"'\\]})]|[A-Za-z][A-Za-z0-9_. -]{0,40}[=:]|$)[^\\s,;&"'\\]})]+)*`
/** A value in SQL: quoted, with doubled quotes; or between dollar signs. */
const sqlValue = `(?:[NE]?'(?:[^']|'')*'|\\$[a-z]{0,20}\\$[^$]*\\$[a-z]{0,20}\\$)`
/** An argument of a shell command. */
const argument = `(?:'[^']*'|"[^"]*"|[^\\s'"]+)`

/** Matches `tool … option argument`; the part between has no pipe and a limited length. */
function option(tools: string, options: string, kept = ''): RegExp {
  return new RegExp(`\\b((?:${tools})\\s[^|]{0,200}?(?<=\\s)(?:${options})${kept})${argument}`, 'gi')
}

const noAddress = `(?:(?!://)[^\\s"'<>])+`
/**
 * A password in an address. It may contain two `://` at most: a line of thousands would be scanned from each one to its
 * end.
 */
const password = `${noAddress}(?:://${noAddress}){0,2}`

/** Replacements that keep the parts that are no secret: the scheme, the name, the user. The order matters. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // SQL: `PASSWORD 'x'`, `PASSWORD = 'x'`, `PASSWORD('x')`, `SET PASSWORD FOR app = 'x'`, `IDENTIFIED BY 'x'`.
  [new RegExp(`\\b(password(?:\\s{1,4}|\\s{0,4}[=(]\\s{0,4}))${sqlValue}`, 'gi'), `$1${masked}`],
  [
    new RegExp(`\\b(set\\s{1,4}password\\s{1,4}for\\s{1,4}[^\\s=]{1,200}\\s{0,4}=\\s{0,4})${sqlValue}`, 'gi'),
    `$1${masked}`,
  ],
  [
    new RegExp(
      `\\b(identified\\s{1,4}(?:with\\s{1,4}[^\\s]{1,64}\\s{1,4})?(?:by|as)\\s{1,4}(?:(?:password|values)\\s{1,4})?)(?:${sqlValue}|"[^"]*"|[^\\s;'"]+)`,
      'gi',
    ),
    `$1${masked}`,
  ],
  [new RegExp(`(?<![a-z0-9+.-])([a-z0-9+.-]+://[^\\s:/@"']*):${password}@`, 'gi'), `$1:${masked}@`],
  // A token instead of the user; `jdbc:oracle:thin:app/password@…`; addresses that are secrets as a whole.
  [/(:\/\/)[A-Za-z0-9_-]{20,}@/g, `$1${masked}@`],
  [/\b(jdbc:oracle:[a-z]{1,8}:[^\s/@]{1,64}\/)[^\s@]+@/gi, `$1${masked}@`],
  [/\b(hooks\.slack\.com\/[a-z]{1,20}\/)[A-Za-z0-9/_-]+/gi, `$1${masked}`],
  [/\b(discord(?:app)?\.com\/api\/webhooks\/)[A-Za-z0-9/_-]+/gi, `$1${masked}`],
  [/([?&;]sig=)[^&\s"']+/gi, `$1${masked}`],
  [/\b(Bearer)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${masked}`],
  [/\b(Basic)\s+[A-Za-z0-9+/=]{16,}/gi, `$1 ${masked}`],
  [
    /\b(authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:token|apikey|api-key|digest|negotiate|key))\s[^"']+/gi,
    `$1 ${masked}`,
  ],
  [/\b((?:set-)?cookie["']?\s{0,4}[:=]\s{0,4}).+/gi, `$1${masked}`],
  // Files that programs read and print: `.netrc`, Docker's `config.json`, `.npmrc`.
  [/\b(login\s{1,4}\S{1,100}\s{1,4}password\s{1,4})\S+/gi, `$1${masked}`],
  [/("auth"\s{0,4}:\s{0,4})"[A-Za-z0-9+/]{8,}={0,2}"/g, `$1${masked}`],
  [/\b(_auth\s{0,4}=\s{0,4})\S+/g, `$1${masked}`],
  // Tools with a short option for a password.
  [
    option(
      '(?:docker|podman|buildah|skopeo|nerdctl|helm|oras)(?: {1,4}registry)? {1,4}login',
      '-p',
      '[ =]\\s{0,4}',
    ),
    `$1${masked}`,
  ],
  [option('sshpass|mongo(?:sh|dump|restore|import|export)?', '-p', '\\s{0,4}'), `$1${masked}`],
  [option('mysql(?:dump|admin|import|check|show)?|mariadb(?:-dump|-admin)?', '-p'), `$1${masked}`],
  [option('redis-cli|valkey-cli', '-a', '\\s{1,4}'), `$1${masked}`],
  [
    /\b((?:curl|wget|http|https|xh)\s[^|]{0,200}?(?<=\s)(?:-u|--user|--proxy-user)[ =]?\s{0,4}["']?[^\s:"']{1,128}:)[^\s"']+/gi,
    `$1${masked}`,
  ],
  // `name="a value"`, `"name": "value"`, then `name=value` and `name: value` without quotes.
  [
    new RegExp(
      `${start}(${name}(?:\\\\?["'])?${is})(?:\\\\"[^"\\\\]*\\\\"|"(?:[^"\\\\]|\\\\.)*"|'[^']*')`,
      'gi',
    ),
    `$1${masked}`,
  ],
  [
    new RegExp(
      `${start}(${name}(?:\\\\?["'])?${is})(?!(?:Bearer|Basic|Token|ApiKey)\\s|\\\\?["']|${plain})${value}`,
      'gi',
    ),
    `$1${masked}`,
  ],
  // A line that consists only of base64, as when a tail begins within a PEM block; hex digits of a hash are kept.
  [/^\s*(?=\S*[G-Zg-z+/])[A-Za-z0-9+/]{60,}={0,2}\s*$/g, masked],
  // `--password value`, and `SECRET value` if the value is too long for a word.
  [new RegExp(`(?<!\\S)(--(?:${name}|pass)\\s+)[^\\s-]\\S*`, 'gi'), `$1${masked}`],
  [new RegExp(`${start}(${name}\\s+)[A-Za-z0-9+/_=-]{24,}`, 'gi'), `$1${masked}`],
]

/** ARNs and IAM actions contain names of secrets, not their values; they show which one, or which permission, was missing. */
const arnOrAction =
  /(\barn:aws[\w-]*:[^\s"']+|\bsecretsmanager:(?:Get|BatchGet|Describe|List)[A-Za-z]{1,40}(?![^\s"',.;)\]]))/

function maskShapes(text: string): string {
  return text
    .split(arnOrAction)
    .map((part, index) =>
      index % 2 === 1 ? part : shapes.reduce((rest, [shape, kept]) => rest.replace(shape, kept), part),
    )
    .join('')
}

/** Longer lines are cut before they are searched, characters. */
const maxLineLength = 4_000

const ansi = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g
/** Control characters, and those that change the direction of text or are invisible. Tabs are kept. */
const control = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** One line of external text, without colors and control characters, its secrets replaced by `***`. */
export function maskLine(line: string): string {
  const plain = line.replace(ansi, '').replace(control, '').slice(0, maxLineLength)
  return maskShapes(maskTokens(plain))
}

/** Text in which tokens that are secrets by their form alone are replaced; names and ids are kept. */
export function maskTokens(text: string): string {
  return tokens.reduce((rest, token) => rest.replace(token, masked), text)
}

const pemBegin = /-----BEGIN [A-Z0-9 ]+-----/
const pemEnd = /-----END [A-Z0-9 ]+-----/
/** What a line within a PEM block looks like: base64 only, or long after a logger's prefix. */
const pemBody =
  /^(?:\s*(?:[A-Za-z0-9+/]*={0,2}|(?:Proc-Type|DEK-Info):.*)|.*[^A-Za-z0-9+/][A-Za-z0-9+/]{40,}={0,2})\s*$/

/**
 * The lines of a log, masked; a PEM block of several lines becomes `***`.
 * @param most how many of the last lines are returned; the lines before are only searched for the beginning of a PEM
 * block
 */
export function maskLines(lines: readonly string[], most = lines.length): string[] {
  const out: (() => string)[] = []
  let inPem = false
  for (const line of lines) {
    const end = pemEnd.exec(line)
    if (inPem) {
      if (!end && pemBody.test(line)) continue
      inPem = false
      const rest = end ? line.slice(end.index + end[0].length) : line
      if (rest.trim() !== '') out.push(() => maskLine(rest))
      continue
    }
    const begin = pemBegin.exec(line)
    if (begin) {
      inPem = end === null
      const rest = end ? line.slice(end.index + end[0].length) : ''
      out.push(() => `${maskLine(line.slice(0, begin.index))}${masked}${maskLine(rest)}`)
    } else out.push(() => maskLine(line))
  }
  return out.slice(Math.max(0, out.length - most)).map((line) => line())
}
