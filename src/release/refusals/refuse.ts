import type { Refusal } from '../refusal.ts'
import type { RefusalCode } from './codes.ts'

/** Makes a refusal. It is a call so that each refusal can be found by its code. */
export function refuse(code: RefusalCode, sentence: string, next: string): Refusal {
  return { code, sentence, next }
}

/** Names to choose from: `prod, dev, …`, at most twenty. */
export function listed(names: readonly string[]): string {
  return names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ')
}

/** Commands to copy, at most ten. */
export function commands(typed: readonly string[]): string {
  return typed
    .slice(0, 10)
    .map((command) => `\`${command}\``)
    .join(', ')
}
