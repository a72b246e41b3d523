import type { RichTextBlock } from '@slack/types'
import type { ChainEnd } from '../../release/effects.ts'
import { ours, plainLine } from '../blocks.ts'
import { literal } from '../escape.ts'

/**
 * How many characters of a hash are shown. Finding another row with the same ending takes about 2^48 tries: enough against
 * pranks, not against a determined attacker.
 */
const hashShown = 20

/** The end of an audit chain, for people to compare and for `twokey audit verify`: `environment:prod:7:0123456789abcdef0123`. */
export function auditHead({ chain, head: { seq, hash } }: ChainEnd): RichTextBlock {
  const shown = `${literal(chain, 100)}:${seq}:${hash.slice(0, hashShown)}`
  return plainLine([ours('Audit: '), { type: 'text', text: shown, style: { code: true } }])
}
