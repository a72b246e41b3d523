/** Names of resources in a file: each name in another alphabet, and none twice. */
export function distinctNames(
  names: readonly string[],
  as: (name: string) => string,
): ReadonlyMap<string, string> {
  const taken = new Set<string>()
  return new Map(
    names.map((name) => {
      const wanted = as(name)
      let own = wanted
      for (let number = 2; taken.has(own); number++) own = `${wanted}${number}`
      taken.add(own)
      return [name, own]
    }),
  )
}
