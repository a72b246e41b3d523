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

/** The rule of twokey.yml for one workflow input. `literal`: the text that is sent, as written. */
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
  /** The options of a choice; empty for other types. */
  readonly options: readonly string[]
}

/** An input with its value. A value of `default` is the workflow's own, and is not sent. */
export type BoundInput = { readonly name: string; readonly from: InputSource; readonly value: string }

/** Another service environment of the same workflow, from which the requested one must be distinguished. */
export type Sibling = {
  readonly service: string
  readonly environment: string
  readonly branch: string
  /** What its inputs get by a literal, `$environment` or `$service`; nothing else distinguishes service environments. */
  readonly values: Readonly<Record<string, string>>
}

/** The rules by which the inputs of a workflow are bound for one release. */
export type BindingRules = {
  readonly service: string
  readonly environment: string
  readonly branch: string
  /** `branch`: the workflow chooses the environment by the branch it runs on. */
  readonly environmentFrom: 'input' | 'branch'
  readonly map: InputMap
  /** What the names in the map stand for. */
  readonly values: Readonly<Record<Exclude<InputSource, 'default' | 'literal'>, string>>
  readonly siblings: readonly Sibling[]
  /** The other environments of twokey.yml, each by its own name and by GitHub's. */
  readonly otherEnvironments: readonly {
    readonly environment: string
    readonly names: readonly string[]
  }[]
}

/**
 * The environment of a job, as far as the workflow file says it. Null: an expression that cannot be evaluated before
 * the run.
 */
export type JobEnvironment = {
  readonly job: string
  /** As the file has it. */
  readonly written: string
  readonly environment: string | null
}

/** Facts about a workflow that approvers should know, and what no approval can bind. */
export type WorkflowNote =
  /** Events besides `workflow_dispatch` that start the workflow without approvals in Slack. */
  | { readonly note: 'starts-on'; readonly events: readonly string[] }
  | { readonly note: 'environment-unknown'; readonly job: string; readonly written: string }
  /** A job runs in another environment of twokey.yml. */
  | { readonly note: 'other-environment'; readonly job: string; readonly environment: string }
  /** An input of the environment that is neither required nor mapped, and has no default. */
  | { readonly note: 'left-empty'; readonly input: string }
  /** The input gets the branch, whose tip may have moved when the run checks it out. */
  | { readonly note: 'follows-branch'; readonly input: string }
  /** Another run of the workflow that has not ended. */
  | {
      readonly note: 'under-way'
      readonly run: {
        readonly id: number
        /** As GitHub shows it to people. Absent: not known, or an older twokey wrote this. */
        readonly number?: number
        readonly url: string
        readonly event: string
        readonly sha: string
        /** GitHub login of its starter. Absent: not known, or an older twokey wrote this. */
        readonly login?: string
      }
    }
  | { readonly note: 'runs-unavailable'; readonly why: string }
  /** Somebody started the run with inputs, which GitHub does not show. */
  | { readonly note: 'inputs-unknown'; readonly event: string }
  /**
   * Actions, reusable workflows and images that the run loads by a name whose content may change, as the files write
   * them, those of the repository's owner first.
   */
  | { readonly note: 'not-bound'; readonly uses: readonly string[] }
  /**
   * Jobs run files from something other than the approved commit. `ref`: as the workflow writes it; null: the
   * branch's tip.
   */
  | {
      readonly note: 'checkout-not-bound'
      readonly repository: string
      readonly ref: string | null
      readonly jobs: readonly string[]
    }
  /** A symlink or a submodule that the workflow may run: its destination is not bound by the approval. */
  | { readonly note: 'leads-outside'; readonly kind: 'symlink' | 'submodule'; readonly path: string }
  /** A part of what the workflow runs that could not be read, so nobody knows what it uses. */
  | { readonly note: 'not-read'; readonly what: string; readonly why: string }

/** Input names that choose what is deployed or built; only the workflow says which of the two. */
export const choosesImage = /^((image|docker|app|service|release|deploy)[_-])?(tag|version|image|revision)$/i

/** The most inputs of a dispatch. Source: docs.github.com, `on.workflow_dispatch.inputs`. */
export const mostInputs = 25
