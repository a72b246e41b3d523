import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Forms, Opened, OpenForm } from '../messages/form.ts'
import { formView } from './cards/form.ts'
import { sayError, troubleOf } from './trouble.ts'
import { TtlCache } from './ttl-cache.ts'

/** How long the result of a trigger is kept, ms: longer than any trigger lives. */
const rememberedMs = 60_000

export type FormsDeps = {
  /** Sends once, and gives up soon. */
  readonly client: WebClient
  readonly log: Logger
  readonly now?: () => number
}

/** What Slack's answers to a trigger mean. */
const triggerErrors: Readonly<Record<string, string>> = {
  expired_trigger_id: 'more than 3 seconds had passed',
  invalid_trigger_id: 'it does not recognize the click',
  trigger_expired: 'more than 3 seconds had passed',
}

/** Forms by `views.open` and `views.update`, each sent once. */
export function slackForms({ client, log, now = Date.now }: FormsDeps): Forms {
  const opened = new TtlCache<Opened>(rememberedMs, now)

  async function send({ trigger, channel, form }: Parameters<Forms['open']>[0]): Promise<Opened> {
    try {
      const view = formView(form, channel)
      const answer = await client.views.open({ trigger_id: trigger, view })
      return { opened: true, view: shownAs(answer.view) }
    } catch (error) {
      const trouble = troubleOf(error)
      const code = trouble.kind === 'refused' ? trouble.code : ''
      if (code === 'exchanged_trigger_id') return { opened: true, view: null }
      const why = triggerErrors[code] ?? sayError(error).replace(/\.$/, '')
      log.info({ form: form.form, why }, 'a form was not opened')
      return { opened: false, why }
    }
  }

  return {
    open: (ask) => opened.get(ask.trigger, () => send(ask)),

    async show({ id, hash }, { channel, form }) {
      try {
        const view = formView(form, channel)
        const answer = await client.views.update({ view_id: id, ...(hash !== null && { hash }), view })
        return shownAs(answer.view) ?? 'trouble'
      } catch (error) {
        const trouble = troubleOf(error)
        if (trouble.kind === 'refused' && gone.has(trouble.code)) return 'gone'
        log.warn({ form: form.form, why: sayError(error) }, 'a form could not be shown')
        return 'trouble'
      }
    },
  }
}

/** The person closed the form, or it already shows something newer. */
const gone: ReadonlySet<string> = new Set(['not_found', 'hash_conflict', 'view_not_found'])

function shownAs(view: { readonly id?: string; readonly hash?: string } | undefined): OpenForm | null {
  return view?.id === undefined ? null : { id: view.id, hash: view.hash ?? null }
}
