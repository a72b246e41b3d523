/** Where the value of a workflow input comes from. */
export type InputSource =
  | 'environment'
  | 'sha'
  | 'branch'
  | 'release_id'
  | 'service'
  | 'requester'
  | 'default'
  | 'literal'

/** What twokey.yml says of one workflow input. `literal`: the text that is sent, as written. */
export type InputRule =
  | { readonly from: Exclude<InputSource, 'literal'>; readonly line: number }
  | { readonly from: 'literal'; readonly value: string; readonly line: number }

/** Inputs of the workflow by their own names. `line`: 1-based, in twokey.yml. */
export type InputMap = Readonly<Record<string, InputRule>>
