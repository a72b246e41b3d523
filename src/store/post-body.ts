import type { Direct } from '../messages/direct.ts'
import type { Origin } from '../messages/intent.ts'
import type { Reply } from '../messages/reply.ts'
import type { ReleasePost } from '../release/effects.ts'
import type { Announced } from '../release/notice.ts'
import { releasePostOf } from './body.ts'
import { type DuePost, Unreadable } from './store.ts'

/** The body of a post that is not of a release. */
type Apart =
  | { readonly to: Origin; readonly reply: Reply }
  | { readonly channel: string; readonly announced: Announced }

type OfRelease =
  | { readonly kind: 'story'; readonly post: ReleasePost }
  | { readonly kind: 'direct'; readonly message: Direct }

/** The content of a post that is not of a release. Throws `Unreadable`. */
export function apartIn(id: number, body: string): DuePost['what'] {
  try {
    const read = JSON.parse(body) as Apart
    return 'to' in read ? { kind: 'reply', ...read } : { kind: 'notice', ...read }
  } catch (error) {
    throw new Unreadable(`post ${id}`, error)
  }
}

/** A release's post: a thread post, or a direct message. Throws `Unreadable`. */
export function postIn(id: number, releaseId: string, body: string): OfRelease {
  try {
    const read = JSON.parse(body) as ReleasePost | Direct
    return 'direct' in read
      ? { kind: 'direct', message: read }
      : { kind: 'story', post: releasePostOf(releaseId, body) }
  } catch (error) {
    throw new Unreadable(`post ${id}`, error)
  }
}
