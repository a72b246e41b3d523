import { posix } from 'node:path'

type Place = {
  /** The tools that keep migrations there unless they are configured otherwise. */
  readonly tools: string
  readonly path: RegExp
}

/**
 * Where tools keep migrations by default, in any folder of the repository: a service may be one of many there. Sources:
 * the documentation of each tool.
 */
const knownPlaces: readonly Place[] = [
  {
    tools:
      'Alembic with Flask, Django, Doctrine, Ecto, Entity Framework, goose, golang-migrate, Hasura, Knex, Laravel, Phinx, Prisma, Sequelize, Sequel, sqlx, Supabase, TypeORM, Wrangler',
    path: /\/migrations\/.+/i,
  },
  { tools: 'Rails, also of a second database', path: /\/db\/\w*migrate\/.+/ },
  { tools: 'Alembic', path: /\/alembic\/versions\/.+/ },
  { tools: 'Flyway and Exposed', path: /\/db\/migration\/.+/ },
  { tools: 'TypeORM and MikroORM, by their older examples', path: /\/src\/migration\/.+/ },
  { tools: 'Flyway in any folder, as in sql/', path: /\/(?:[VUB][\d._]+|R)__[^/]+\.(?:sql|java|kt|py)$/ },
  { tools: 'Liquibase', path: /\/(?:changelogs?|liquibase)\/.+\.(?:sql|xml|ya?ml|json)$/ },
  { tools: 'Drizzle', path: /\/drizzle\/\d+_[^/]+(?:\.sql|\/migration\.sql)$/ },
]

/** Files beside migrations that change no database by themselves, and files of tests. */
const noMigrations: readonly RegExp[] = [
  // Prose, and files that only keep a folder.
  /\/(?:[^/]*\.(?:md|mdx|txt|rst)|README|\.[^/]*)$/i,
  // Python packages, and the environment of Alembic.
  /\/(?:__init__\.py|env\.py|script\.py\.mako|alembic\.ini)$/,
  // The lock file of Prisma, the snapshots and journal of Drizzle, lists of migrations.
  /\/(?:migration_lock\.toml|meta\/[^/]+\.json|index\.[cm]?[jt]s)$/,
  // What Entity Framework generates beside each migration.
  /(?:\.Designer|ModelSnapshot)\.cs$/,
  // The way back of a migration that has its own file for it.
  /(?:[./])down\.sql$/,
  /\/(?:tests?|__tests__|specs?|fixtures|docs?)\//i,
  /[._](?:test|spec)\.\w+$/,
]

/**
 * Whether a changed file is a migration of the database.
 * @param filename from the root of the repository
 * @param paths the files and folders that twokey.yml names, `*` and `**` as in a shell; undefined: the places where tools keep
 * migrations by default
 */
export function isMigration(filename: string, paths: readonly string[] | undefined): boolean {
  if (paths !== undefined) return paths.some((path) => isAt(filename, path))
  const file = `/${filename}`
  return knownPlaces.some(({ path }) => path.test(file)) && !noMigrations.some((path) => path.test(file))
}

/** Whether the file is this one, or anywhere in this folder. */
function isAt(filename: string, path: string): boolean {
  const named = path.replace(/\/+$/, '')
  return posix.matchesGlob(filename, named) || posix.matchesGlob(filename, `${named}/**`)
}
