import { type LookOf, Trouble } from '../ports/ports.ts'
import type { Time } from '../release/names.ts'
import type { RunLogSighting } from '../release/observation.ts'
import { mib } from '../runtime/bounded.ts'
import { type Client, ownerAndName } from './client.ts'
import { withoutEscapes } from './log-text.ts'
import { trouble } from './trouble.ts'

/**
 * How many logs of a run are read, how much of them together, in bytes, how many names are kept of them, and how many times of one
 * name.
 */
const most = { logs: 30, bytes: 32 * mib, names: 50, times: 10 } as const

/** A longer line is read in pieces of this size, in characters, which overlap by more than any name takes. */
const longestLine = 64 * 1024
const overlap = 1_024

/**
 * What the logs of a run's jobs name, each name whole. Nothing of a log is kept but its last line, and the transfer ends where
 * enough was read. Throws `Trouble`, also where one of the jobs has no log: then nobody knows what it would have named.
 */
export async function namesInLogs(
  client: Client,
  { repository, jobs, families }: LookOf<'run-log'>,
): Promise<RunLogSighting> {
  const found = new Names(families)
  let left: number = most.bytes
  for (const [at, job] of jobs.entries()) {
    if (at >= most.logs || left <= 0 || found.isFull) return found.seen('part')
    const pieces = await client.stream('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', {
      ...ownerAndName(repository),
      job_id: job,
    })
    if (!pieces) throw new Trouble('terminal', `GitHub has no log of the job ${job}`)
    left -= await read(pieces, left, found)
  }
  return found.seen(left < 0 || found.isFull ? 'part' : 'whole')
}

/** How many bytes were read: more than `left` where there are more. */
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

/** A line of a log, which may come in pieces. */
class Line {
  readonly #found: Names
  /** What is not looked at yet, with what stands before it: a name never begins where a line was cut. */
  #text = ''
  #isCut = false
  #at: Time | null = null

  constructor(found: Names) {
    this.#found = found
  }

  add(text: string): void {
    this.#text += text
    if (this.#text.length <= longestLine) return
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

/** ARNs with the account as it is, or masked; and what ECS calls a deployment. Each ends before what could not be part of it. */
const deployments =
  /(?<=[^\w-])(?:arn:aws[\w-]*:ecs:[\w-]+:(?:\d{12}|\*{3}):service-deployment\/[\w-]+\/[\w-]+\/[\w-]+|ecs-svc\/\d+)(?=[^\w/-])/g

class Names {
  /** With the earliest times at which each was printed. */
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
    // An image may have the same name with a number for its tag.
    this.#bare = new RegExp(`(?<=[^\\w./@:-]|[^\\w:-]task-definition/)${revision}`, 'g')
  }

  get isFull(): boolean {
    return this.#found.size > most.names
  }

  seen(extent: RunLogSighting['extent']): RunLogSighting {
    const names = [...this.#found].map(([name, [at = null, ...later]]) => ({
      name,
      at,
      ...(later.length > 0 && { later }),
    }))
    return { names: names.slice(0, most.names), extent }
  }

  /** @param text with something before and after each name that is whole */
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
  return [...known, at].toSorted((one, other) => one - other).slice(0, most.times)
}
