import type { DuePost } from '../store/store.ts'

type Urgent = { readonly urgency: 'now' | 'progress' }

/** Cards in the order of the store within each: ends and failures first, progress last. */
export function byUrgency(one: Urgent, other: Urgent): number {
  return Number(one.urgency === 'progress') - Number(other.urgency === 'progress')
}

/** What must go in order, one after the other. */
export function queueOf({ id, what }: DuePost): string {
  switch (what.kind) {
    case 'reply':
      return `reply ${id}`
    case 'notice':
      return `notices ${what.channel}`
    case 'story':
      return `stories ${what.release.id}`
  }
}

/**
 * Answers first, then notices and releases that have ended; within a release the order of the store, but that a new card's thread
 * begins with what it replaces.
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
    case 'story':
      if (what.told.story.tell === 'card-replaced') return 1
      return what.release.stage.at === 'ended' ? 2 : 3
  }
}
