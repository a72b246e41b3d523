import { Trouble } from '../ports/ports.ts'
import type { AskOf } from '../release/look.ts'
import type { ReviewOnGitHub } from '../release/sighting.ts'
import type { Client } from './client.ts'
import { reviewsOf } from './gate-reads.ts'
import { firstLine, shows } from './text.ts'

/**
 * The reviews that people gave a run on GitHub, without those that the release gave. Reviews name no attempt, so there are
 * none of a run that was started again. Empty if twokey may not read them. Throws `Trouble` that passes.
 */
export async function reviewsByPeople(client: Client, ask: AskOf<'run'>): Promise<readonly ReviewOnGitHub[]> {
  if (ask.attempt > 1) return []
  const reviews = await reviewsOf(client, ask).catch(noneIfTerminal)
  return reviews.flatMap(({ user, comment, state, environments }) => {
    const by = user?.login
    if (by === undefined || isApp(by) || shows(comment ?? '', ask.releaseId)) return []
    if (state !== 'approved' && state !== 'rejected') return []
    return environments.flatMap(({ name }) =>
      name ? { by, environment: firstLine(name), verdict: state } : [],
    )
  })
}

function noneIfTerminal(error: unknown): [] {
  if (error instanceof Trouble && error.kind === 'terminal') return []
  throw error
}

/** A protection rule of a GitHub App reviews by itself. */
function isApp(login: string): boolean {
  return login.endsWith('[bot]')
}
