import type { Release } from './release.ts'

/**
 * The release id that the release's rollouts and migrations in AWS carry: its own, but for a re-run that of the run's
 * first attempt, because GitHub gives every attempt the inputs of the first.
 */
export function carriedId({ id, subject }: Pick<Release, 'id' | 'subject'>): string {
  return subject.kind === 'rerun' ? subject.run.first.release : id
}
