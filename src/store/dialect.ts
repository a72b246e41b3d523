import type { ColumnDefinitionBuilder, RawBuilder, SelectQueryBuilder } from 'kysely'
import type { Schema } from './schema.ts'

/** The differences between databases: everything else is written once, in Kysely. */
export interface SqlDialect {
  /** An auto-increment column. */
  counter(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  /** A text field in a JSON column, at a path such as `targets[0].region`; null if absent or the JSON is damaged. */
  field(column: string, path: string): RawBuilder<string | null>
  /** Statements that make a table reject changes to its rows. */
  appendOnly(table: keyof Schema): readonly RawBuilder<unknown>[]
  /** Locks the selected rows for this transaction; others wait for its end. */
  forUpdate<DB, Tables extends keyof DB, Row>(
    query: SelectQueryBuilder<DB, Tables, Row>,
  ): SelectQueryBuilder<DB, Tables, Row>
  /** Like `forUpdate`, but skips rows that another transaction has locked. */
  skipLocked<DB, Tables extends keyof DB, Row>(
    query: SelectQueryBuilder<DB, Tables, Row>,
  ): SelectQueryBuilder<DB, Tables, Row>
}
