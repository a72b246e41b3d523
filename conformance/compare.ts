import { isDeepStrictEqual } from 'node:util'
import type { Assertion, Party } from './assertion.ts'
import { aws } from './aws.ts'
import { gitHub } from './github.ts'
import type { Outside } from './outside.ts'
import { slack } from './slack.ts'

export const parties: readonly Party[] = [slack, gitHub, aws]

/** What one assertion came to. `failed`: it could not be asked. */
export type Observed =
  | { readonly was: 'as expected' }
  | { readonly was: 'different'; readonly observed: unknown }
  | { readonly was: 'failed'; readonly reason: string }

/** Asks, and compares the answer with what is expected. */
export async function observed({ observe, expected }: Assertion, outside: Outside): Promise<Observed> {
  try {
    const found = await observe(outside)
    return isDeepStrictEqual(found, expected) ? { was: 'as expected' } : { was: 'different', observed: found }
  } catch (error) {
    return { was: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}
