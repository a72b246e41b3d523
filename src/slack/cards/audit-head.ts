import type { RichTextBlock } from '@slack/types'
import type { ChainEnd } from '../../release/effects.ts'
import { ours, plainLine } from '../blocks.ts'
import { literal } from '../escape.ts'

/** How much of a hash is shown, characters. Another row that ends so takes some 2^48 tries: much for a prank, not for an army. */
const hashShown = 20

/** Where an audit chain ends, for the eye and for `twokey audit verify`: `environment:prod:7:0123456789abcdef0123`, as it is. */
export function auditHead({ chain, head: { seq, hash } }: ChainEnd): RichTextBlock {
  const shown = `${literal(chain, 100)}:${seq}:${hash.slice(0, hashShown)}`
  return plainLine([ours('Audit: '), { type: 'text', text: shown, style: { code: true } }])
}
