import { Trouble } from '../ports/ports.ts'
import type { LogPointer } from '../release/log-pointer.ts'
import { type Client, ownerAndName } from './client.ts'
import { logTail } from './log-text.ts'
import { trouble } from './trouble.ts'

/** Bytes kept from the end of a log while it is read. */
const keptBytes = 512 * 1024

/**
 * The last lines of a job's log. GitHub has no log before the job ends, and none of a job that did not run. Throws
 * `Trouble`.
 */
export async function jobLog(
  client: Client,
  pointer: Extract<LogPointer, { log: 'job' }>,
  lines: number,
): Promise<readonly string[]> {
  const pieces = await client.stream('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', {
    ...ownerAndName(pointer.repository),
    job_id: pointer.jobId,
  })
  if (!pieces) throw new Trouble('passing', `GitHub has no log of the job ${pointer.jobId}`)
  return logTail(await ending(pieces), lines)
}

async function ending(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let kept = Buffer.alloc(0)
  try {
    for await (const piece of pieces) {
      kept = Buffer.concat([kept, piece])
      if (kept.length > 2 * keptBytes) kept = kept.subarray(-keptBytes)
    }
  } catch (error) {
    throw trouble(error)
  }
  return kept.toString('utf8')
}

/** Limits: logs searched, and bytes of each. A deploy job prints what it changed in its first megabytes. */
const searchedLogs = 30
const searchedBytes = 20 * 1024 * 1024

/**
 * Which of these words occur in the logs of these jobs as whole words: `blog-api:4` does not match `blog-api:44`. A job
 * without a log contains none of them. Throws `Trouble`.
 */
export async function wordsInLogs(
  client: Client,
  ask: {
    readonly repository: string
    readonly jobIds: readonly number[]
    readonly words: readonly string[]
  },
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const jobId of ask.jobIds.slice(0, searchedLogs)) {
    const pieces = await client.stream('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', {
      ...ownerAndName(ask.repository),
      job_id: jobId,
    })
    if (pieces) await search(pieces, ask.words, found)
    if (found.size === ask.words.length) break
  }
  return found
}

async function search(
  pieces: AsyncIterable<Uint8Array>,
  words: readonly string[],
  found: Set<string>,
): Promise<void> {
  const longest = Math.max(...words.map((word) => word.length)) + 1
  const look = (text: string) => {
    for (const word of words) if (!found.has(word) && standsIn(text, word)) found.add(word)
  }
  const decoder = new TextDecoder()
  let read = 0
  let text = ''
  try {
    for await (const piece of pieces) {
      read += piece.length
      text = text.slice(-longest) + decoder.decode(piece, { stream: true })
      look(text)
      if (read > searchedBytes || found.size === words.length) return
    }
    look(`${text}\n`)
  } catch (error) {
    throw trouble(error)
  }
}

function standsIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (/[^A-Za-z0-9_-]/.test(text[at + word.length] ?? '')) return true
  return false
}
