import { isProven } from '../../release/beyond.ts'
import type {
  Announced,
  BeyondNotice,
  GateNotice,
  LockNotice,
  Notice,
  SetupNotice,
  StartNotice,
  SupersededNotice,
  UnaskedNotice,
} from '../../release/notice.ts'
import { type Lock, lockScopeArgs, noEndTime } from '../../release/policy/lock.ts'
import { fallback, type Message, section } from '../blocks.ts'
import { inCode, outside, reason, sentence } from '../escape.ts'
import { capital, count, date, firstOf, link, mention, mentions, revision, withCode } from '../mrkdwn.ts'
import { auditHead } from './audit-head.ts'
import { lockEnding, lockReason, lockScopeText } from './locks.ts'
import { startedText } from './other-runs.ts'
import { failingLines, outsideLines } from './outside-changes.ts'
import { occupantText, runLink, runLinkFirst } from './run-name.ts'

/** A post in the channel that belongs to no release. @param id of the post, to find it again */
export function notice(id: number, { notice: said, chain, head, also }: Announced): Message {
  const lines = noticeLines(said)
  return {
    text: fallback(lines),
    blocks: [section(lines), auditHead({ chain, head }), ...(also ? [auditHead(also)] : [])],
    metadata: { event_type: 'twokey_notice', event_payload: { notice_id: String(id) } },
  }
}

function noticeLines(said: Notice): readonly (string | null)[] {
  switch (said.notice) {
    case 'started-on-github':
      return startLines(said)
    case 'changed-beyond-approval':
      return beyondLines(said)
    case 'superseded-before-gate':
      return supersededLines(said)
    case 'rejected-at-gate':
      return gateLines(said)
    case 'not-asked-at-gate':
      return unaskedLines(said)
    case 'setup-wrong':
      return setupLines(said)
    case 'outside':
      return outsideLines(said)
    case 'tasks-failing':
      return failingLines(said)
    default:
      return lockLines(said)
  }
}

const evidenceText = {
  tag: 'the task definition is tagged with that release',
  commit: 'its image contains the approved commit, and no other run was in progress there',
  log: 'the log of the run mentions it',
  'beside other runs':
    'its image contains the approved commit, or the log of the run mentions the service. Other runs were in progress in the repository, so one of them may have rolled it out',
} as const

function beyondLines(said: BeyondNotice): readonly string[] {
  const where = `${outside(said.service, 60)} in ${outside(said.environment, 60)}`
  const { by } = said
  const run = by.run === null ? 'A run' : runLinkFirst(by.run)
  return [
    `:rotating_light: *${where} was changed without approval.* ${run} of ${outside(by.service, 60)} in ${outside(by.environment, 60)}, requested by ${mention(by.requester)}, ${isProven(said) ? '' : 'or another run, '}rolled out ${revision(said.revision)} there.`,
    `Release ${outside(by.release, 40)}: ${evidenceText[said.evidence]}.`,
    `*Next:* ${said.mention.length > 0 ? `${mentions(said.mention)}: check` : 'check'} which revision is serving. ${inCode(`/rollback ${said.service} ${said.environment}`)} lists the revisions to go back to, ${inCode(`/deploy lock ${said.environment} ${said.service} <reason>`)} blocks further deploys. Then correct the workflow, or \`inputs:\` in twokey.yml.`,
  ]
}

function gateLines({ environment, workflow, run, refusal }: GateNotice): readonly string[] {
  return [
    `:no_entry: *A run was rejected at the gate of ${outside(environment, 60)}*: ${runLink(run)} of ${outside(workflow, 60)}${startedText(run)}.`,
    sentence(refusal.sentence),
    `*Next:* ${withCode(refusal.next)}`,
    ...(refusal.link ? [link(refusal.link.url, refusal.link.text)] : []),
  ]
}

function unaskedLines({ environment, workflow, run, why }: UnaskedNotice): readonly string[] {
  return [
    `:warning: *A run waits at the gate of ${outside(environment, 60)}, and twokey cannot ask for its approvals*: ${runLink(run)} of ${outside(workflow, 60)}${startedText(run)}.`,
    `${capital(reason(why, 300))}.`,
    `*Next:* ${inCode('twokey check --online')} checks the setup. Once that works, the card appears by itself; until then the run waits on GitHub, and may keep later runs waiting.`,
  ]
}

