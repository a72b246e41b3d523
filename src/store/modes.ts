import { chmodSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'

/** The access that others on this machine had to the store's folder. */
export type Exposure = {
  readonly folder: string
  /** Before the start, octal, as in `0755`. */
  readonly mode: string
  /** Whether its mode is 0700 now; else we may not change it, or share the folder. */
  readonly isMended: boolean
}

/** Permissions of the group and of others. */
const othersPermissions = 0o077

/** The sticky bit of `/tmp` and the like: nobody may remove another user's files. Many programs share such a folder. */
const sticky = 0o1000

/** What a file system puts into the root of a volume that was created for twokey. */
const ofVolume = 'lost+found'

/**
 * Removes group and other permissions from the store's folder. Returns null if there were none. A folder with other files
 * is not changed: it may be a home folder, a checkout or a shared volume.
 */
export function closeFolder(folder: string, ours: readonly string[]): Exposure | null {
  const { mode, uid } = statSync(folder)
  if ((mode & othersPermissions) === 0) return null
  const isMended = isOurs(uid) && (mode & sticky) === 0 && isForUsAlone(folder, ours)
  if (isMended) chmodSync(folder, 0o700)
  return { folder, mode: `0${(mode & 0o7777).toString(8)}`, isMended }
}

function isForUsAlone(folder: string, ours: readonly string[]): boolean {
  return readdirSync(folder).every((name) => name === ofVolume || ours.includes(name))
}

/**
 * Removes the permissions of others from these files of the folder, if they exist and are ours. Does not open them:
 * closing a file here would release SQLite's lock.
 */
export function closeFiles(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const file = join(folder, name)
    const found: Stats | undefined = statSync(file, { throwIfNoEntry: false })
    if (found?.isFile() && (found.mode & othersPermissions) !== 0 && isOurs(found.uid)) chmodSync(file, 0o600)
  }
}

/** Root may change any file; a system without users has no such modes either. */
function isOurs(uid: number): boolean {
  const own = process.geteuid?.()
  return own === uid || own === 0
}
