import type { ChangeSize } from '../release/subject.ts'
import type { ChangedFile } from './compare.ts'
import { isMigration } from './migration-files.ts'

/** How many files GitHub lists of a comparison. https://docs.github.com/rest/commits/commits#compare-two-commits */
const mostFiles = 300

/**
 * What the files of a comparison amount to; undefined if GitHub lists none although there may be some.
 * @param migrationPaths where twokey.yml says that migrations are; undefined: where tools keep them
 */
export function sizeOf(
  files: readonly ChangedFile[] | undefined,
  migrationPaths: readonly string[] | undefined,
): ChangeSize | undefined {
  if (files === undefined) return undefined
  const sum = (of: 'additions' | 'deletions') => files.reduce((all, file) => all + file[of], 0)
  return {
    files: files.length,
    isCut: files.length >= mostFiles,
    additions: sum('additions'),
    deletions: sum('deletions'),
    migrations: files.filter(({ filename }) => isMigration(filename, migrationPaths)).length,
    workflows: files.filter(({ filename }) => filename.startsWith('.github/')).length,
  }
}
