import type { AuditRow } from '../../store/store.ts'
import { type NameOf, personName } from './row.ts'

/** The text of each row that an auditor should look at, by its name in the audit log. */
const words: Readonly<Record<string, (row: AuditRow, nameOf: NameOf) => string>> = {
  'gate opened on GitHub': ({ detail: { by, missing, after } }) => {
    const who = Array.isArray(by) && by.length > 0 ? ` by ${by.map(text).join(', ')}` : ''
    return typeof after === 'string'
      ? `the gate was opened on GitHub${who} although the release had ended ${after}`
      : `the gate was opened on GitHub${who}, with ${text(missing)} approvals missing`
  },
  'gate opened late': () => 'its run started on an approval that GitHub applied after the end',
  'requested in emergency': ({ detail }) => `emergency: ${text(detail.why)}`,
  acknowledged: ({ actor }, nameOf) => `emergency acknowledged by ${personName(nameOf(actor))}`,
  'freeze passed': ({ detail }) =>
    `freeze bypassed${detail.reason === null ? '' : `: ${text(detail.reason)}`}`,
  'red commit': ({ detail }) => `required checks had failed: ${text(detail.required)} approvals required`,
  'lock passed': ({ detail }, nameOf) =>
    `lock by ${personName(nameOf(text(detail.by)))} bypassed: ${text(detail.why)}`,
  'head foreign': () => 'the run was not on what was approved',
  'image not approved': ({ detail }) => `another commit was rolled out: ${text(detail.reason)}`,
  'changed beyond approval': () => 'the run changed other service environments without their approval',
  'rolled out after the end': () => 'something was rolled out after the end',
  'rolled out late': () => 'its commit was rolled out again after the end',
  'run started again': ({ detail }) =>
    `its run was started again on GitHub after the end${detail.login === null ? '' : ` by ${text(detail.login)}`} (attempt ${text(detail.attempt)})`,
  settled: ({ actor }, nameOf) =>
    `settled by ${personName(nameOf(actor))}: twokey could not determine the end`,
  'run settled': ({ actor }, nameOf) => `${personName(nameOf(actor))} declared its run over`,
  'migration settled': ({ actor }, nameOf) => `${personName(nameOf(actor))} declared its migration over`,
}

/** Each exception once, in the order of the rows. */
export function exceptionText(rows: readonly AuditRow[], nameOf: NameOf): readonly string[] {
  const found = rows.flatMap((row) => words[row.what]?.(row, nameOf) ?? [])
  const whats = rows.map(({ what }) => what)
  const isOpen = whats.includes('requested in emergency') && !whats.includes('acknowledged')
  return [...new Set([...found, ...(isOpen ? ['emergency not acknowledged'] : [])])]
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'unknown'
}
