import type { NewerRun } from '../../release/sighting.ts'
import { outside } from '../escape.ts'
import { link } from '../mrkdwn.ts'

/** A workflow run as far as it is known. `number`: as GitHub shows it to people; its id stands in addresses alone. */
type Run = { readonly id: number; readonly number?: number | undefined; readonly url: string }

/** A link to a run by the name that GitHub shows: `workflow run #48`. Before it was read, by its id. */
export function runLink({ id, number, url }: Run): string {
  return link(url, number === undefined ? `run ${id}` : `workflow run #${number}`)
}

/** The same at the beginning of a sentence or a line. */
export function runLinkFirst({ id, number, url }: Run): string {
  return link(url, number === undefined ? `Run ${id}` : `Workflow run #${number}`)
}

/** ` Workflow run #56 occupies the concurrency group ship.`: what a newer run waits for; empty if it waits for nothing. */
export function occupantText({ group, holder }: NewerRun): string {
  return holder === undefined
    ? ''
    : ` ${runLinkFirst(holder)} occupies the concurrency group ${outside(group, 60)}.`
}
