import type { ChangeSize } from '../release/subject.ts'
import type { ChangedFile } from './compare.ts'

/** How many files GitHub lists of a comparison. https://docs.github.com/rest/commits/commits#compare-two-commits */
const mostFiles = 300

/**
 * Where frameworks and tools keep migrations: Rails, Prisma, Django, Knex, TypeORM, Laravel, EF, Alembic, Flyway, Liquibase.
 */
const migrationPath = /(?:^|\/)(?:migrations?|db\/migrate|alembic|flyway|liquibase)\/(?!.*\.(?:md|txt)$)/i

/** What the files of a comparison amount to; undefined if GitHub lists none although there may be some. */
export function sizeOf(files: readonly ChangedFile[] | undefined): ChangeSize | undefined {
  if (files === undefined) return undefined
  const sum = (of: 'additions' | 'deletions') => files.reduce((all, file) => all + file[of], 0)
  return {
    files: files.length,
    isCut: files.length >= mostFiles,
    additions: sum('additions'),
    deletions: sum('deletions'),
    migrations: files.filter(({ filename }) => migrationPath.test(filename)).length,
    workflows: files.filter(({ filename }) => filename.startsWith('.github/')).length,
  }
}
