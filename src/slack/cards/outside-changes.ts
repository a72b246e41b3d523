import type { FailingNotice, OutsideNotice } from '../../release/notice.ts'
import { isSettled, type RolloutNews } from '../../release/outside-changes.ts'
import type { RolloutVerdict } from '../../release/sighting.ts'
import { inCode, outside, reason } from '../escape.ts'
import { capital, count, date, duration, firstOf, mentions, revision } from '../mrkdwn.ts'
import { runText } from './other-runs.ts'

/** How many images are named. */
const imagesShown = 3

function headline(news: RolloutNews, verdict: RolloutVerdict, where: string): string {
  switch (news) {
    case 'began':
      return `:warning: *${where} was deployed outside twokey.*`
    case 'failed':
      return `:rotating_light: *A rollout of ${where} failed.*`
    case 'rolled back':
      return `:rotating_light: *A rollout of ${where} ${verdict === 'rolling back' ? 'is being' : 'was'} rolled back.*`
    case 'rollback failed':
      return `:rotating_light: *The rollback of a rollout of ${where} failed.*`
  }
}

/** A rollout that twokey did not start. */
export function outsideLines(said: OutsideNotice): readonly (string | null)[] {
  const { service, environment, news, rollout, mention } = said
  const where = `${outside(service, 60)} in ${outside(environment, 60)}`
  const line = headline(news, rollout.verdict, where)
  return [
    news === 'began' ? line : `${line} ${capital(reason(rollout.reason, 400))}.`,
    `${beginningText(said)} ${originText(said)}`,
    knownText(said),
    `*Next:* ${mention.length > 0 ? `${mentions(mention)}: ` : ''}${inCode(`/deploy status ${service} ${environment}`)} shows what is serving, and ${inCode(`/rollback ${service} ${environment}`)} lists the revisions to go back to.`,
  ]
}

function beginningText({ news, rollout }: OutsideNotice): string {
  const now = news === 'began' ? ` and ${progress(rollout)}` : ''
  return `The rollout of ${revision(rollout.revision)} began ${date(rollout.createdAt)}${now}.`
}

/** What became of a rollout that needs no help. */
function progress({ verdict }: Pick<OutsideNotice['rollout'], 'verdict'>): string {
  if (!isSettled({ verdict })) return 'is in progress'
  switch (verdict) {
    case 'stopped':
      return 'was stopped'
    case 'superseded':
      return 'was replaced by another'
    case 'unknown':
      return 'has an unknown outcome'
    default:
      return 'has completed'
  }
}

function originText({ run }: OutsideNotice): string {
  return run === null
    ? 'No release of twokey and no run of its workflow began it, as far as GitHub shows. CloudTrail shows who did.'
    : `No release of twokey began it. In progress at the time: ${runText(run)}.`
}

/** Who and what AWS names; null: nothing. */
function knownText({ origin, rollout }: OutsideNotice): string | null {
  const images = firstOf(rollout.images ?? [], imagesShown, ({ image }) => outside(image, 120))
  const parts = [
    images === '' ? [] : `Images: ${images}.`,
    origin?.registeredBy == null ? [] : `Task definition registered by ${outside(origin.registeredBy, 160)}.`,
    origin?.creator == null ? [] : `CodeDeploy names the creator ${outside(origin.creator, 60)}.`,
  ].flat()
  return parts.length === 0 ? null : parts.join(' ')
}

/** Tasks that keep failing while nothing is released. */
export function failingLines(said: FailingNotice): readonly string[] {
  const { service, environment, count: failed, withinMs, revision: name, why, mention } = said
  const of = name === null ? '' : ` of ${outside(name, 80)}`
  return [
    `:rotating_light: *Tasks of ${outside(service, 60)} in ${outside(environment, 60)} keep failing.* ${count(failed, 'task')}${of} failed within ${duration(withinMs)}, and no release is in progress.`,
    `The newest: ${reason(why, 400)}.`,
    `*Next:* ${mention.length > 0 ? `${mentions(mention)}: ` : ''}look at the tasks in ECS and their logs. ${inCode(`/rollback ${service} ${environment}`)} lists the revisions to go back to.`,
  ]
}
