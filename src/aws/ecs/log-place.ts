import { words } from './words.ts'

/**
 * Where a container logs to. `stream`: a CloudWatch stream that only this container of this task writes to.
 * `elsewhere`: a destination that twokey does not read, in words that follow the container's name.
 */
export type LogDestination =
  | {
      readonly at: 'stream'
      readonly group: string
      readonly stream: string
      readonly region: string | undefined
      /** `records`: FireLens's JSON around each line. */
      readonly holds: 'lines' | 'records'
    }
  | { readonly at: 'elsewhere'; readonly where: string }

export function elsewhere(where: string): LogDestination {
  return { at: 'elsewhere', where }
}

/** For example `(splunk-url https://…, splunk-index blog)`: the options that are set; empty if none is. */
export function optionsText(keys: readonly string[], options: Readonly<Record<string, string>>): string {
  const set = keys.flatMap((key) => {
    const value = options[key]
    return value ? `${key} ${words(value, 120)}` : []
  })
  return set.length === 0 ? '' : ` (${set.slice(0, 3).join(', ')})`
}
