import type { ReleasePost } from '../release/effects.ts'
import type { Release } from '../release/release.ts'
import type { MigrationSighting } from '../release/sighting.ts'
import type { Authorship, Subject } from '../release/subject.ts'
import type { MigrationTrack, RolloutTrack, Tracks } from '../release/tracks.ts'
import type { Schema } from './schema.ts'
import { Unreadable } from './store.ts'

/** The version of the bodies that are written. Older ones are still read: raise it together with a new upcast. */
const bodyVersion = 6

type Body = Pick<Schema['release'], 'body' | 'body_version'>

/** The columns of a release's row, without the lease and the wake time. */
export function releaseColumns(release: Release) {
  const { service, environment, requester, requestedAt, stage, subject, tracks } = release
  return {
    body: JSON.stringify(release),
    body_version: bodyVersion,
    service,
    environment,
    requester,
    run_id: tracks.run?.id ?? ('run' in subject ? subject.run.id : null),
    requested_at: requestedAt,
    ended_at: stage.at === 'ended' ? stage.since : null,
    outcome: stage.at === 'ended' ? stage.outcome : null,
  }
}

/** The release of a row. Throws if a newer twokey wrote it. */
export function releaseOf({ body, body_version }: Body): Release {
  if (body_version > bodyVersion)
    throw new Error(`a release was written by a newer twokey, with body version ${body_version}`)
  return upcasts.slice(body_version - 1).reduce((release, upcast) => upcast(release), JSON.parse(body))
}

/** The release of a row whose id is known. Throws `Unreadable`, also if the body is not a release. */
export function releaseIn({ id, ...body }: Body & { readonly id: string }): Release {
  try {
    const release = releaseOf(body)
    if (release.id !== id || typeof release.stage.at !== 'string')
      throw new Error('its body is not a release')
    return release
  } catch (error) {
    throw new Unreadable(`release ${id}`, error)
  }
}

/** The parsed value, or why it cannot be read. */
export function readable<T>(read: () => T): T | Unreadable {
  try {
    return read()
  } catch (error) {
    if (error instanceof Unreadable) return error
    throw error
  }
}

/** A thread post, as it was written. */
export function releasePostOf(releaseId: string, body: string): ReleasePost {
  const post = JSON.parse(body) as ReleasePost
  const { story } = post
  return story.tell === 'asked'
    ? { ...post, story: { ...story, subject: withPaths(migrateInputs(story.subject, releaseId)) } }
    : post
}

/** Each step upgrades a body from the previous version: later fields are missing there, whatever the types say. */
const upcasts: readonly ((release: Release) => Release)[] = [
  fromFirst,
  fromSecond,
  fromThird,
  fromFourth,
  fromFifth,
]

type Deploy = Extract<Subject, { kind: 'deploy' }>

function fromFirst(release: Release): Release {
  const { subject } = release
  const difference = { known: false, why: 'it was requested before twokey recorded this' } as const
  const later = { discounted: [], emergency: null, freeze: null, lock: null, voided: null }
  return Object.assign(later, release, {
    subject: subject.kind === 'rollback' ? Object.assign({ images: [], difference }, subject) : subject,
  })
}

function fromSecond(release: Release): Release {
  return Object.assign({ behind: [] }, release)
}

function fromThird(release: Release): Release {
  const { subject, servingBefore } = release
  if (subject.kind === 'rollback') return release
  return { ...release, subject: { ...subject, authorship: authorshipOf(subject, servingBefore) } }
}

/** Authorship was computed from the changes, which are those of the first target. */
function authorshipOf(
  { commit, changes }: Pick<Deploy, 'commit' | 'changes'>,
  serving: Release['servingBefore'],
): Authorship {
  if (!changes.known) return changes
  const logins = [commit, ...changes.commits].map(({ login }) => login?.toLowerCase())
  const isWhole = changes.total <= changes.commits.length
  if (!isWhole || !serving?.commit || !logins.every((login) => login !== undefined))
    return { known: false, why: 'it was requested before twokey recorded all of it' }
  return { known: true, logins: [...new Set(logins)], since: [serving.commit] }
}

