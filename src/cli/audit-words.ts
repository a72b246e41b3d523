import { distance } from 'fastest-levenshtein'
import type { Checked, Finding } from '../store/audit-check.ts'
import { count } from './count.ts'

/** The output of `twokey audit verify`: one line per finding, then what was read. */
export function verdictText({ findings, chains, rows, storeHeads }: Checked, givenHeads: number): string {
  const read = `${count(chains, 'chain')}, ${count(rows, 'row')}; compared with ${count(storeHeads, 'head')} in the store and ${count(givenHeads, 'head')} from Slack`
  if (findings.length === 0) return `Intact: ${read}.${givenHeads === 0 ? `\n${withoutHeads}` : ''}`
  return [
    ...findings.map(findingText),
    '',
    ...(isCertain(findings) ? changed : compareFirst),
    '',
    `Not intact, ${count(findings.length, 'problem')}: ${read}.`,
  ].join('\n')
}

const withoutHeads =
  'Without heads from Slack this shows only that the file is consistent, not that nobody rewrote it: copy heads from Slack, and pass them with --head or --heads.'

const changed = [
  'Something other than twokey modified the file, or a disk error damaged it. Back up the file in its current state. To see the',
  'original rows, point TWOKEY_DATA_DIR at a copy of a backup and run `twokey audit export`.',
]

/** One wrong character in a head looks like a rewritten chain. */
const compareFirst = [
  'Every chain is consistent and matches the heads in the store. Compare the head with its post in Slack first, character by',
  'character, and check that TWOKEY_DATA_DIR is the store of this twokey. If both are right, the file was changed outside twokey:',
  'keep a copy of it as it is now.',
]

/** Whether the findings cannot come from one head that was copied wrongly: the file differs from itself, or from several heads. */
function isCertain(findings: readonly Finding[]): boolean {
  return (
    findings.length > 1 || findings.some((finding) => !('shownBy' in finding) || finding.shownBy === 'store')
  )
}

function findingText(finding: Finding): string {
  switch (finding.found) {
    case 'broken':
      return `${name(finding.chain)}: ${brokenText(finding)}`
    case 'cut': {
      const { head, shownBy } = finding
      const shown = `${name(head.chain)}: row ${head.seq} is missing, but ${witnessText(shownBy)} records it with hash ${name(head.hash)}.`
      return shownBy === 'store'
        ? `${shown} The chain was truncated before row ${head.seq}.`
        : `${shown} The head was copied wrongly or belongs to another store, or the chain was truncated before row ${head.seq}.`
    }
    case 'rewritten': {
      const { head, shownBy } = finding
      const shown = `${name(head.chain)}: row ${head.seq} does not match ${witnessText(shownBy)}, whose hash begins with ${name(head.hash.slice(0, 12))}.`
      return shownBy === 'store' ? `${shown} The chain was rewritten.` : `${shown} ${copiedText(finding)}`
    }
    case 'no chain':
      return `${name(finding.release)}: the release exists, but its chain has no rows. The chain was removed.`
    case 'no release':
      return `${name(finding.chain)}: the chain exists, but its release does not. The release was removed.`
    case 'unguarded':
      return 'The audit log table is not protected: the triggers that block changes were removed or modified.'
  }
}

/** A rewritten row has a hash without any resemblance; a head with few other characters was mistyped. */
function copiedText({ head, hash }: Extract<Finding, { found: 'rewritten' }>): string {
  const wrong = distance(head.hash, hash.slice(0, head.hash.length))
  return wrong <= mistypedAtMost
    ? `It was probably copied wrongly: it differs from the row's hash in ${count(wrong, 'character')}.`
    : 'It was copied wrongly, or the chain was rewritten.'
}

/** Characters. */
const mistypedAtMost = 3

function brokenText({ seq, to, why }: Extract<Finding, { found: 'broken' }>): string {
  switch (why) {
    case 'missing':
      return to === seq ? `row ${seq} is missing.` : `rows ${seq} to ${to} are missing.`
    case 'changed':
      return `row ${seq} was changed: its content does not match its hash.`
    case 'reordered':
      return `row ${seq} is in the position of another row: rows were swapped.`
    case 'unchained':
      return `row ${seq} does not follow the row before it: a row was inserted or rewritten there.`
  }
}

function witnessText(shownBy: 'slack' | 'store'): string {
  return shownBy === 'slack' ? 'the head from Slack' : 'the post that twokey wrote for Slack'
}

/** Texts of the store are printed without terminal control characters. */
function name(text: string): string {
  return JSON.stringify(text).slice(1, -1).slice(0, 120)
}
