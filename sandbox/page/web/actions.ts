import type { PersonAction, WorldAction } from '../actions.ts'
import { client, me, toast } from './state.ts'

type Answer = {
  readonly problem?: string
  readonly outcome?: string
  readonly problems?: readonly string[]
  readonly options?: readonly unknown[]
}

/** Performs an action as the person that the visitor acts as. Errors that Slack shows in a toast are shown in a toast. */
export async function act(action: PersonAction): Promise<Answer> {
  const answer = await post(`/people/${encodeURIComponent(me.value)}?in=${client}`, action)
  const trouble = toastTextOf(answer, action)
  if (trouble) toast({ title: 'That did not work', text: trouble })
  return answer
}

/** Performs an action on GitHub, AWS, Slack's connections or the bot. */
export async function changeWorld(action: WorldAction): Promise<void> {
  const { problem } = await post('/world', action)
  if (problem) toast({ title: 'That did not work', text: problem })
}

async function post(path: string, action: PersonAction | WorldAction): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
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
function toastTextOf({ problem, outcome, problems }: Answer, { do: what }: PersonAction): string | undefined {
  if (what === 'submit') return undefined
  if (problem) return problem
  if (what === 'type') return undefined
  switch (outcome) {
    case 'timeout':
      return 'twokey did not answer in time (operation_timeout). Try again.'
    case 'dispatch_failed':
      return 'twokey is not connected (dispatch_failed). Try again in a moment.'
    case 'response_refused':
      return `Slack cannot show the answer of twokey: ${problems?.join(', ')}`
    default:
      return undefined
  }
}
