/** How much of a text is looked at, characters: a tag has 128 at most, a variable as many as the task definition takes. */
const longest = 4_096
/** How many words of one text are looked up. */
const most = 8

/** `v1.4.2-14-g3f2c1ab`, `sha3f2c1ab`: none of these prefixes can be taken for hex figures themselves. */
const word = /^(?:commit|git|g|rev|sha|v)?([0-9a-f]{7,40})$/

/**
 * The words of a text that may be commits: at least seven hex figures that stand alone or behind a usual prefix, in the
 * order of the text. Which of them are, only their repository knows. Figures without a letter are dates and build numbers
 * as a rule, so they are taken only where no other word is there.
 */
export function commitWords(text: string): readonly string[] {
  const parts = text
    .slice(0, longest)
    .toLowerCase()
    .split(/[^0-9a-z]+/)
  const words = [...new Set(parts.flatMap((part) => word.exec(part)?.[1] ?? []))]
  const lettered = words.filter((each) => each.length === 40 || /[a-f]/.test(each))
  return (lettered.length > 0 ? lettered : words).slice(0, most)
}

/** `registry:5000/blog-api:3f2c1ab@sha256:…` → `3f2c1ab`; a digest is no tag. Empty where there is none. */
export function tagOf(image: string): string {
  return /:([^:/@]+)$/.exec(image.replace(/@.*$/, ''))?.[1] ?? ''
}
