import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { observed, parties } from '../conformance/compare.ts'
import { sandboxOutside } from '../conformance/sandbox.ts'

let sandbox: Awaited<ReturnType<typeof sandboxOutside>>

beforeAll(async () => {
  sandbox = await sandboxOutside()
})
afterAll(() => sandbox.close())

describe.each(parties)('$name in the sandbox', ({ assertions }) => {
  test.each(assertions)('$what', async (assertion) => {
    expect(await observed(assertion, sandbox.outside)).toEqual({ was: 'as expected' })
  })
})
