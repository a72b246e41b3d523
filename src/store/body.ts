import type { Release } from '../release/release.ts'
import type { Schema } from './schema.ts'

/** The shape of the bodies that are written. Older ones are read on: raise it with a step that brings them up. */
const bodyVersion = 1

type Body = Pick<Schema['release'], 'body' | 'body_version'>

/** What a release's row says of it, the lease and the wake time apart. */
export function columnsOf(release: Release) {
  const { service, environment, requester, requestedAt, stage } = release
  return {
    body: JSON.stringify(release),
    body_version: bodyVersion,
    service,
    environment,
    requester,
    requested_at: requestedAt,
    ended_at: stage.at === 'ended' ? stage.since : null,
  }
}

/** The release of a row. Throws where a newer twokey wrote it. */
export function releaseOf({ body, body_version }: Body): Release {
  if (body_version > bodyVersion)
    throw new Error(`a release was written by a newer twokey, in shape ${body_version}`)
  return JSON.parse(body) as Release
}
