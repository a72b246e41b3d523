import type { KnownBlock } from '@slack/types'
import type { BoundInput, WorkflowNote } from '../../release/inputs.ts'
import type { Subject } from '../../release/release.ts'
import { context, section, sections } from '../blocks.ts'
import { outside } from '../escape.ts'
import { link, mention, sha } from '../mrkdwn.ts'

type Deploy = Extract<Subject, { kind: 'deploy' }>

/** With more inputs than this their values are shown shorter: GitHub takes 25. */
const shownInputs = 12
/** How many notes a card shows; a workflow of sixty jobs may have more. */
const shownNotes = 6

/** The inputs that will be sent, which the approvals bind, and what they do not bind. */
export function workflowBlocks(subject: Deploy): readonly KnownBlock[] {
  const notes = noteLines(subject)
  return [...inputBlocks(subject.inputs), ...(notes.length > 0 ? [section(notes)] : [])]
}

/** How much of a value is shown: its begin and its end, as names of accounts and clusters differ in either. */
const valueShown = { few: 80, many: 36 } as const
/** From how many characters on inputs are listed a line each. */
const longestLine = 600

function inputBlocks(inputs: readonly BoundInput[]): readonly KnownBlock[] {
  if (inputs.length === 0) return []
  const line = `Workflow inputs: ${inputs.map((input) => inputWords(input, valueShown.few)).join(' · ')}`
  if (line.length <= longestLine) return [context(line)]
  const max = inputs.length > shownInputs ? valueShown.many : valueShown.few
  return sections(['Workflow inputs:', ...inputs.map((input) => `• ${inputWords(input, max)}`)])
}

function inputWords({ name, from, value }: BoundInput, max: number): string {
  return `${outside(name, 60)} = ${valueWords(from, value, max)}${from === 'default' ? ' (the workflow’s default)' : ''}`
}

function valueWords(from: BoundInput['from'], value: string, max: number): string {
  if (from === 'sha') return sha(value)
  if (from === 'requester') return mention(value)
  if (value.length <= max) return outside(value, max) || 'empty'
  const half = Math.floor(max / 2)
  return `${outside(value.slice(0, half), half)} … ${outside(value.slice(-half), half)}`
}

/** How many of a list a card names. */
const shownNames = 4

function inList(names: readonly string[], whereAllAre: string): string {
  const shown = names.slice(0, shownNames).map((each) => outside(each, 100))
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more (${whereAllAre})` : shown.join(', ')
}

function jobWords(jobs: readonly string[]): string {
  const names = inList(jobs, 'see the audit')
  return jobs.length === 1 ? `the job ${names} checks` : `the jobs ${names} check`
}

function refWords(
  { repository, ref }: Extract<WorkflowNote, { note: 'checkout-not-bound' }>,
  branch: string,
): string {
  return ref === null
    ? `the tip of ${outside(branch, 60)} in place of the commit`
    : `${outside(repository, 100)} at ${outside(ref, 80)}`
}

function noteLines({ notes, workflow, branch }: Deploy): readonly string[] {
  const lines = notes.map((note) => noteLine(note, { workflow, branch }))
  const more = lines.length - shownNotes
  return more > 0 ? [...lines.slice(0, shownNotes), `… and ${more} more of these.`] : lines
}

function noteLine(note: WorkflowNote, { workflow, branch }: Pick<Deploy, 'workflow' | 'branch'>): string {
  const name = outside(workflow, 60)
  switch (note.note) {
    case 'starts-on':
      return `:warning: ${name} also starts without approval, on: ${note.events.map((event) => outside(event, 80)).join(', ')}.`
    case 'environment-unknown':
      return `:warning: The environment of the job ${outside(note.job, 80)} is known only once it has started: ${outside(note.written, 120)}.`
    case 'other-environment':
      return `:warning: The job ${outside(note.job, 80)} runs in another environment: ${outside(note.environment, 60)}.`
    case 'left-empty':
      return `:warning: The input ${outside(note.input, 60)} is left empty: twokey.yml does not map it.`
    case 'follows-branch':
      return `:warning: The input ${outside(note.input, 60)} gets the branch ${outside(branch, 60)}, not the commit: a commit pushed before the run checks it out would ship.`
    case 'under-way':
      return `:warning: ${link(note.run.url, `Run ${note.run.id}`)} of ${name} is already in progress (${outside(note.run.event, 40)}, ${sha(note.run.sha)}) and may ship, too.`
    case 'runs-unavailable':
      return `Other runs of ${name} could not be read: ${outside(note.why, 150)}.`
    case 'not-bound':
      return `:warning: Not bound by the approvals: ${inList(note.uses, 'the audit lists them')}.`
    case 'checkout-not-bound':
      return `:warning: Not bound by the approvals: the files that ${jobWords(note.jobs)} out, ${refWords(note, branch)}.`
    case 'leads-outside':
      return `:warning: Not bound by the approvals: what the ${note.kind} ${outside(note.path, 120)} leads to.`
    case 'not-read':
      return `:warning: Not read, so it may run more than is named here: ${outside(note.what, 120)} (${outside(note.why, 150)}).`
  }
}
