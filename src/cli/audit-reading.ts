import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { dataDir } from '../config/paths.ts'
import type { Variables } from '../config/variables.ts'
import { type AuditReader, openAuditReader } from '../store/audit-reader.ts'
import { StoreMissing } from '../store/errors.ts'

const signals = ['SIGINT', 'SIGTERM'] as const

/** Reads the audit log of the store, or says why that cannot be done. */
export async function reading(
  variables: Variables,
  work: (reader: AuditReader) => Promise<0 | 1 | 2>,
): Promise<0 | 1 | 2> {
  if (variables.DATABASE_URL) {
    console.error('`DATABASE_URL` is not supported yet (Postgres, for several replicas). Unset it.')
    return 2
  }
  // Exit explicitly: a signal alone would leave the copy behind.
  const exit = () => process.exit(1)
  for (const signal of signals) process.once(signal, exit)
  try {
    const reader = await openAuditReader({ folder: dataDir(variables) })
    try {
      return await work(reader)
    } finally {
      await reader.close()
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    console.error(`The audit log was not read: ${error.message}.`)
    return error instanceof StoreMissing ? 2 : 1
  } finally {
    for (const signal of signals) process.off(signal, exit)
  }
}

/** Prints texts. The reader may close the pipe early. */
export async function printed(texts: Iterable<string> | AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(texts), process.stdout, { end: false })
  } catch (error) {
    if (!isClosed(error)) throw error
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
