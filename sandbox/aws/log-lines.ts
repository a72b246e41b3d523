import type { TaskState } from './model.ts'

/** The lines that the main container prints when it starts. */
export function startLines(task: TaskState): string[] {
  if (task.service) return ['Booting blog-api', 'Connected to the database', 'Listening on 0.0.0.0:8080']
  return [
    'blog-api migrate: connecting to blog-db:5432/blog',
    'Schema is at 20261113104100_add_drafts',
    'Pending: 20261117162000_add_comment_cursor, 20261119085500_add_digest_subscriptions',
    '20261117162000_add_comment_cursor: migrating',
  ]
}

/** The lines that the main container prints before it exits with this code. */
export function exitLines(task: TaskState, code: number): string[] {
  if (task.service) {
    return code === 0
      ? ['Received SIGTERM, closing', 'Bye']
      : [
          "TypeError: Cannot read properties of undefined (reading 'url')",
          '    at connect (file:///app/src/database.js:14:31)',
          '    at file:///app/src/main.js:8:7',
          `Exited with ${code}`,
        ]
  }
  return code === 0
    ? [
        '20261117162000_add_comment_cursor: migrated in 0.31 s',
        '20261119085500_add_digest_subscriptions: migrating',
        '20261119085500_add_digest_subscriptions: migrated in 0.12 s',
        'Applied 2 migrations',
      ]
    : [
        'ERROR 55P03: canceling statement due to lock timeout',
        'STATEMENT: ALTER TABLE comments ADD COLUMN cursor bigint NOT NULL DEFAULT 0',
        '20261117162000_add_comment_cursor: rolled back',
        `Migration failed, exiting with ${code}`,
      ]
}
