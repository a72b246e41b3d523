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

/** A folder with a copy of a store's files, for this process alone. */
export type StoreCopy = {
  readonly folder: string
  /** Whatever became of it; also done where the process exits before. */
  remove(): void
}

/** How often a store that changes under the copy is copied again, and the pause between, ms. */
const tries = 40
const pauseMs = 50

/**
 * Copies a SQLite file and its write-ahead log as they were at one moment, whether or not a process has them open.
 * Every page that a checkpoint writes into the file meanwhile is in the log too, until the log is begun anew with other
 * salts (https://sqlite.org/fileformat2.html#walformat): the file first, then the log, and both are one moment's where
 * the log is of the same salts before and after, and where there is none, the file was not touched. What stands next to
 * the original is read alone.
 * Never from the process that has the store open: it would lose its hold with the first file that is closed here.
 * Throws `StoreMissing`, `StoreRestless`, and what the disk says.
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
    for (let attempt = 0; attempt < tries; attempt++) {
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

/** Says the same as long as what is in the file and the log together only grows. */
function generation(file: string): string {
  const { ino, size, mtimeNs } = statSync(file, { bigint: true })
  const salts = saltsOf(walOf(file))
  return salts === null ? `${ino} ${size} ${mtimeNs}` : `${ino} ${salts}`
}

/** Where the salts are in the log's header, bytes. */
const saltsAt = { position: 16, length: 8 } as const

/** Null: there is no log, or nothing in it. */
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
