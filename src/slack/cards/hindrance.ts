import type { Time } from '../../release/names.ts'
import { endedBeforeItsRun, type Release } from '../../release/release.ts'
import type { Hindrance, RunSighting } from '../../release/sighting.ts'
import { outside } from '../escape.ts'
import { date, target } from '../mrkdwn.ts'
import { runLinkFirst } from './run-name.ts'

/** What delays a step, and when that ends by itself. @param max characters of the reason */
export function hindranceText({ words, until }: Hindrance, max: number): string {
  return `${outside(words, max)}${until === undefined ? '' : `, until ${date(until, '{time}')}`}`
}

/** What delays a step in progress. Older versions stored the cause only in the reason. */
export function blockedText({ heldBy, reason }: Pick<RunSighting, 'heldBy' | 'reason'>): string {
  return heldBy === undefined ? outside(reason, 300) : hindranceText(heldBy, 300)
}

/** `Run 123, since 12:00: no runner has taken …`. @param name as mrkdwn @param since null: not known */
export function hindranceLine(name: string, since: Time | null, held: string): string {
  return `:hourglass_flowing_sand: ${name}${since === null ? '' : `, since ${date(since, '{time}')}`}: ${held}.`
}

/** How many characters a list of releases shows of each delay. */
const inListMax = 200

/** What delays each step of a release, one line each. */
export function hindranceLines(release: Release): readonly string[] {
  const { stage, tracks } = release
  if (stage.at === 'ended' && !endedBeforeItsRun(release)) return []
  const { run, migration, rollouts } = tracks
  const line = (name: string, since: Time | null, held: Hindrance | undefined) =>
    held === undefined ? [] : [hindranceLine(name, since, hindranceText(held, inListMax))]
  return [
    ...(run && run.settledBy === undefined
      ? line(runLinkFirst({ ...run, number: run.seen?.number }), run.heldSince ?? null, run.seen?.heldBy)
      : []),
    ...(migration.settledBy === undefined ? migration.tasks : []).flatMap(({ createdAt, heldBy }) =>
      line('Migration', createdAt, heldBy),
    ),
    ...rollouts.flatMap(({ target: where, heldSince, seen }) =>
      line(`Rollout of ${target(where)}`, heldSince, seen?.heldBy),
    ),
  ]
}

/** What a person can do about a run that GitHub delays. */
export const hindranceAdvice: Readonly<Record<Hindrance['kind'], string | null>> = {
  gate: 'open the run on GitHub to see its gate. A reviewer can approve it there.',
  runner: 'check that a runner with these labels is online and free.',
  concurrency: 'look at the other run on GitHub. This one starts once that has ended.',
  allowance: 'open the run on GitHub, where somebody with write access can allow it.',
  queue: null,
  ecs: null,
}
