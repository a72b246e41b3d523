import { TooLarge } from '../runtime/bounded.ts'

/** A page of one of GitHub's lists, as its parameters name it: the first is 1. */
export type Page = { readonly per_page: number; readonly page: number }

/**
 * The items of a page, which is asked for in smaller pages where an answer is larger than twokey reads: messages and names in
 * it are of any length. Where something is added to the list meanwhile, an item may come twice, and none is missed.
 * Throws what `read` throws; `TooLarge` where one item alone is.
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

/** Into how many pages of one size it divides: as few as it can. */
function partsOf(size: number): number {
  let parts = 2
  while (size % parts !== 0) parts += 1
  return parts
}
