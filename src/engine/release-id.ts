import { randomBytes } from 'node:crypto'

/** An id short enough to be said aloud, of an alphabet that GitHub inputs, ECS tags and `startedBy` all take. */
export function newReleaseId(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
  return `r-${[...randomBytes(9)].map((byte) => alphabet[byte % alphabet.length]).join('')}`
}

const releaseId = /\br-[a-z0-9]{9}\b/

/** The first such id in a text from outside; null: there is none. */
export function releaseIdIn(text: string): string | null {
  return releaseId.exec(text)?.[0] ?? null
}
