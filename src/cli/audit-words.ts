import type { Checked, Finding } from '../store/audit-check.ts'
import { count } from './count.ts'

/** The output of `twokey audit verify`: one line per finding, then what was read. */
export function verdictWords({ findings, chains, rows, storeHeads }: Checked, givenHeads: number): string {
  const read = `${count(chains, 'chain')}, ${count(rows, 'row')}; compared with ${count(storeHeads, 'head')} in the store and ${count(givenHeads, 'head')} from Slack`
  if (findings.length === 0) return `Intact: ${read}.`
  return [
    ...findings.map(findingWords),
    '',
    'Somebody changed the file outside twokey, or the disk lost part of it. Keep a copy of the file as it is now. To see what',
    'was written, set TWOKEY_DATA_DIR to a copy of a backup and run this command again; `twokey audit export` prints its rows.',
    '',
    `Not intact, ${count(findings.length, 'problem')}: ${read}.`,
  ].join('\n')
}

function findingWords(finding: Finding): string {
  switch (finding.found) {
    case 'broken':
      return `${name(finding.chain)}: ${brokenWords(finding)}`
    case 'cut': {
      const { head, shownBy } = finding
      return `${name(head.chain)}: row ${head.seq} is missing: ${witnessWords(shownBy)} shows it with the hash ${name(head.hash)}. The chain was cut off before it, or the head is of another store.`
    }
    case 'rewritten': {
      const { head, shownBy } = finding
      return `${name(head.chain)}: row ${head.seq} is not the one that ${witnessWords(shownBy)} shows, whose hash begins with ${name(head.hash.slice(0, 12))}. The chain was rewritten.`
    }
    case 'no chain':
      return `${name(finding.release)}: the release exists, but its chain has no rows. The chain was removed.`
    case 'no release':
      return `${name(finding.chain)}: the chain exists, but its release does not. The release was removed.`
    case 'unguarded':
      return 'The table of the audit log accepts changes: the triggers that refuse them were removed or changed.'
  }
}

function brokenWords({ seq, to, why }: Extract<Finding, { found: 'broken' }>): string {
  switch (why) {
    case 'missing':
      return to === seq ? `row ${seq} is missing.` : `rows ${seq} to ${to} are missing.`
    case 'changed':
      return `row ${seq} was changed: its content does not match its hash.`
    case 'reordered':
      return `row ${seq} is in another row's position: rows were exchanged.`
    case 'unchained':
      return `row ${seq} does not follow the row before it: a row was inserted or rewritten there.`
  }
}

function witnessWords(shownBy: 'slack' | 'store'): string {
  return shownBy === 'slack' ? 'the head from Slack' : 'the post that twokey wrote for Slack'
}

/** Texts of the store are printed without terminal control characters. */
function name(text: string): string {
  return JSON.stringify(text).slice(1, -1).slice(0, 120)
}
