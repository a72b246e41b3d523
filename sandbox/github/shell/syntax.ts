/** A part of a word. Quoted parts are neither split nor patterns. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  | {
      readonly kind: 'variable'
      readonly name: string
      /** The operator after the name in the braces, such as `:-main`, `:0:7` or `%-*`; `length` for `#` before it. */
      readonly change: { readonly operator: string; readonly word: Word } | undefined
      readonly isQuoted: boolean
    }
  | { readonly kind: 'output'; readonly script: Script; readonly isQuoted: boolean }
  | { readonly kind: 'arithmetic'; readonly text: Word; readonly isQuoted: boolean }

export type Word = readonly Part[]

export type Redirect = {
  readonly operator: '>' | '>>' | '<' | '<<' | '<<<'
  /** 1: output, 2: errors, `both`. Ignored for input. */
  readonly from: 1 | 2 | 'both'
  /** A file; for `<<` and `<<<` the text itself. A number redirects to that stream (`2>&1`). */
  readonly to: Word | 1 | 2
}

type Simple = {
  readonly kind: 'simple'
  readonly variables: readonly (readonly [string, Word])[]
  readonly words: readonly Word[]
}
type Compound =
  | {
      readonly kind: 'if'
      readonly branches: readonly (readonly [Script, Script])[]
      readonly otherwise: Script
    }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: Script }
  | {
      readonly kind: 'while'
      readonly goesOnAt: 'success' | 'failure'
      readonly test: Script
      readonly body: Script
    }
  | {
      readonly kind: 'case'
      readonly word: Word
      readonly branches: readonly (readonly [readonly Word[], Script])[]
    }
  | { readonly kind: 'group' | 'subshell'; readonly body: Script }
  | { readonly kind: 'function'; readonly name: string; readonly body: Script }

export type Command = (Simple | Compound) & {
  readonly redirects: readonly Redirect[]
  /** As written in the script. */
  readonly source: string
}

export type Pipeline = { readonly isNegated: boolean; readonly commands: readonly Command[] }

/** Pipelines, each with the operator that connects it to the previous one. */
export type Script = readonly { readonly after: ';' | '&&' | '||'; readonly pipeline: Pipeline }[]
