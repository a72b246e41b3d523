import type { App } from '@slack/bolt'
import type { PlainTextOption } from '@slack/types'
import { everything, type Forms, type Named } from '../messages/form.ts'
import type { InboxItem } from '../messages/intent.ts'
import type { DatedCommit } from '../ports/ports.ts'
import { inTime } from '../runtime/bounded.ts'
import type { SlackDeps, SlackInput } from './deps.ts'
import { formPrefix, nameOptions, refOptions } from './form-parts.ts'
import { type Selection, type Suggestion, selectionOf, submittedItem, suggestionOf } from './form-payloads.ts'
import { notWritten } from './form-words.ts'
import { sayError } from './trouble.ts'
import { TtlCache } from './ttl-cache.ts'

/** How long a branch's commits are offered before they are read again, ms. */
const offeredMs = 15_000

/** How long a menu waits for commits, ms: Slack waits three seconds. */
const menuMs = 2_500

export type FormListenDeps = Pick<SlackInput, 'source' | 'vocabulary' | 'signals'> &
  Pick<SlackDeps, 'log'> & {
    readonly forms: Forms
    /** Stores the request; false if that failed. */
    readonly isWritten: (item: InboxItem) => Promise<boolean>
  }

/** Handles forms: submissions, selections, and menus that load their options from twokey. */
export function listenToForms(app: App, deps: FormListenDeps): void {
  const isOurs = new RegExp(`^${formPrefix}`)
  const offers = new Offers(deps)

  app.view(isOurs, async ({ body, ack }) => {
    const branchOf = (at: Named) => deps.source.deployForm(at).branch
    const item = submittedItem({ payload: body, now: Date.now(), branchOf })
    if (item === null) return ack()
    if ('errors' in item) return ack({ response_action: 'errors', errors: { ...item.errors } })
    const isKept = await deps.isWritten(item)
    try {
      await (isKept
        ? ack()
        : ack({ response_action: 'errors', errors: { [firstInput(body.view.blocks)]: notWritten } }))
    } finally {
      deps.signals.changed('inbox')
    }
  })

  app.action(isOurs, async ({ body, ack }) => {
    await ack()
    const chosen = selectionOf(body)
    if (chosen) await showChosen(deps, chosen)
  })

  app.options(isOurs, async ({ body, ack }) => {
    await ack({ options: [...(await offers.of(suggestionOf(body)))] })
  })
}

/** Slack can show an error only under an input. */
function firstInput(blocks: readonly { readonly type: string; readonly block_id?: string }[]): string {
  return blocks.find(({ type }) => type === 'input')?.block_id ?? ''
}

/** Shows people who may read it that their choice was received, and then what is running there. */
async function showChosen({ forms, source }: FormListenDeps, chosen: Selection): Promise<void> {
  const { by, view, channel, service, environment } = chosen
  const refusal = await source.mayNotRead(by, everything)
  if (refusal) {
    await forms.show(view, { channel, form: { form: 'refused', refusal } })
    return
  }
  const form = source.deployForm({ service, environment })
  const shown = await forms.show(view, { channel, form })
  if (typeof shown === 'string' || service === null || environment === null) return
  const serving = await source.serving({ service, environment })
  await forms.show(shown, { channel, form: { ...form, serving } })
}

/** The options of the menus. Commits that cannot be looked up in time are not offered; the typed text always is. */
class Offers {
  readonly #deps: FormListenDeps
  readonly #commits = new TtlCache<readonly DatedCommit[]>(offeredMs, Date.now)

  constructor(deps: FormListenDeps) {
    this.#deps = deps
  }

  async of({ by, field, typed, service, environment }: Suggestion): Promise<readonly PlainTextOption[]> {
    const { vocabulary, source } = this.#deps
    if ((await source.mayNotRead(by, everything)) !== null) return []
    if (field === 'service') return nameOptions(vocabulary.services, typed)
    if (field === 'environment') return nameOptions(vocabulary.environments, typed)
    if (field !== 'ref') return []
    if (service === null || environment === null) return refOptions({ branch: null, commits: [] }, typed)
    const { branch } = source.deployForm({ service, environment })
    return refOptions({ branch, commits: await this.#soon({ service, environment }) }, typed)
  }

  async #soon(at: Named): Promise<readonly DatedCommit[]> {
    const { source, log } = this.#deps
    try {
      const commits = this.#commits.get(`${at.service} ${at.environment}`, () => source.commits(at))
      return await inTime(commits, menuMs, () => {
        throw new Error(`it took more than ${menuMs} ms`)
      })
    } catch (error) {
      log.warn({ ...at, why: sayError(error) }, 'a menu could not offer commits')
      return []
    }
  }
}
