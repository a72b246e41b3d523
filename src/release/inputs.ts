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

/** An input that `workflow_dispatch` declares. */
export type DeclaredInput = {
  readonly name: string
  /** 1-based, in the workflow file. */
  readonly line: number
  readonly type: 'string' | 'choice' | 'boolean' | 'number' | 'environment'
  readonly required: boolean
  /** As text; null: none. */
  readonly default: string | null
  /** What a choice may be; empty for other types. */
  readonly options: readonly string[]
}

/** An input with its value. That of `default` is the workflow's own, and is not sent. */
export type BoundInput = { readonly name: string; readonly from: InputSource; readonly value: string }

/** A service in an environment that the same workflow serves, and must be told apart from the one that is meant. */
export type Sibling = {
  readonly service: string
  readonly environment: string
  readonly branch: string
  /** What its inputs get by a literal, `$environment` or `$service`: nothing else tells service environments apart. */
  readonly values: Readonly<Record<string, string>>
}

/** What a dispatch means for one release: by this, the inputs that a workflow declares are bound. */
export type BindingRules = {
  readonly service: string
  readonly environment: string
  readonly branch: string
  /** `branch`: the workflow tells environments apart by the branch it runs on. */
  readonly environmentFrom: 'input' | 'branch'
  readonly map: InputMap
  /** What the names in the map stand for. */
  readonly values: Readonly<Record<Exclude<InputSource, 'default' | 'literal'>, string>>
  readonly siblings: readonly Sibling[]
  /** The other environments of twokey.yml: each by its own name and by GitHub's. */
  readonly otherEnvironments: readonly {
    readonly environment: string
    readonly names: readonly string[]
  }[]
}

/** Where a job of the workflow runs, as far as its file says before it runs. Null: an expression that cannot be evaluated yet. */
export type JobEnvironment = {
  readonly job: string
  /** As the file says it. */
  readonly written: string
  readonly environment: string | null
}

/** What people should know of a workflow before they approve, and what no approval can bind. */
export type WorkflowNote =
  /** Events beside `workflow_dispatch` that start it without approvals in Slack. */
  | { readonly note: 'starts-on'; readonly events: readonly string[] }
  | { readonly note: 'environment-unknown'; readonly job: string; readonly written: string }
  /** A job of it runs in another environment of twokey.yml. */
  | { readonly note: 'other-environment'; readonly job: string; readonly environment: string }
  /** An input of the environment that is neither required nor mapped, and has no default. */
  | { readonly note: 'left-empty'; readonly input: string }
  /** The input gets the branch, whose tip may have moved when the run checks it out. */
  | { readonly note: 'follows-branch'; readonly input: string }
  /** Another run of it that has not ended. */
  | {
      readonly note: 'under-way'
      readonly run: {
        readonly id: number
        readonly url: string
        readonly event: string
        readonly sha: string
        /** GitHub login of who started it. Absent: it is not told, or an older twokey wrote this. */
        readonly login?: string
      }
    }
  | { readonly note: 'runs-unavailable'; readonly why: string }
  /**
   * Actions, reusable workflows and images that the run loads by a name which may mean something else tomorrow: as the files
   * write them, those of the repository's owner first.
   */
  | { readonly note: 'not-bound'; readonly uses: readonly string[] }
  /** Jobs run files of something else than the approved commit. `ref`: as the workflow writes it; null: the branch's tip. */
  | {
      readonly note: 'checkout-not-bound'
      readonly repository: string
      readonly ref: string | null
      readonly jobs: readonly string[]
    }
  /** A symlink or a submodule where the workflow may run it: what it leads to is no part of what is bound. */
  | { readonly note: 'leads-outside'; readonly kind: 'symlink' | 'submodule'; readonly path: string }
  /** What could not be read of what the workflow runs, so that nobody knows what it uses. */
  | { readonly note: 'not-read'; readonly what: string; readonly why: string }

/** Names that choose what ships, or what is built: only the workflow says which. */
export const choosesImage = /^((image|docker|app|service|release|deploy)[_-])?(tag|version|image|revision)$/i

/** GitHub takes no more inputs with a dispatch. Source: docs.github.com, `on.workflow_dispatch.inputs`. */
export const mostInputs = 25
