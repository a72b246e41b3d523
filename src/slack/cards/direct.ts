import type { Direct } from '../../messages/direct.ts'
import type { CardPlace } from '../../messages/places.ts'
import { approvalVerdict } from '../../release/policy/approval-round.ts'
import type { Release } from '../../release/release.ts'
import { context, fallback, type Message, section } from '../blocks.ts'
import { outside } from '../escape.ts'
import { count, date, mention } from '../mrkdwn.ts'
import { emergencyLines } from './emergency.ts'
import { headlineLine, headlineText } from './headline.ts'
import { cardLink } from './paging.ts'
import { stateLine } from './state-words.ts'
import { subjectText, wanted } from './subject.ts'

/**
 * A direct message about a release. It has no buttons: only the card decides.
 * @param workspace its address, for the link to the card; without it the channel is named
 */
export function directMessage(
  release: Release,
  { direct }: Extract<Direct, { readonly to: string }>,
  { card, workspace }: { readonly card: CardPlace; readonly workspace: string | undefined },
): Message {
  const where = cardLink(card, workspace, 'Open the card') ?? `Its card is in <#${card.channel}>`
  const said = direct === 'approval' ? approvalLines(release) : []
  return {
    text: fallback([stateLine(release), headlineText(release), ...said]),
    blocks: [
      section([headlineLine(release), ...said, `${where}.`]),
      context('`/deploy notify off` turns these messages off for you.'),
    ],
  }
}

/** Who wants what, and until when approvals are waited for. */
function approvalLines(release: Release): readonly (string | null)[] {
  const { stage, policy, requester, subject } = release
  const isDeploy = subject.kind !== 'rollback'
  const until = stage.at === 'approval' ? `, by ${date(stage.since + policy.expireAfterMs)}` : ''
  const { missing } = approvalVerdict(release)
  return [
    ...emergencyLines(release),
    `${mention(requester)} wants to ${wanted[subject.kind]} ${subjectText(release)}.`,
    isDeploy ? outside(subject.commit.title, 150) : null,
    `It needs ${count(missing, 'more approval')}${until}. Yours would count.`,
  ]
}
