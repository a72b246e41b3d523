import type { KnownBlock } from '@slack/types'
import type { BoundInput, WorkflowNote } from '../../release/inputs.ts'
import type { Subject } from '../../release/release.ts'
import { context, section } from '../blocks.ts'
import { outside } from '../escape.ts'
import { link, sha } from '../mrkdwn.ts'

type Deploy = Extract<Subject, { kind: 'deploy' }>

/** How many inputs a card shows: GitHub takes 25. */
const shownInputs = 25
/** How many notes a card shows; a workflow of sixty jobs may have more. */
const shownNotes = 6

/** The inputs that will be sent, which the approvals bind, and what they do not bind. */
export function workflowBlocks(subject: Deploy): readonly KnownBlock[] {
  const notes = noteLines(subject)
  return [
    ...(subject.inputs.length > 0 ? [context(inputsLine(subject.inputs))] : []),
    ...(notes.length > 0 ? [section(notes)] : []),
  ]
}

function inputsLine(inputs: readonly BoundInput[]): string {
  const shown = inputs.slice(0, shownInputs).map(inputWords)
  return `Workflow inputs: ${shown.join(' · ')}`
}

function inputWords({ name, from, value }: BoundInput): string {
  const said = from === 'sha' ? sha(value) : outside(value, 80) || 'empty'
  return `${outside(name, 60)} = ${said}${from === 'default' ? ' (the workflow’s default)' : ''}`
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
      return `:warning: ${name} also starts without approvals in Slack, on: ${note.events.map((event) => outside(event, 80)).join(', ')}.`
    case 'environment-unknown':
      return `:warning: Where the job ${outside(note.job, 80)} runs is known only once it has started: ${outside(note.written, 120)}.`
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
  }
}
