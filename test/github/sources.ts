import type { Content } from '../../sandbox/github/git.ts'
import { deployPath } from '../../sandbox/github/workflow-file.ts'
import type { WorkflowNote } from '../../src/release/inputs.ts'
import { bindingRules } from '../release/bound.ts'
import { type GitHubHarness, repository, workflow } from './harness.ts'

export const on = (text: string) => `\${{ ${text} }}`
export const full = 'c0ffee'.repeat(7).slice(0, 40)

export type Files = Readonly<Record<string, Content | null>>

/** A workflow that takes the commit by an input, so its run may start on another commit. */
export const takingSha = 'on: { workflow_dispatch: { inputs: { sha: { required: true } } } }'
/** A workflow without that input: its run must start on the approved commit. */
export const takingNone = 'on: workflow_dispatch'

/** A job with these steps, each a line of YAML. */
export function job(...steps: readonly string[]): string {
  return `jobs:\n  ship:\n    runs-on: ubuntu-latest\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`
}

export const checkout = `uses: actions/checkout@${full}`
export const approved = `{ uses: actions/checkout@${full}, with: { ref: "${on('inputs.sha')}" } }`
export const composite = (...steps: readonly string[]) =>
  `runs:\n  using: composite\n  steps:\n${steps.map((step) => `    - ${step}\n`).join('')}`

/** What an inspection of the tip reports about its workflow. */
export class Sources {
  readonly #harness: GitHubHarness

  constructor(harness: GitHubHarness) {
    this.#harness = harness
  }

  /** @param ref the requested commit; null: the tip */
  readonly of = async (text: string, files: Files = {}, ref: string | null = null) => {
    this.#harness.sandbox.world.push('main', { message: 'CI', files: { [deployPath]: text, ...files } })
    return this.inspected(ref)
  }

  readonly inspected = async (ref: string | null = null) => {
    const found = await this.#harness.connect().inspect({
      repository,
      workflow,
      branch: 'main',
      ref,
      running: [{ commit: null }],
      rules: (sha) => bindingRules({ values: { ...bindingRules().values, sha } }),
    })
    if ('refused' in found) throw new Error(found.refused.sentence)
    const { paths, notes } = found.tip
    return { paths, notes: notes.filter(isOfSources) }
  }

  /** The object at a path of the tip. */
  readonly object = (path: string): string => {
    const { git } = this.#harness.sandbox.world.repository()
    return git.walk(git.tip('heads/main')!.tree).find((entry) => entry.path === path)!.sha
  }
}

function isOfSources({ note }: WorkflowNote): boolean {
  return ['not-bound', 'checkout-not-bound', 'leads-outside', 'not-read'].includes(note)
}

/**
 * The note that a job has files, of the repository or another one, which no approval binds.
 * @param ref null: the run's own commit
 */
export const brought = (ref: unknown, from: unknown = repository) => ({
  note: 'checkout-not-bound',
  repository: from,
  ref,
  jobs: ['ship'],
})

/** The note that a job checks out the tip of the branch. */
export const ofTip = () => brought(null)
