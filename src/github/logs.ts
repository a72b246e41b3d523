import type { LogPointer } from '../release/look.ts'
import { Trouble } from '../shepherd/ports.ts'
import { type Client, ownerAndName } from './client.ts'
import { logTail } from './log-text.ts'
import { trouble } from './trouble.ts'

/** The end of a log that is kept while it is read, in bytes. */
const keptBytes = 512 * 1024

/**
 * The last lines of a job's log. GitHub has none before the job ends, and never of one that did not run. Throws
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
