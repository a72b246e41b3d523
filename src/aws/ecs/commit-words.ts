/** Limit of characters searched in a text: a tag has at most 128, a variable as many as the task definition allows. */
const maxTextLength = 4_096
/** Limit of words of one text that are looked up. */
const maxWords = 8

/** Matches `v1.4.2-14-g3f2c1ab`, `sha3f2c1ab`: none of these prefixes consists of hex digits. */
const word = /^(?:commit|git|g|rev|sha|v)?([0-9a-f]{7,40})$/

/**
 * The words of a text that may be commits: at least seven hex digits, alone or after a usual prefix, in the order of
 * the text. Only the repository knows which of them are commits. Digits without a letter are usually dates and build
 * numbers, so they are used only if there is no other word.
 */
export function commitText(text: string): readonly string[] {
  const parts = text
    .slice(0, maxTextLength)
    .toLowerCase()
    .split(/[^0-9a-z]+/)
  const words = [...new Set(parts.flatMap((part) => word.exec(part)?.[1] ?? []))]
  const lettered = words.filter((each) => each.length === 40 || /[a-f]/.test(each))
  return (lettered.length > 0 ? lettered : words).slice(0, maxWords)
}

/** `registry:5000/blog-api:3f2c1ab@sha256:…` → `3f2c1ab`; a digest is not a tag. Empty if there is none. */
export function tagOf(image: string): string {
  return /:([^:/@]+)$/.exec(image.replace(/@.*$/, ''))?.[1] ?? ''
}
