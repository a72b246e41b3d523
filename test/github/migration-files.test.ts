import { describe, expect, test } from 'vitest'
import { isMigration } from '../../src/github/migration-files.ts'

describe('which changed files count as migrations, where twokey.yml names no paths', () => {
  test.each([
    ['Rails', 'db/migrate/20261101120000_add_slug_to_posts.rb'],
    ['Rails with a second database', 'db/analytics_migrate/20261101120000_create_visits.rb'],
    ['Prisma', 'prisma/migrations/20261101120000_add_slug/migration.sql'],
    ['Alembic', 'alembic/versions/3f2c1ab8649b_add_slug.py'],
    ['Alembic with Flask', 'api/migrations/versions/3f2c1ab8649b_add_slug.py'],
    ['Django', 'blog/posts/migrations/0007_post_slug.py'],
    ['Knex', 'migrations/20261101120000_add_slug.mjs'],
    ['Flyway', 'src/main/resources/db/migration/V7__add_slug.sql'],
    ['Flyway with a folder of its own', 'sql/V7_1__add_slug.sql'],
    ['a repeatable migration of Flyway', 'sql/R__post_view.sql'],
    ['Liquibase', 'src/main/resources/db/changelog/007-add-slug.yaml'],
    ['Laravel', 'database/migrations/2026_11_01_120000_add_slug.php'],
    ['Entity Framework', 'src/Blog.Data/Migrations/20261101120000_AddSlug.cs'],
    ['Ecto', 'priv/repo/migrations/20261101120000_add_slug.exs'],
    ['golang-migrate', 'internal/store/migrations/000007_add_slug.up.sql'],
    ['Diesel', 'migrations/2026-11-01-120000_add_slug/up.sql'],
    ['Drizzle', 'drizzle/0007_add_slug.sql'],
    ['TypeORM', 'src/migration/1793534400000-AddSlug.ts'],
    ['Supabase, in a repository of many packages', 'apps/blog/supabase/migrations/20261101_add_slug.sql'],
  ])('a migration of %s', (_, filename) => {
    expect(isMigration(filename, undefined)).toBe(true)
  })

  test.each([
    ['prose', 'migrations/README.md'],
    ['a file that keeps a folder', 'db/migrate/.keep'],
    ['a Python package', 'blog/posts/migrations/__init__.py'],
    ['the environment of Alembic', 'alembic/env.py'],
    ['the environment of Alembic with Flask', 'api/migrations/env.py'],
    ['the lock file of Prisma', 'prisma/migrations/migration_lock.toml'],
    ['a snapshot of Drizzle', 'drizzle/meta/0007_snapshot.json'],
    ['what Entity Framework generates', 'Migrations/20261101120000_AddSlug.Designer.cs'],
    ['the model of Entity Framework', 'Migrations/BlogContextModelSnapshot.cs'],
    ['the way back of golang-migrate', 'migrations/000007_add_slug.down.sql'],
    ['the way back of Diesel', 'migrations/2026-11-01-120000_add_slug/down.sql'],
    ['a test', 'tests/migrations/test_0007.py'],
    ['a test beside migrations', 'migrations/0007_add_slug.test.ts'],
    ['a page about moving', 'docs/migrations/to-v2.html'],
    ['a feature of that name', 'src/features/migration/Wizard.tsx'],
    ['code that runs migrations', 'src/store/migrations.ts'],
    ['SQL of another kind', 'sql/report.sql'],
    ['the change log', 'CHANGELOG.md'],
  ])('no migration: %s', (_, filename) => {
    expect(isMigration(filename, undefined)).toBe(false)
  })
})

describe('which changed files count as migrations, where twokey.yml names their paths', () => {
  const paths = ['db/schema/', 'services/*/sql', 'tools/**/*.ddl']

  test.each([
    ['a file of a folder', 'db/schema/007.sql'],
    ['a file of a folder in it', 'db/schema/2026/007.sql'],
    ['a folder by a pattern', 'services/blog/sql/007.sql'],
    ['a file by a pattern', 'tools/db/2026/007.ddl'],
  ])('a migration: %s', (_, filename) => {
    expect(isMigration(filename, paths)).toBe(true)
  })

  test.each([
    ['a usual place that is not named', 'db/migrate/007_add_slug.rb'],
    ['a folder whose name begins in the same way', 'db/schema-docs/007.sql'],
    ['a folder of that name elsewhere', 'old/db/schema/007.sql'],
    ['one level more than the pattern', 'services/blog/v2/sql/007.sql'],
  ])('no migration: %s', (_, filename) => {
    expect(isMigration(filename, paths)).toBe(false)
  })

  test('an empty list: no file is a migration', () => {
    expect(isMigration('db/migrate/007_add_slug.rb', [])).toBe(false)
  })
})
