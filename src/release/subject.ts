import type { Difference } from './difference.ts'
import type { BoundInput, WorkflowNote } from './inputs.ts'
import type { Missing } from './missing.ts'
import type { ContainerImage, Revision } from './revision.ts'
import type { WorkflowPath } from './workflow-path.ts'

export type Commit = {
  readonly sha: string
  /** First line of the message: text from outside, to be escaped where it is shown. */
  readonly title: string
  readonly author: string
  /** GitHub login; null where the commit's e-mail belongs to no account. */
  readonly login: string | null
}

/**
 * How much a comparison changes. GitHub lists its first 300 files; `isCut`: there may be more, and the numbers are of those.
 */
export type ChangeSize = {
  readonly files: number
  readonly isCut: boolean
  readonly additions: number
  readonly deletions: number
  /** How many of the files are migrations, and how many are below `.github`. */
  readonly migrations: number
  readonly workflows: number
}

/** Commits between what runs and what is asked for. */
export type Changes =
  | {
      readonly known: true
      /** Those that are added; those that are removed where `direction` is `back`. */
      readonly commits: readonly Commit[]
      readonly total: number
      readonly direction: 'forward' | 'back' | 'aside'
      readonly url: string
      /** Of these commits. Absent: it could not be read, or an older twokey did not. */
      readonly size?: ChangeSize
      /** What goes while `commits` are added, where `direction` is `aside`. Its commits are the oldest few. */
      readonly removed?: {
        readonly commits: readonly Commit[]
        readonly total: number
        readonly migrations: number
      }
    }
  | { readonly known: false; readonly why: string }

/** Who wrote what ships. `why`: it could not be determined of every commit. */
export type Authorship =
  | {
      readonly known: true
      /** GitHub logins in lower case, each once. */
      readonly logins: readonly string[]
      /** The commits that targets ran, whose followers were looked at. */
      readonly since: readonly string[]
    }
  | { readonly known: false; readonly why: string }

/** What is to be brought to the targets; bound by the approvals. */
export type Subject =
  | {
      readonly kind: 'deploy'
      readonly repository: string
      /** File name of the workflow, as in `deploy.yml`. */
      readonly workflow: string
      readonly branch: string
      /** The branch, tag or commit as it was typed; null: the branch's tip. */
      readonly ref: string | null
      readonly commit: Commit
      /** The branch's tip, and its `.github` tree: the workflow that will run. */
      readonly tip: string
      readonly githubTree: string
      /** What the workflow runs from the tip outside `.github`, where the run may start on another commit than the approved one. */
      readonly paths: readonly WorkflowPath[]
      /** The inputs that the workflow declares, with their values. */
      readonly inputs: readonly BoundInput[]
      /** What `$environment` stands for. */
      readonly githubEnvironment: string
      /** What the workflow does beside what is approved, as far as its file says. */
      readonly notes: readonly WorkflowNote[]
      /** What twokey.yml names and ECS did not have. Absent: nothing, or it was not looked for. */
      readonly missing?: readonly Missing[]
      /** From what the first target runs. */
      readonly changes: Changes
      /** From what every target runs. */
      readonly authorship: Authorship
    }
  | {
      readonly kind: 'rollback'
      readonly repository: string
      /** The task definition to go back to, one for all targets. */
      readonly revision: Revision
      /** What its containers ran when it was rolled out last, in every target, each once. */
      readonly images: readonly ContainerImage[]
      /** From what serves. */
      readonly difference: Difference
    }
