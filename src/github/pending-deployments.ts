import type { Hindrance } from '../release/sighting.ts'
import type { Client } from './client.ts'
import { type GateAsk, type Pending, pendingOf, reviewsOf, timerEnd } from './gate-reads.ts'
import type { Reviewer } from './reviewer.ts'
import { firstLine } from './text.ts'

type Gate = Pick<Hindrance, 'words' | 'until'>

/**
 * What a run at an environment's gate waits for: a review, the wait timer or another rule. `environments`: all at whose
 * gates it waits; empty if GitHub does not say. `opens`: those that twokey can open,
 * which nobody has opened before the end of their wait timer. Throws `Trouble`.
 */
export async function pendingDeployments(
  client: Client,
  ask: GateAsk,
  reviewer: Reviewer,
): Promise<Gate & { readonly environments: readonly string[]; readonly opens: readonly string[] }> {
  const pending = await pendingOf(client, ask)
  const gates = pending.map((each) => ({ ...each, endsAt: timerEnd(each) }))
  const mayBeReviewed = gates.some((each) => each.endsAt !== null && reviewersOf(each).length > 0)
  const reviewed = mayBeReviewed ? await reviewedOf(client, ask) : []
  const waiting = gates.map((each) => gateOf(each, each.endsAt, reviewed.includes(each.environment.name)))
  const [only, ...others] = waiting
  if (!only)
    return {
      words: 'it waits at the gate of an environment, but GitHub does not say which',
      environments: [],
      opens: [],
    }
  const may = await Promise.all(pending.map((each) => reviewer.mayReview(ask.repository, each)))
  const opens = gates.flatMap(({ environment: { name }, endsAt }, index) =>
    may[index] === 'review' && !(endsAt !== null && reviewed.includes(name)) ? [name] : [],
  )
  const known = others.length === 0 ? only : { words: waiting.map(({ words }) => words).join('; ') }
  const environments = pending.map(({ environment }) => environment.name)
  return { ...known, environments, opens }
}

/** The environments that were reviewed: GitHub lists them as pending until their wait timer has ended. Throws `Trouble`. */
async function reviewedOf(client: Client, ask: GateAsk): Promise<readonly string[]> {
  const reviews = await reviewsOf(client, ask)
  return reviews
    .filter(({ state }) => state === 'approved')
    .flatMap(({ environments }) => environments.flatMap(({ name }) => name ?? []))
}

/** If neither a review nor the timer is pending, a rule of a GitHub App blocks the run, but GitHub does not say which here. */
function gateOf(pending: Pending, endsAt: number | null, isReviewed: boolean): Gate {
  const name = firstLine(pending.environment.name)
  const reviewers = isReviewed ? [] : reviewersOf(pending)
  const timer = endsAt === null ? null : `the wait timer of ${pending.wait_timer} min`
  if (reviewers.length > 0)
    return {
      words: `it waits for a review of the environment ${name} by ${joinWithOr(reviewers)}${timer === null ? '' : `, and ${timer} has not ended either`}`,
    }
  if (timer !== null && endsAt !== null)
    return { words: `it waits for ${timer} of the environment ${name}`, until: endsAt }
  return { words: `it waits for a protection rule of the environment ${name}` }
}

/** Logins, and names of teams. One reviewer is enough. Source: docs.github.com, reviewing deployments. */
function reviewersOf({ reviewers }: Pending): readonly string[] {
  return (reviewers ?? []).flatMap(({ type, reviewer: { login, name } }) => {
    const called = type === 'Team' ? name : login
    if (!called) return []
    return type === 'Team' ? `the team ${firstLine(called)}` : firstLine(called)
  })
}

function joinWithOr(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
