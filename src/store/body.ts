import type { Authorship, Release, Subject } from '../release/release.ts'
import type { Schema } from './schema.ts'

/** The shape of the bodies that are written. Older ones are read on: raise it with a step that brings them up. */
const bodyVersion = 4

type Body = Pick<Schema['release'], 'body' | 'body_version'>

/** What a release's row says of it, the lease and the wake time apart. */
export function columnsOf(release: Release) {
  const { service, environment, requester, requestedAt, stage, tracks } = release
  return {
    body: JSON.stringify(release),
    body_version: bodyVersion,
    service,
    environment,
    requester,
    run_id: tracks.run?.id ?? null,
    requested_at: requestedAt,
    ended_at: stage.at === 'ended' ? stage.since : null,
    outcome: stage.at === 'ended' ? stage.outcome : null,
  }
}

/** The release of a row. Throws where a newer twokey wrote it. */
export function releaseOf({ body, body_version }: Body): Release {
  if (body_version > bodyVersion)
    throw new Error(`a release was written by a newer twokey, in shape ${body_version}`)
  const release = JSON.parse(body)
  if (body_version === bodyVersion) return release
  return fromThird(fromSecond(body_version < 2 ? fromFirst(release) : release))
}

type Deploy = Extract<Subject, { kind: 'deploy' }>
type Rollback = Extract<Subject, { kind: 'rollback' }>
type ThirdSubject = Omit<Deploy, 'authorship'> | Rollback
type FirstSubject = Omit<Deploy, 'authorship'> | Omit<Rollback, 'images' | 'difference'>
/** What the first twokey wrote. */
type FirstRelease = Omit<
  Release,
  'discounted' | 'emergency' | 'freeze' | 'lock' | 'voided' | 'behind' | 'subject'
> & {
  readonly subject: FirstSubject
}

type ThirdRelease = Omit<Release, 'subject'> & { readonly subject: ThirdSubject }
/** What the second wrote, or the third. */
type SecondRelease = Omit<ThirdRelease, 'behind'> & Partial<Pick<Release, 'behind'>>

function fromThird(release: ThirdRelease): Release {
  const { subject, servingBefore } = release
  if (subject.kind === 'rollback') return { ...release, subject }
  return { ...release, subject: { ...subject, authorship: authorshipOf(subject, servingBefore) } }
}

/** As it was told from the changes, which are those of the first target. */
function authorshipOf(
  { commit, changes }: Omit<Deploy, 'authorship'>,
  serving: Release['servingBefore'],
): Authorship {
  if (!changes.known) return changes
  const logins = [commit, ...changes.commits].map(({ login }) => login?.toLowerCase())
  const isWhole = changes.total <= changes.commits.length
  if (!isWhole || !serving?.commit || !logins.every((login) => login !== undefined))
    return { known: false, why: 'it was asked for before twokey looked at all of it' }
  return { known: true, logins: [...new Set(logins)], since: [serving.commit] }
}

function fromSecond(release: SecondRelease): ThirdRelease {
  return { behind: [], ...release }
}

function fromFirst(release: FirstRelease): SecondRelease {
  const { subject } = release
  const difference = { known: false, why: 'it was asked for before twokey read it' } as const
  return {
    discounted: [],
    emergency: null,
    freeze: null,
    lock: null,
    voided: null,
    ...release,
    subject: subject.kind === 'rollback' ? { images: [], difference, ...subject } : subject,
  }
}
