import { randomBytes } from 'node:crypto'

/** A new id, short enough to be read aloud, in an alphabet that GitHub inputs, ECS tags and `startedBy` all accept. */
export function newReleaseId(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
  return `r-${[...randomBytes(9)].map((byte) => alphabet[byte % alphabet.length]).join('')}`
}

const releaseId = /\br-[a-z0-9]{9}\b/

/** The first release id in a text from outside; null: there is none. */
export function releaseIdIn(text: string): string | null {
  return releaseId.exec(text)?.[0] ?? null
}