function fromFourth(release: Release): Release {
  const { id, subject, tracks } = release
  return {
    ...release,
    subject: migrateInputs(subject, id),
    tracks: Object.assign({ beyond: { checked: 'not yet' } }, tracks),
  }
}

function fromFifth(release: Release): Release {
  const { approvals, stage, tracks } = release
  const isApproved = stage.at !== 'approval' && approvals.length > 0
  const approvedAt = isApproved ? Math.max(...approvals.map(({ at }) => at)) : null
  const rollouts = tracks.rollouts.map(rolloutOfFifth)
  const run = tracks.run && Object.assign({ inProgressAt: null }, tracks.run)
  const migration = fromOneMigration(tracks.migration)
  const read = Object.assign({ afterEnd: null }, tracks, { run, rollouts, migration })
  // At that version AWS's dates were compared with our own clock.
  return Object.assign({ approvedAt, mayNotStop: [], sentAtAws: release.sentAt }, release, {
    subject: withPaths(release.subject),
    supersededBy: release.supersededBy && Object.assign({ revisions: [] }, release.supersededBy),
    tracks: stage.at === 'ended' ? followedNoMore(stage, read) : read,
  })
}

/** At that version the commits and images of containers were not read. */
function rolloutOfFifth(track: RolloutTrack): RolloutTrack {
  const seen = track.seen && Object.assign({ carried: [], images: null }, track.seen)
  return Object.assign({ candidates: seen ? [seen] : [], shown: [], heldSince: null }, track, { seen })
}

/**
 * Version 5 stopped following a release at its end and freed its lanes, whatever the run and the migration did. A run
 * that was still in progress counts as over from then on, and a migration that still ran as not found. Look again works
 * for an `unknown` that nobody has settled.
 */
function followedNoMore(
  { since, outcome, settledBy }: Extract<Release['stage'], { at: 'ended' }>,
  tracks: Tracks,
): Tracks {
  const { run, beyond, migration } = tracks
  const wasRunning = migration.tasks.some(({ verdict }) => verdict === 'moving')
  if (run === null || (outcome === 'unknown' && settledBy === null)) return tracks
  const why = 'an older twokey ended it without that check'
  return {
    ...tracks,
    run: { ...run, endedAt: run.endedAt ?? since },
    migration: {
      ...migration,
      ...(wasRunning ? ({ binding: 'awaited', tasks: [] } as const) : {}),
      isComplete: true,
    },
    beyond: beyond.checked === 'not yet' ? { checked: 'unavailable', why } : beyond,
    afterEnd: { checked: 'yes', rollouts: [], late: 'over' },
  }
}

/** Version 5 bound nothing outside `.github`. */
function withPaths(subject: Subject): Subject {
  return subject.kind === 'rollback' ? subject : Object.assign({ paths: [] }, subject)
}

/** Version 5 followed one migration, and did not record the tasks that existed before the dispatch. */
function fromOneMigration(fifth: MigrationTrack): MigrationTrack {
  const { binding, seen }: FifthMigration = Object.assign({ seen: null }, fifth)
  return { before: null, binding, tasks: seen ? [seen] : [], isComplete: false }
}

type FifthMigration = Pick<MigrationTrack, 'binding'> & { readonly seen: MigrationSighting | null }

/** Version 4 stored the names of the inputs that are sent, by the source of their value. */
function migrateInputs(subject: Subject, releaseId: string): Subject {
  if (subject.kind === 'rollback' || 'notes' in subject) return subject
  const deploy: Omit<Deploy, 'inputs' | 'notes'> & { readonly inputs: readonly string[] } = subject
  const values = new Map([
    ['environment', deploy.githubEnvironment],
    ['sha', deploy.commit.sha],
    ['release_id', releaseId],
  ])
  return {
    ...deploy,
    inputs: deploy.inputs.map((name) => ({
      name,
      from: name as 'environment' | 'sha' | 'release_id',
      value: values.get(name) ?? '',
    })),
    notes: [],
  }
}
