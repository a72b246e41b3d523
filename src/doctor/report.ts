import type { Diagnosis } from './diagnosis.ts'
import { namesOf, printable } from './finding.ts'
import type { Verdict } from './judged.ts'

/** How each verdict is marked. */
const marks: Readonly<Record<Verdict, string>> = { ok: '✓', warning: '!', error: '✗', 'not readable': '?' }

/** The order of the report: what has to be mended first. */
const order = ['error', 'warning', 'not readable'] as const

/** The report of a terminal: what is not in order, each with what to do; then the rest in one line each. */
export function doctorReport(diagnoses: readonly Diagnosis[]): string {
  const problems = problemsFirst(diagnoses).problems.map(problemText)
  const fine = Map.groupBy(
    diagnoses.filter(({ verdict }) => verdict === 'ok'),
    ({ label }) => label,
  )
  const lines = [...fine].map(
    ([label, each]) => `${marks.ok} ${label}: ${namesOf(each.map(({ about }) => about))}`,
  )
  return printable([...problems, lines.join('\n'), `${summary(diagnoses)}.`].filter(Boolean).join('\n\n'))
}

/** A problem with what it concerns; those with the same evidence are one. */
type Problem = Diagnosis & { readonly verdict: Exclude<Verdict, 'ok'> }

/** What is not in order, the worst first, and how many checks found nothing to mend. */
export function problemsFirst(diagnoses: readonly Diagnosis[]): {
  readonly problems: readonly Problem[]
  readonly ok: number
} {
  return {
    problems: order.flatMap((verdict) => joinedProblems(diagnoses, verdict)),
    ok: diagnoses.filter(({ verdict }) => verdict === 'ok').length,
  }
}

/** Problems with the same evidence are shown once: credentials that expired concern every check. */
function joinedProblems(diagnoses: readonly Diagnosis[], wanted: Problem['verdict']): readonly Problem[] {
  const groups = Map.groupBy(
    diagnoses.filter(({ verdict }) => verdict === wanted),
    ({ evidence, next, id }) => JSON.stringify([evidence, next, wanted === 'not readable' || id]),
  )
  return [...groups.values()].map((same) => ({
    ...same[0]!,
    verdict: wanted,
    label: [...new Set(same.map(({ label }) => label))].join(', '),
    about: namesOf(same.map(({ about }) => about)),
  }))
}

function problemText({ verdict, label, about, evidence, why, next }: Problem): string {
  return [
    `${marks[verdict]} ${label}: ${about}`,
    `    ${evidence}.`,
    ...(verdict === 'not readable' ? [] : [`    ${why}`]),
    ...(next === null ? [] : [`    Next: ${next}`]),
  ].join('\n')
}

/** `2 errors, 1 warning, 14 OK`. What is not readable counts as a warning. */
function summary(diagnoses: readonly Diagnosis[]): string {
  const count = (...verdicts: readonly Verdict[]) =>
    diagnoses.filter(({ verdict }) => verdicts.includes(verdict)).length
  const [errors, warnings] = [count('error'), count('warning', 'not readable')]
  return [
    `${errors} ${errors === 1 ? 'error' : 'errors'}`,
    `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
    `${count('ok')} OK`,
  ].join(', ')
}
