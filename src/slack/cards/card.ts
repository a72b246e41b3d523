import type { KnownBlock } from '@slack/types'
import type { Release } from '../../release/release.ts'
import { actionsOf, stateOf } from '../../release/state.ts'
import { actions, context, fallback, type Message, section } from '../blocks.ts'
import { outside } from '../escape.ts'
import { date, mention, revision } from '../mrkdwn.ts'
import { actionButton } from './buttons.ts'
import { endLines } from './ending.ts'
import { keyLines } from './keys.ts'
import { stateEmoji, stateLine } from './state-words.ts'
import { changeBlocks, subjectWords } from './subject.ts'
import { trackLines } from './tracks.ts'

/** The card of a release: nothing but what the release says. */
export function card(release: Release): Message {
  const { stage } = release
  const tracks = trackLines(release)
  const buttons = actionsOf(release).map((action) => actionButton(action, release))
  return {
    text: cardText(release),
    blocks: [
      section([
        firstLine(release),
        ...(stage.at === 'ended' ? endLines(release, stage) : aheadLines(release)),
      ]),
      ...(stage.at === 'ended' ? [] : changeBlocks(release)),
      section(keyLines(release)),
      ...(tracks.length > 0 ? [section(tracks)] : []),
      ...(buttons.length > 0 ? [actions(buttons)] : []),
      smallPrint(release),
    ],
    metadata: { event_type: 'twokey_release', event_payload: { release_id: release.id } },
  }
}

/** What screen readers and notifications get: service, environment and state first. */
function cardText(release: Release): string {
  const { stage } = release
  const what = release.subject.kind === 'deploy' ? 'Deploy' : 'Rollback'
  return fallback([
    stateLine(release),
    `${what} ${subjectWords(release)}, asked for by ${mention(release.requester)}`,
    ...(stage.at === 'ended' ? endLines(release, stage) : keyLines(release)),
  ])
}

function firstLine(release: Release): string {
  const state = `${stateEmoji(stateOf(release))} *${stateLine(release)}*`
  return `${state} · ${subjectWords(release)} · ${mention(release.requester)}`
}

/** What was serving, and what is ahead: the wait, or who takes its place. */
function aheadLines(release: Release): readonly (string | null)[] {
  const { stage, sentAt, cancelAsked, supersededBy, servingBefore } = release
  return [
    `*Serving ${sentAt === null ? 'now' : 'before'}:* ${servingBefore ? revision(servingBefore) : 'could not be told'}`,
    stage.at === 'wait' ? `Goes out ${date(stage.until, '{date_short_pretty} at {time_secs}')}.` : null,
    cancelAsked ? `${mention(cancelAsked.by)} asked to cancel the run ${date(cancelAsked.at)}.` : null,
    supersededBy ? `Release ${outside(supersededBy.release, 40)} takes its place.` : null,
  ]
}

function smallPrint({ id, requestedAt }: Release): KnownBlock {
  return context(`Asked for ${date(requestedAt)} · release ${outside(id, 60)}`)
}
