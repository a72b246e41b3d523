import { words } from './words.ts'

/**
 * Where a container logs to. `stream`: in CloudWatch, one that nothing but this container of this task writes to.
 * `elsewhere`: what twokey does not read, in words that follow the container's name.
 */
export type LogPlace =
  | {
      readonly at: 'stream'
      readonly group: string
      readonly stream: string
      readonly region: string | undefined
      /** `records`: JSON of FireLens around each line. */
      readonly holds: 'lines' | 'records'
    }
  | { readonly at: 'elsewhere'; readonly where: string }

export function elsewhere(where: string): LogPlace {
  return { at: 'elsewhere', where }
}

/** `(splunk-url https://…, splunk-index blog)`: those of the options that are set; empty where none is. */
export function among(keys: readonly string[], options: Readonly<Record<string, string>>): string {
  const set = keys.flatMap((key) => {
    const value = options[key]
    return value ? `${key} ${words(value, 120)}` : []
  })
  return set.length === 0 ? '' : ` (${set.slice(0, 3).join(', ')})`
}
