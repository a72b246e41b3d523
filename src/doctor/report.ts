import type { Diagnosis } from './diagnosis.ts'
import { namesOf, printable } from './finding.ts'
import type { Verdict } from './judged.ts'

/** How each verdict is marked. */
const marks: Readonly<Record<Verdict, string>> = { ok: '✓', warning: '!', error: '✗', 'not readable': '?' }

/** The order of the report: what has to be mended first. */
const order: readonly Verdict[] = ['error', 'warning', 'not readable']

/** The report of a terminal: what is not in order, each with what to do; then the rest in one line each. */
export function doctorReport(diagnoses: readonly Diagnosis[]): string {
  const problems = order.flatMap((verdict) => problemsOf(diagnoses, verdict))
  const fine = Map.groupBy(
    diagnoses.filter(({ verdict }) => verdict === 'ok'),
    ({ label }) => label,
  )
  const lines = [...fine].map(
    ([label, each]) => `${marks.ok} ${label}: ${namesOf(each.map(({ about }) => about))}`,
  )
  return printable([...problems, lines.join('\n'), `${summary(diagnoses)}.`].filter(Boolean).join('\n\n'))
}

/** Problems with the same evidence are shown once: credentials that expired concern every check. */
function problemsOf(diagnoses: readonly Diagnosis[], wanted: Verdict): readonly string[] {
  const groups = Map.groupBy(
    diagnoses.filter(({ verdict }) => verdict === wanted),
    ({ evidence, next, verdict, id }) => JSON.stringify([evidence, next, verdict === 'not readable' || id]),
  )
  return [...groups.values()].map((same) => {
    const { evidence, next, why } = same[0]!
    const labels = [...new Set(same.map(({ label }) => label))].join(', ')
    return [
      `${marks[wanted]} ${labels}: ${namesOf(same.map(({ about }) => about))}`,
      `    ${evidence}.`,
      ...(wanted === 'not readable' ? [] : [`    ${why}`]),
      ...(next === null ? [] : [`    Next: ${next}`]),
    ].join('\n')
  })
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
