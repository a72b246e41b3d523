import type { Release, Subject } from '../release/release.ts'
import type { Schema } from './schema.ts'

/** The shape of the bodies that are written. Older ones are read on: raise it with a step that brings them up. */
const bodyVersion = 3

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
  return later(body_version < 2 ? fromFirst(release) : release)
}

type Rollback = Extract<Subject, { kind: 'rollback' }>
type FirstSubject = Exclude<Subject, Rollback> | Omit<Rollback, 'images' | 'difference'>
/** What the first twokey wrote. */
type FirstRelease = Omit<
  Release,
  'discounted' | 'emergency' | 'freeze' | 'lock' | 'voided' | 'behind' | 'subject'
> & {
  readonly subject: FirstSubject
}

/** What the second wrote, or this one. */
type SecondRelease = Omit<Release, 'behind'> & Partial<Pick<Release, 'behind'>>

function later(release: SecondRelease): Release {
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
