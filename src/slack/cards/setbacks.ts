import type { CardPlace } from '../../messages/places.ts'
import type { ContainedSetback, Facts, ReleaseLink, Setback } from '../../release/facts.ts'
import type { Commit } from '../../release/subject.ts'
import { outside } from '../escape.ts'
import { count, date, mention, sha } from '../mrkdwn.ts'

/** A link to another card; null if it cannot be linked. */
export type LinkToCard = (card: CardPlace) => string | null

/** The earlier results of the same commit here, in one line. */
export function setbackLines(
  { sha: commit }: Pick<Commit, 'sha'>,
  { setbacks, retryOf, succeededIn }: Facts,
  { environment, linkTo }: { readonly environment: string; readonly linkTo: LinkToCard },
): readonly string[] {
  const again = retryOf && `Retry of ${outside(retryOf.release, 40)}`
  if (setbacks === undefined) return retryLines({ retryOf }, linkTo)
  const { failures, since, last } = setbacks
  const how = `${endText(last)} ${date(last.at)} (${linked(last, linkTo)})`
  const name = sha(commit)
  const hasSucceeded = succeededIn?.some(({ environment: where, at }) => where === environment && at !== null)
  const words = () => {
    if (failures > 1) return `*${name} failed here ${failures} times* since ${date(since)}, last: ${how}`
    if (last.servedSince !== undefined)
      return `*${name} was live here* from ${date(last.servedSince)} until ${removalText(last)} ${date(last.at)} (${linked(last, linkTo)})`
    if (hasSucceeded) return `*The last release of ${name} here did not succeed*: ${how}`
    if (last.outcome === 'rejected' || last.outcome === 'failed')
      return `*${name} ${last.outcome === 'rejected' ? 'was rejected' : 'failed'} here before*: ${how}`
    return `*${name} did not succeed here before*: ${how}`
  }
  return [`:warning: ${again ? `${again}. ` : ''}${words()}`]
}

/** The release that this one retries. */
export function retryLines({ retryOf }: Pick<Facts, 'retryOf'>, linkTo: LinkToCard): readonly string[] {
  return retryOf ? [`Retry of ${outside(retryOf.release, 40)} (${linked(retryOf, linkTo)})`] : []
}

/** The commits among the changes that went badly here before. */
export function containedLines({ contains }: Facts, linkTo: LinkToCard): readonly string[] {
  if (contains === undefined) return []
  const lines = contains.last.map(
    (each) => `:warning: *Contains ${sha(each.commit)}*, ${containedText(each)} (${linked(each, linkTo)})`,
  )
  const more = `:warning: Contains ${count(contains.more, 'more commit')} that went badly here`
  return contains.more > 0 ? [...lines, more] : lines
}

/** `which failed here today at 17:33: the migration failed (exit code 1)`. */
function containedText({ outcome, by, at, reason }: ContainedSetback): string {
  const when = `here ${date(at)}`
  switch (outcome) {
    case 'taken back':
      return `which ${by === null ? 'was rolled back' : `${mention(by)} rolled back`} ${when}`
    case 'superseded':
      return `which ${by === null ? 'was replaced by a rollback' : `${mention(by)} replaced by a rollback`} ${when}`
    case 'rolled back':
      return `which was rolled back automatically ${when}`
    case 'rollback failed':
      return `whose automatic rollback failed ${when}`
    case 'unchanged':
      return `whose deploy rolled out nothing ${when}`
    case 'stopped':
      return `whose deploy was stopped by hand ${when}`
    case 'unknown':
      return `whose deploy ended ${when} with an unknown outcome`
    case 'failed':
    case 'rejected':
    case 'cancelled':
    case 'expired':
    case 'succeeded':
      return `which ${outcome === 'failed' ? 'failed' : `ended ${outcome}`} ${when}${reason === undefined ? '' : `: ${outside(reason, 100)}`}`
  }
}

/** A link to the card, else the release's id. */
export function linked({ release, card }: ReleaseLink, linkTo: LinkToCard): string {
  return (card && linkTo(card)) ?? outside(release, 40)
}

function removalText({ by }: Setback): string {
  return by === null ? 'it was rolled back' : `${mention(by)} rolled it back`
}

/** How an attempt ended, in a few words. Those that can be no setback say their state. */
export function endText({ outcome, by }: Pick<Setback, 'outcome' | 'by'>): string {
  const person = by === null ? '' : ` by ${mention(by)}`
  switch (outcome) {
    case 'taken back':
      return `rolled back${person}`
    case 'rejected':
      return `rejected${person}`
    case 'superseded':
      return `replaced by a rollback${person}`
    case 'rolled back':
      return 'rolled back automatically'
    case 'rollback failed':
      return 'the automatic rollback failed'
    case 'unchanged':
      return 'nothing was rolled out'
    case 'stopped':
      return 'stopped by hand'
    case 'unknown':
      return 'it is not known how it ended'
    case 'failed':
    case 'cancelled':
    case 'expired':
    case 'succeeded':
      return outcome
  }
}
