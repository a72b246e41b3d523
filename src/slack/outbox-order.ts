import type { DuePost } from '../store/store.ts'

type Urgent = { readonly urgency: 'now' | 'progress' }

/** Ends and failures first, progress last; within each, cards keep the store's order. */
export function byUrgency(one: Urgent, other: Urgent): number {
  return Number(one.urgency === 'progress') - Number(other.urgency === 'progress')
}

/** Posts of the same queue are sent in order, one at a time. */
export function queueOf({ id, what }: DuePost): string {
  switch (what.kind) {
    case 'reply':
      return `reply ${id}`
    case 'notice':
      return `notices ${what.channel}`
    // Each for itself: one that waits holds up no other.
    case 'direct':
      return `direct ${id}`
    case 'story':
      return `stories ${what.release.id}`
  }
}

/**
 * Answers first, then notices and releases that have ended. Within a release, posts keep the store's order, except that a new
 * card's thread begins with the post about the card that it replaces.
 */
export function byNeed(one: DuePost, other: DuePost): number {
  return need(one) - need(other)
}

function need({ what }: DuePost): number {
  switch (what.kind) {
    case 'reply':
      return 0
    case 'notice':
      return 2
    case 'direct':
      return 3
    case 'story':
      if (what.post.story.tell === 'card-replaced') return 1
      return what.release.stage.at === 'ended' ? 2 : 3
  }
}
