import type { ColumnDefinitionBuilder, RawBuilder, SelectQueryBuilder } from 'kysely'
import type { Schema } from './schema.ts'

/** What databases do differently: all else is written once, in Kysely. */
export interface SqlDialect {
  /** A column whose value the database counts up. */
  counter(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  /** A text field of a column of JSON, at a path such as `targets[0].region`; null where there is none, or the column is damaged. */
  field(column: string, path: string): RawBuilder<string | null>
  /** Statements that make a table refuse changes to its rows. */
  appendOnly(table: keyof Schema): readonly RawBuilder<unknown>[]
  /** Selects rows for this transaction alone; others wait for its end. */
  forUpdate<DB, Tables extends keyof DB, Row>(
    query: SelectQueryBuilder<DB, Tables, Row>,
  ): SelectQueryBuilder<DB, Tables, Row>
  /** As `alone`; passes over the rows that another transaction has. */
  skipLocked<DB, Tables extends keyof DB, Row>(
    query: SelectQueryBuilder<DB, Tables, Row>,
  ): SelectQueryBuilder<DB, Tables, Row>
}
