import type { PersonDeed, WorldDeed } from '../actions.ts'
import { client, me, toast } from './state.ts'

type Answer = {
  readonly problem?: string
  readonly outcome?: string
  readonly problems?: readonly string[]
  readonly options?: readonly unknown[]
}

/** Performs an action as the person that the visitor acts as. Errors that Slack shows in a toast are shown in a toast. */
export async function does(deed: PersonDeed): Promise<Answer> {
  const answer = await post(`/people/${encodeURIComponent(me.value)}?in=${client}`, deed)
  const trouble = troubleOf(answer, deed)
  if (trouble) toast({ title: 'That did not work', text: trouble })
  return answer
}

/** Performs an action on GitHub, AWS, Slack's connections or the bot. */
export async function changes(deed: WorldDeed): Promise<void> {
  const { problem } = await post('/world', deed)
  if (problem) toast({ title: 'That did not work', text: problem })
}

async function post(path: string, deed: PersonDeed | WorldDeed): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(deed),
    })
    return (await response.json()) as Answer
  } catch {
    return { problem: 'The page’s server does not answer. Is the demo still running?' }
  }
}

/**
 * The error to show in a toast. Slackbot reports failed commands in the channel, and a modal reports failed
 * submissions.
 */
function troubleOf({ problem, outcome, problems }: Answer, { do: what }: PersonDeed): string | undefined {
  if (what === 'submit') return undefined
  if (problem) return problem
  if (what === 'type') return undefined
  switch (outcome) {
    case 'timeout':
      return 'twokey did not answer in time (operation_timeout). Try again.'
    case 'dispatch_failed':
      return 'twokey is not connected (dispatch_failed). Try again in a moment.'
    case 'response_refused':
      return `twokey answered what Slack does not show: ${problems?.join(', ')}`
    default:
      return undefined
  }
}
