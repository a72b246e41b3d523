import type { Reader } from './reader.ts'

/** A control, as the person who presses it names it. */
export type Control = { readonly actionId: string; readonly value?: string }

/** An option of a menu that asks the app. */
export type Offer = { readonly value: string; readonly label: string; readonly note: string }

/** Where blocks stand, and what a press in them does. */
export type Surface = {
  readonly reader: Reader
  press(control: Control): Promise<void>
  choose(control: Control, option: string): Promise<void>
  /** Of a modal alone. */
  readonly form?: Form
}

/** What a person has filled in so far, by block id. */
export type Form = {
  readonly values: Readonly<Record<string, string | readonly string[]>>
  readonly errors: Readonly<Record<string, string>>
  fill(block: string, value: string | readonly string[]): void
  suggest(actionId: string, typed: string): Promise<readonly Offer[]>
}
