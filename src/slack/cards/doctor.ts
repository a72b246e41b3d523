import type { KnownBlock } from '@slack/types'
import type { DoctorReply, SetupFault } from '../../messages/reply.ts'
import { context, section } from '../blocks.ts'
import { inCode, outside } from '../escape.ts'
import { count, withCode } from '../mrkdwn.ts'

/** How many problems one answer shows. */
const problemsShown = 12

const marks: Readonly<Record<SetupFault['verdict'], string>> = {
  error: ':x:',
  warning: ':warning:',
  'not readable': ':grey_question:',
}

/** What doctor found: each problem with what was read, why it matters, and what to do. */
export function doctorBlocks({ environment, problems, ok }: DoctorReply): readonly KnownBlock[] {
  const where = environment === null ? 'all environments' : outside(environment, 60)
  const number = (...verdicts: readonly SetupFault['verdict'][]) =>
    problems.filter(({ verdict }) => verdicts.includes(verdict)).length
  const found = `${count(number('error'), 'error')}, ${count(number('warning', 'not readable'), 'warning')}, ${ok} OK`
  const more = problems.length - problemsShown
  return [
    section([`*Setup of ${where}:* ${found}`]),
    ...problems.slice(0, problemsShown).map(problemSection),
    context(
      [
        ...(more > 0 ? [`… and ${more} more.`] : []),
        `twokey read this with its own permissions. ${inCode('twokey doctor')} reads it with yours, and shows all.`,
      ].join(' '),
    ),
  ]
}

function problemSection({ verdict, label, about, evidence, why, next }: SetupFault): KnownBlock {
  return section([
    `${marks[verdict]} *${outside(label, 120)}*: ${outside(about, 160)}`,
    `${withCode(evidence, 700)}.${verdict === 'not readable' ? '' : ` ${withCode(why)}`}`,
    ...(next === null ? [] : [`*Next:* ${withCode(next)}`]),
  ])
}
