import { Trouble } from '../ports/ports.ts'
import type { AskOf } from '../release/look.ts'
import type { Time } from '../release/names.ts'
import type { RunLogSighting } from '../release/sighting.ts'
import { mib } from '../runtime/bounded.ts'
import { type Client, ownerAndName } from './client.ts'
import { withoutEscapes } from './log-text.ts'
import { trouble } from './trouble.ts'

/** Limits: logs read of a run, bytes read in total, names kept, and times kept of one name. */
const limits = { logs: 30, bytes: 32 * mib, names: 50, times: 10 } as const

/** A longer line is read in chunks of this many characters, which overlap by more than the longest name. */
const maxLineLength = 64 * 1024
const overlap = 1_024

/**
 * Returns the names in the logs of a run's jobs; a name counts only as a whole word. No log is buffered beyond its last
 * line, and the transfer stops when the limit is reached. Throws `Trouble`, also if one of the jobs has no log: the
 * names in it would be unknown.
 */
export async function namesInLogs(
  client: Client,
  { repository, jobs, families }: AskOf<'runLog'>,
): Promise<RunLogSighting> {
  const found = new Names(families)
  let left: number = limits.bytes
  for (const [at, job] of jobs.entries()) {
    if (at >= limits.logs || left <= 0 || found.isFull) return found.seen('part')
    const pieces = await client.stream('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', {
      ...ownerAndName(repository),
      job_id: job,
    })
    if (!pieces) throw new Trouble('terminal', `GitHub has no log of the job ${job}`)
    left -= await read(pieces, left, found)
  }
  return found.seen(left < 0 || found.isFull ? 'part' : 'whole')
}

/** Returns the number of bytes read, which exceeds `left` if the log is longer. */
async function read(pieces: AsyncIterable<Uint8Array>, left: number, found: Names): Promise<number> {
  const decoder = new TextDecoder()
  let size = 0
  let line = new Line(found)
  try {
    for await (const piece of pieces) {
      size += piece.length
      if (size > left || found.isFull) return size
      const [first = '', ...others] = decoder.decode(piece, { stream: true }).split('\n')
      line.add(first)
      for (const next of others) {
        line.end()
        line = new Line(found)
        line.add(next)
      }
    }
  } catch (error) {
    throw trouble(error)
  }
  line.end()
  return size
}

/** A line of a log, which may arrive in chunks. */
class Line {
  readonly #found: Names
  /** The unread part, with the text before it: a name never begins where a line was cut. */
  #text = ''
  #isCut = false
  #at: Time | null = null

  constructor(found: Names) {
    this.#found = found
  }

  add(text: string): void {
    this.#text += text
    if (this.#text.length <= maxLineLength) return
    this.#look(this.#text)
    this.#text = this.#text.slice(-overlap)
    this.#isCut = true
  }

  end(): void {
    this.#look(`${withoutEscapes(this.#text)} `)
  }

  #look(text: string): void {
    if (!this.#isCut) this.#at = timeOf(text)
    this.#found.look(this.#isCut ? text : ` ${text}`, this.#at)
  }
}

/** When GitHub's runner printed a line, ms. */
function timeOf(line: string): Time | null {
  const [, time] = /^\uFEFF?(\d{4}-\d\d-\d\dT[\d:.]+Z) /.exec(line) ?? []
  const at = Date.parse(time ?? '')
  return Number.isNaN(at) ? null : at
}

/**
 * ARNs of service deployments, with the account visible or masked, and their ids. A match ends at the first character
 * that cannot be part of it.
 */
const deployments =
  /(?<=[^\w-])(?:arn:aws[\w-]*:ecs:[\w-]+:(?:\d{12}|\*{3}):service-deployment\/[\w-]+\/[\w-]+\/[\w-]+|ecs-svc\/\d+)(?=[^\w/-])/g

class Names {
  /** The earliest times at which each name was printed. */
  readonly #found = new Map<string, readonly Time[]>()
  readonly #arns: RegExp
  readonly #bare: RegExp

  constructor(families: readonly string[]) {
    const escaped = families.map((family) => family.replaceAll(/[^\w-]/g, '\\$&'))
    const revision = `(?:${escaped.join('|')}):\\d+(?=[^\\w-])(?!\\.\\d)`
    this.#arns = new RegExp(
      `(?<=[^\\w-])arn:aws[\\w-]*:ecs:[\\w-]+:(?:\\d{12}|\\*{3}):task-definition/${revision}`,
      'g',
    )
    // An image may have the same name with a number as its tag.
    this.#bare = new RegExp(`(?<=[^\\w./@:-]|[^\\w:-]task-definition/)${revision}`, 'g')
  }

  get isFull(): boolean {
    return this.#found.size > limits.names
  }

  seen(extent: RunLogSighting['extent']): RunLogSighting {
    const names = [...this.#found].map(([name, [at = null, ...later]]) => ({
      name,
      at,
      ...(later.length > 0 && { later }),
    }))
    return { names: names.slice(0, limits.names), extent }
  }

  /**
   * Searches a text.
   * @param text includes the characters before and after each name, to recognize whole names
   */
  look(text: string, at: Time | null): void {
    this.#take(text, deployments, at)
    this.#take(text, this.#arns, at)
    if (/task[-_ ]?definition/i.test(text)) this.#take(text, this.#bare, at)
  }

  #take(text: string, names: RegExp, at: Time | null): void {
    for (const [name] of text.matchAll(names)) this.#found.set(name, earliest(this.#found.get(name), at))
  }
}

/** Logs are not read in the order in which they were printed. */
function earliest(known: readonly Time[] = [], at: Time | null): readonly Time[] {
  if (at === null || known.includes(at)) return known
  return [...known, at].toSorted((one, other) => one - other).slice(0, limits.times)
}