function setupLines({ problems, more }: SetupNotice): readonly string[] {
  return [
    ':warning: *The setup of twokey has problems.* Deploys that need these will fail.',
    ...problems.map(
      ({ about, says, next }) =>
        `• *${outside(about, 80)}*: ${outside(says, 240)}.${next === null ? '' : ` ${withCode(next)}`}`,
    ),
    ...(more > 0 ? [`… and ${more} more, in the log.`] : []),
    `*Next:* fix them, then run ${inCode('twokey check --online')} to verify. Restart twokey after a change to twokey.yml or a token.`,
  ]
}

/** How many services are named. */
const servicesShown = 5

function startLines(said: StartNotice): readonly string[] {
  const { environment, services, workflow, required, run, pastGate } = said
  const where = firstOf(services, servicesShown, (name) => outside(name, 60))
  if (pastGate !== undefined)
    return [
      `:warning: *${outside(workflow, 60)}* went past the gate of *${outside(environment, 60)}* on GitHub without asking here: ${runLink(run)}${startedText(run)}. It ${pastGate === 'succeeded' ? 'has succeeded' : 'ended badly'}, and may have deployed ${where} without the ${count(required, 'approval')} that twokey requires.`,
      `*Next:* ${inCode('/deploy status')} shows what is serving. The page of the run on GitHub shows who opened the gate.`,
    ]
  return [
    `:warning: *${outside(workflow, 60)}* was started directly on GitHub: ${runLink(run)}${startedText(run)}. It may deploy ${where} to *${outside(environment, 60)}* without the ${count(required, 'approval')} that twokey requires.`,
    'twokey cannot stop it: cancel the run on GitHub if it is not intended.',
  ]
}

function supersededLines({ environment, workflow, run, newer }: SupersededNotice): readonly string[] {
  return [
    `:no_entry_sign: *A run was superseded before it reached the gate of ${outside(environment, 60)}*: ${runLink(run)} of ${outside(workflow, 60)}${startedText(run)}. GitHub cancelled it for ${runLink(newer)}, a newer one in the concurrency group ${outside(newer.group, 60)}.`,
    `*Next:* follow ${runLink(newer)}.${occupantText(newer)}`,
  ]
}

function lockLines(said: LockNotice): readonly (string | null)[] {
  const { lock } = said
  const where = `*${lockScopeText(lock)}*`
  switch (said.notice) {
    case 'locked':
      return [
        `:lock: ${mention(lock.by)} locked ${where}${lockEnding(lock)}: ${lockReason(lock)}`,
        holds(lock),
      ]
    case 'taken-over':
      return [
        `:lock: ${mention(lock.by)} took over the lock of ${where} from ${mention(said.from.by)}${lockEnding(lock)}: ${lockReason(lock)}`,
        `It was locked since ${date(said.from.since)}${lockEnding(said.from)}: ${lockReason(said.from)}`,
        holds(lock),
      ]
    case 'unlocked':
      return [
        `:unlock: ${mention(said.by)} unlocked ${where}.`,
        `Locked by ${mention(lock.by)} since ${date(lock.since)}: ${lockReason(lock)}`,
      ]
    case 'lock-ended':
      return [
        `:unlock: The lock of ${where} has expired.`,
        `Locked by ${mention(lock.by)} since ${date(lock.since)}: ${lockReason(lock)}`,
      ]
    case 'still-locked':
      return [
        `:lock: ${mention(lock.by)}, your lock of ${where} is still active, since ${date(lock.since)}${lockEnding(lock)}: ${lockReason(lock)}`,
        `${typed(lock)} unlocks it.`,
      ]
  }
}

/** The effect of a lock, and what ends it. */
function holds(lock: Lock): string {
  const unlock = `Deploys to ${lockScopeText(lock)} are blocked; rollbacks still work. Unlock with ${typed(lock)}.`
  return lock.until === null ? `${unlock} ${sentence(noEndTime(lock))}` : unlock
}

function typed(lock: Lock): string {
  return inCode(`/deploy unlock ${lockScopeArgs(lock)}`)
}
