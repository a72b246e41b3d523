import { unmarked } from '../foreign.ts'
import { githubLogin, type PersonId } from '../names.ts'
import { evaluate } from '../policy/approval.ts'
import type { Release } from '../release.ts'

/** What GitHub shows beside an opened gate. */
export function openingComment(release: Release): string {
  const names = evaluate(release).counted.map(({ by }) => nameOnGitHub(release, by))
  const approved =
    names.length === 0 ? 'No approvals are required' : `Approved in Slack by ${names.join(', ')}`
  return `${approved} (release ${release.id}).`
}

/** What GitHub shows beside a gate while the run waits there. */
export function waitingComment(release: Release): string {
  const { counted, missing, required } = evaluate(release)
  const names = counted.map(({ by }) => nameOnGitHub(release, by)).join(', ')
  const more = missing === 1 ? '1 approval' : `${missing} approvals`
  if (missing === 0)
    return `Approved in Slack by ${names} (${required} of ${required}). The run goes on after a wait (release ${release.id}).`
  if (counted.length === 0) return `Waiting for ${more} in Slack (release ${release.id}).`
  return `Approved in Slack by ${names} (${counted.length} of ${required}). Waiting for ${more} (release ${release.id}).`
}

/** What GitHub shows beside a gate that was closed at the end of a release. */
export function closingComment(release: Release): string {
  const { id, stage, policy } = release
  if (stage.at !== 'ended') return ''
  const names = evaluate(release).counted.map(({ by }) => nameOnGitHub(release, by))
  const approved = names.length === 0 ? '' : ` Approved before by ${names.join(', ')}.`
  const why = stage.reason.replace(/<@([A-Z0-9]+)>/g, (_, by: string) => nameOnGitHub({ policy }, by))
  const [first = '', ...rest] = stage.outcome
  return literalOnGitHub(
    `${first.toUpperCase()}${rest.join('')} in Slack: ${why} (release ${id}).${approved}`,
  )
}

/** A sentence for GitHub, where no name of a branch and no reason mentions people or teams. */
export function literalOnGitHub(sentence: string): string {
  return unmarked(sentence).replaceAll('@', '@\u200b')
}

/** The person's GitHub login, else the Slack id. Without `@`, since it would notify people. */
function nameOnGitHub({ policy }: Pick<Release, 'policy'>, id: PersonId): string {
  const login = policy.people.find(({ slack }) => slack.includes(id))?.github
  return login ?? githubLogin(id) ?? id
}
