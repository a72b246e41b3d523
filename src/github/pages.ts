import { TooLarge } from '../runtime/bounded.ts'

/** A page of one of GitHub's lists, in its own parameters: the first is 1. */
export type Page = { readonly per_page: number; readonly page: number }

/**
 * Reads the items of a page. If an answer is larger than twokey reads, the page is read in smaller pages: messages and
 * names in it have no limit. If the list grows meanwhile, an item may appear twice, but none is missed. Throws what
 * `read` throws; `TooLarge` if a single item is too large.
 */
export async function readPage<T>(
  read: (page: Page) => Promise<readonly T[]>,
  { per_page, page }: Page,
): Promise<readonly T[]> {
  try {
    return await read({ per_page, page })
  } catch (error) {
    if (!(error instanceof TooLarge) || per_page === 1) throw error
  }
  const parts = partsOf(per_page)
  const size = per_page / parts
  const items: T[] = []
  for (let part = 1; part <= parts; part += 1) {
    const some = await readPage(read, { per_page: size, page: (page - 1) * parts + part })
    items.push(...some)
    if (some.length < size) break
  }
  return items
}

/** The smallest divisor: into how many equal pages to split. */
function partsOf(size: number): number {
  let parts = 2
  while (size % parts !== 0) parts += 1
  return parts
}
