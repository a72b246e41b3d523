import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreBusy, StoreMissing } from './errors.ts'

/** A folder with a copy of a store's files, for this process only. */
export type StoreCopy = {
  readonly folder: string
  /** Removes the copy in any case; also done at the exit of the process. */
  remove(): void
}

/** How often a store that changes during the copy is copied again, and the pause between attempts, ms. */
const maxTries = 40
const pauseMs = 50

/**
 * Copies a SQLite file and its write-ahead log as they were at one moment, whether or not a process has them open.
 * Every page that a checkpoint writes into the file meanwhile is also in the log, until the log restarts with new salts
 * (https://sqlite.org/fileformat2.html#walformat). So the file is copied first, then the log. Both are consistent if
 * the log has the same salts before and after, or, without a log, if the file did not change. The files next to the
 * original are only read. Never call this from the process that has the store open: closing the first file here would
 * release its lock. Throws `StoreMissing`, `StoreBusy`, and errors of the disk.
 */
export async function copyStore(folder: string, name: string): Promise<StoreCopy> {
  const original = join(folder, name)
  const copy = mkdtempSync(join(tmpdir(), 'twokey-copy-'))
  const remove = () => {
    process.off('exit', remove)
    rmSync(copy, { recursive: true, force: true })
  }
  process.on('exit', remove)
  try {
    for (let attempt = 0; attempt < maxTries; attempt++) {
      if (copiedAtOnce(original, join(copy, name))) return { folder: copy, remove }
      await sleep(pauseMs)
    }
    throw new StoreBusy(original)
  } catch (error) {
    remove()
    throw isMissing(error) ? new StoreMissing(folder) : error
  }
}

function copiedAtOnce(from: string, to: string): boolean {
  const before = generation(from)
  copyFileSync(from, to, constants.COPYFILE_FICLONE)
  chmodSync(to, 0o600)
  rmSync(walOf(to), { force: true })
  try {
    copyFileSync(walOf(from), walOf(to), constants.COPYFILE_FICLONE)
    chmodSync(walOf(to), 0o600)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  return generation(from) === before
}

/** Does not change as long as the content of file and log together only grows. */
function generation(file: string): string {
  const { ino, size, mtimeNs } = statSync(file, { bigint: true })
  const salts = saltsOf(walOf(file))
  return salts === null ? `${ino} ${size} ${mtimeNs}` : `${ino} ${salts}`
}

/** Where the salts are in the log's header, bytes. */
const saltsAt = { position: 16, length: 8 } as const

/** Null if there is no log, or it is empty. */
function saltsOf(wal: string): string | null {
  let file: number
  try {
    file = openSync(wal, 'r')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  try {
    const salts = Buffer.alloc(saltsAt.length)
    return readSync(file, salts, 0, saltsAt.length, saltsAt.position) === saltsAt.length
      ? salts.toString('hex')
      : null
  } finally {
    closeSync(file)
  }
}

function walOf(file: string): string {
  return `${file}-wal`
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
