import type { KnownBlock } from '@slack/types'
import type { BoundInput, WorkflowNote } from '../../release/inputs.ts'
import type { Shipped } from '../../release/subject.ts'
import { context, section, sections } from '../blocks.ts'
import { outside } from '../escape.ts'
import { firstOf, mention, sha } from '../mrkdwn.ts'
import { runLink } from './run-name.ts'

/** GitHub accepts 25 inputs. With more inputs than this, their values are shown shorter. */
const shownInputs = 12

/** The inputs that twokey will send, which the approvals cover, and what the approvals do not cover. */
export function workflowBlocks(subject: Shipped): readonly KnownBlock[] {
  const notes = noteLines(subject)
  return [...inputBlocks(subject.inputs), ...(notes.length > 0 ? [section(notes)] : [])]
}

/**
 * How many characters of a value are shown. Its beginning and its end are kept, because names of accounts and clusters may differ
 * in either.
 */
const valueShown = { few: 80, many: 36 } as const
/** Inputs that are together longer than this are listed one per line, characters. */
const longestLine = 600

function inputBlocks(inputs: readonly BoundInput[]): readonly KnownBlock[] {
  if (inputs.length === 0) return []
  const line = `Workflow inputs: ${inputs.map((input) => inputText(input, valueShown.few)).join(' · ')}`
  if (line.length <= longestLine) return [context(line)]
  const max = inputs.length > shownInputs ? valueShown.many : valueShown.few
  return sections(['Workflow inputs:', ...inputs.map((input) => `• ${inputText(input, max)}`)])
}

function inputText({ name, from, value }: BoundInput, max: number): string {
  return `${outside(name, 60)} = ${valueText(from, value, max)}${from === 'default' ? ' (the workflow’s default)' : ''}`
}

function valueText(from: BoundInput['from'], value: string, max: number): string {
  if (from === 'sha') return sha(value)
  if (from === 'requester') return mention(value)
  if (value.length <= max) return outside(value, max) || 'empty'
  const half = Math.floor(max / 2)
  return `${outside(value.slice(0, half), half)} … ${outside(value.slice(-half), half)}`
}

/** How much of a list is shown: how many names, and how many characters of each. */
type Room = { readonly names: number; readonly width: number }

/** How long all notes together may be, beside the longest inputs. */
const longestNotes = 2_000

/** Limits, tried in order until the text fits, because a card has little room for long notes. */
const rooms: readonly Room[] = [
  { names: 6, width: 100 },
  { names: 3, width: 60 },
  { names: 2, width: 30 },
  { names: 1, width: 20 },
  { names: 1, width: 12 },
]

/** The first items of a list, and how many more there are. @param words draws one item, each part shortened to the width */
function inList<T>(
  items: readonly T[],
  { names, width }: Room,
  words: (item: T, short: Short) => string,
): string {
  const short: Short = (text) => outside(text, width)
  const list = firstOf(items, names, (item) => words(item, short))
  return items.length > names ? `${list} (the audit log lists them)` : list
}

type Short = (text: string) => string
type Note<Kind extends WorkflowNote['note']> = Extract<WorkflowNote, { note: Kind }>
type Where = Pick<Shipped, 'workflow' | 'branch'>

/** One line for each kind, so that many notes of one kind hide no other. What no approval covers comes first. */
const kinds: {
  readonly [Kind in WorkflowNote['note']]: (notes: readonly Note<Kind>[], where: Where, room: Room) => string
} = {
  'not-bound': (notes, _, room) =>
    `:warning: Not covered by the approvals: ${inList(
      notes.flatMap(({ uses }) => uses),
      room,
      (each, short) => short(each),
    )}.`,
  'checkout-not-bound': (notes, { branch }, room) =>
    `:warning: Not covered by the approvals: files that jobs check out: ${inList(
      notes,
      room,
      ({ repository, ref, jobs: [job = '', ...others] }, short) => {
        const files =
          ref === null
            ? `the tip of ${short(branch)} in place of the commit`
            : `${short(repository)} at ${short(ref)}`
        return `${files} (${short(job)}${others.length > 0 ? ` and ${others.length} more` : ''})`
      },
    )}.`,
  'leads-outside': (notes, _, room) =>
    `:warning: Approvals do not cover the targets of these symlinks and submodules: ${inList(notes, room, ({ kind, path }, short) => `${kind} ${short(path)}`)}.`,
  'not-read': (notes, _, room) =>
    `:warning: Not read, so it may run more than is listed here: ${inList(notes, room, ({ what, why }, short) => `${short(what)} (${short(why)})`)}.`,
  'other-environment': (notes, _, room) =>
    `:warning: Jobs run in another environment: ${inList(notes, room, ({ job, environment }, short) => `${short(job)} (${short(environment)})`)}.`,
  'environment-unknown': (notes, _, room) =>
    `:warning: The environment of a job is known only once it has started: ${inList(notes, room, ({ job, written }, short) => `${short(job)} (${short(written)})`)}.`,
  'follows-branch': (notes, { branch }, room) =>
    `:warning: Inputs get the branch ${outside(branch, 60)}, not the commit, so a commit pushed before the run checks it out would be deployed: ${inList(notes, room, ({ input }, short) => short(input))}.`,
  'starts-on': (notes, { workflow }, room) =>
    `:warning: ${outside(workflow, 60)} also starts on: ${inList(
      notes.flatMap(({ events }) => events),
      room,
      (event, short) => short(event),
    )}. Those runs may deploy without approvals in Slack.`,
  'under-way': (notes, { workflow }, room) =>
    `:warning: ${outside(workflow, 60)} is already in progress and may also deploy: ${inList(notes, room, ({ run }, short) => `${runLink(run)} (${short(run.login === undefined ? run.event : `${run.event} by ${run.login}`)}, ${sha(run.sha)})`)}.`,
  'inputs-unknown': () =>
    ':warning: Somebody started the run by hand. GitHub does not show its inputs, so it may deploy something other than this commit.',
  'left-empty': (notes, _, room) =>
    `:warning: Inputs are left empty because twokey.yml does not map them: ${inList(notes, room, ({ input }, short) => short(input))}.`,
  'runs-unavailable': (notes, { workflow }, room) =>
    `Other runs of ${outside(workflow, 60)} could not be read: ${inList(notes, room, ({ why }, short) => short(why))}.`,
}

function noteLines({ notes, ...where }: Shipped): readonly string[] {
  const named = new Set(notes.map(({ note }) => note))
  const shown = (Object.keys(kinds) as WorkflowNote['note'][]).filter((kind) => named.has(kind))
  const tried = rooms.map((room) => shown.map((kind) => lineOf(kind, notes, { where, room })))
  return tried.find((lines) => lines.join('\n').length <= longestNotes) ?? tried.at(-1)!
}

function lineOf<Kind extends WorkflowNote['note']>(
  kind: Kind,
  notes: readonly WorkflowNote[],
  { where, room }: { readonly where: Where; readonly room: Room },
): string {
  return kinds[kind](
    notes.filter((each): each is Note<Kind> => each.note === kind),
    where,
    room,
  )
}
