import { chmodSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'

/** What others on this machine could do with the store's folder. */
export type Exposure = {
  readonly folder: string
  /** Before the start, octal, as in `0755`. */
  readonly mode: string
  /** Whether its mode is 0700 now; else it is not ours to change, or not ours alone. */
  readonly isMended: boolean
}

/** Rights of the group and of others. */
const ofOthers = 0o077

/** `/tmp` and its like: whoever may write there may not remove what is another's. Many programs share such a folder. */
const sticky = 0o1000

/** What a file system puts into the root of a volume that was made for twokey. */
const ofVolume = 'lost+found'

/**
 * Takes the rights of others away from the folder of the store; null where they had none. A folder that holds anything else
 * than these files of ours is left as it is: it may be a home, a checkout or a volume that other programs share.
 */
export function closeFolder(folder: string, ours: readonly string[]): Exposure | null {
  const { mode, uid } = statSync(folder)
  if ((mode & ofOthers) === 0) return null
  const isMended = isOurs(uid) && (mode & sticky) === 0 && isForUsAlone(folder, ours)
  if (isMended) chmodSync(folder, 0o700)
  return { folder, mode: `0${(mode & 0o7777).toString(8)}`, isMended }
}

function isForUsAlone(folder: string, ours: readonly string[]): boolean {
  return readdirSync(folder).every((name) => name === ofVolume || ours.includes(name))
}

/**
 * Takes the rights of others away from these files of the folder, where they are there and ours. Neither opens nor reads
 * them: SQLite's lock would be lost with a file that is closed here.
 */
export function closeFiles(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const file = join(folder, name)
    const found: Stats | undefined = statSync(file, { throwIfNoEntry: false })
    if (found?.isFile() && (found.mode & ofOthers) !== 0 && isOurs(found.uid)) chmodSync(file, 0o600)
  }
}

/** Root may change anybody's; where there are no users, there are no such modes either. */
function isOurs(uid: number): boolean {
  const own = process.geteuid?.()
  return own === uid || own === 0
}
