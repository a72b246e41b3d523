import type { Reader } from './reader.ts'

/** Identifies a control. */
export type Control = { readonly actionId: string; readonly value?: string }

/** An option that an app returns for an `external_select`. */
export type Offer = { readonly value: string; readonly label: string; readonly note: string }

/** The surroundings of blocks: who reads them, and how their controls send actions. */
export type Surface = {
  readonly reader: Reader
  press(control: Control): Promise<void>
  choose(control: Control, option: string): Promise<void>
  /** Only in a modal. */
  readonly form?: Form
}

/** What a person has filled in so far, by block id. */
export type Form = {
  readonly values: Readonly<Record<string, string | readonly string[]>>
  readonly errors: Readonly<Record<string, string>>
  fill(block: string, value: string | readonly string[]): void
  suggest(actionId: string, typed: string): Promise<readonly Offer[]>
}
