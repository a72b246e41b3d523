import { Trouble } from '../ports/ports.ts'

export const kib = 1024
export const mib = 1024 * kib

/** Thrown for an answer that is larger than its limit. It was neither read to its end nor parsed. */
export class TooLarge extends Trouble {
  /** @param most the limit, bytes */
  constructor(whose: string, most: number) {
    const bound = most >= mib ? `${most / mib} MiB` : `${most / kib} KiB`
    super('terminal', `${whose} is larger than the ${bound} that twokey reads`)
    // Clients repeat other failed requests, but this answer would be as large again.
    this.name = 'AbortError'
  }
}

/** Reads everything if it is no larger than `most` bytes; otherwise throws `TooLarge` and reads no further. */
export async function readWithin(
  pieces: AsyncIterable<Uint8Array>,
  { whose, most }: { readonly whose: string; readonly most: number },
): Promise<Buffer<ArrayBuffer>> {
  const read: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > most) throw new TooLarge(whose, most)
    read.push(piece)
  }
  return Buffer.concat(read)
}

/** How large an answer may be, bytes. */
export type Bounds = {
  /** Whose answer it is, as the beginning of a sentence. */
  readonly whose: string
  /** The limit of a successful answer. */
  readonly most: number
}

/** How much of a larger error is read, bytes: its message is at the beginning. */
const mostOfError = 64 * kib

/** A `fetch` that reads answers whole, within their limit, before anybody uses them. Throws `TooLarge`. */
export function fetchBounded(bounds: Bounds, send: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const answer = await send(input, init)
    return answer.ok
      ? as(answer, answer.body && (await readWithin(answer.body, bounds)))
      : withShortError(answer)
  }
}

/** An error answer, with the beginning of its text. */
export async function withShortError(answer: Response): Promise<Response> {
  return as(answer, answer.body && (await beginning(answer.body, mostOfError)))
}

function as({ status, statusText, headers }: Response, body: Buffer<ArrayBuffer> | null): Response {
  return new Response(body, { status, statusText, headers })
}

/** Reads only the first bytes. */
async function beginning(pieces: AsyncIterable<Uint8Array>, most: number): Promise<Buffer<ArrayBuffer>> {
  const read: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    read.push(piece)
    size += piece.length
    if (size >= most) break
  }
  return Buffer.concat(read).subarray(0, most)
}

/** About how many bytes plain data takes in memory: two for each character of its JSON. */
export function bytesOf(value: unknown): number {
  return 2 * (JSON.stringify(value)?.length ?? 0)
}

/**
 * The result of an answer; if it takes longer, what `late` returns or throws.
 * @param ms how long to wait
 */
export async function inTime<T>(answer: Promise<T>, ms: number, late: () => T): Promise<T> {
  const over = Promise.withResolvers<T>()
  const timer = setTimeout(
    () => {
      try {
        over.resolve(late())
      } catch (error) {
        over.reject(error)
      }
    },
    Math.max(ms, 0),
  )
  try {
    return await Promise.race([answer, over.promise])
  } finally {
    clearTimeout(timer)
  }
}
