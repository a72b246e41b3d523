import { notRerunnableText, whyNotRerun } from '../failed-run.ts'
import type { Look } from '../look.ts'
import type { Refusal } from '../refusal.ts'
import { notRerunnable } from '../refusals/reruns.ts'
import type { Release } from '../release.ts'
import { end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/** The attempt that was approved to be run again is still the last one, and GitHub would run its failed jobs again. */
export const failedRun = { name: 'failed run', appliesTo, looks, judge, refusal } satisfies Precondition

function appliesTo({ subject }: Release): boolean {
  return subject.kind === 'rerun'
}

function looks({ subject }: Release): readonly Look[] {
  if (subject.kind !== 'rerun') return []
  return [{ look: 'failedRun', repository: subject.repository, runId: subject.run.id }]
}

function judge(facts: Facts): Result {
  const { subject } = facts.release
  if (subject.kind !== 'rerun') return open()
  return judgeLook(facts, 'failedRun', (last) => {
    const no = whyNotRerun(subject.run, last, facts.context.now)
    if (no === null) return open({ run: subject.run.id, attempt: subject.run.attempt })
    return end(
      no.because === 'started again' ? 'superseded' : 'failed',
      `${notRerunnableText(no)}; nothing was sent`,
      { differs: { what: 'run differs', detail: { ...last } } },
    )
  })
}

function refusal({ release, seen: { failedRun: seen }, context }: Facts): Refusal | null {
  const { subject } = release
  if (subject.kind !== 'rerun' || !seen?.seen) return null
  const no = whyNotRerun(subject.run, seen.value, context.now)
  return no === null ? null : notRerunnable(release, no)
}
