import type { ExternalSelect, InputBlock, PlainTextOption, StaticSelect } from '@slack/types'
import type { DatedCommit } from '../ports/ports.ts'
import { isRef } from './deploy-words.ts'
import { literal } from './escape.ts'

/** The ids of all forms and of their fields begin with this, those of buttons on cards do not. */
export const formPrefix = 'twokey-form:'

/** The longest reason, in characters. */
export const longestReason = 500

/** Slack's limits for menus. Source: docs.slack.dev, composition objects. */
const longest = { options: 100, label: 75, value: 150 } as const

export type FormName = 'deploy' | 'rollback' | 'reason'
export type FieldName = 'service' | 'environment' | 'ref' | 'revision' | 'reason'

/** The id of a form or of a field. */
export function callback<Name extends FormName | FieldName>(name: Name): `${typeof formPrefix}${Name}` {
  return `${formPrefix}${name}`
}

/** Where a form belongs. It routes the form and proves nothing. */
export type Routing =
  | { readonly channel: string; readonly service: string | null; readonly environment: string | null }
  | { readonly channel: string; readonly releaseId: string }

/** The same, as a view's `private_metadata` carries it. */
export function routing(route: Routing): string {
  return JSON.stringify(route)
}

export function plain(text: string, max: number) {
  return { type: 'plain_text', text: literal(text, max), emoji: false } as const
}

export function field({
  block,
  label,
  element,
}: {
  readonly block: string
  readonly label: string
  readonly element: InputBlock['element']
}): InputBlock {
  return { type: 'input', block_id: block, label: plain(label, 2_000), element }
}

/** A menu of these names. It loads its options from twokey if there are too many to list, or none. */
export function menu(
  name: FieldName,
  names: readonly string[] | null,
  chosen: string | null,
): StaticSelect | ExternalSelect {
  const initial = chosen !== null && fits(chosen) ? { initial_option: nameOption(chosen) } : {}
  if (
    names === null ||
    names.length === 0 ||
    names.length > longest.options ||
    names.some((each) => !fits(each))
  )
    return { type: 'external_select', action_id: callback(name), min_query_length: 0, ...initial }
  return { type: 'static_select', action_id: callback(name), options: names.map(nameOption), ...initial }
}

export function option({
  value,
  label,
  note = '',
}: {
  readonly value: string
  readonly label: string
  readonly note?: string
}): PlainTextOption {
  return {
    text: plain(label, longest.label),
    value,
    ...(note !== '' && { description: plain(note, longest.label) }),
  }
}

/** The names that contain the typed text, as many as a menu can show. */
export function nameOptions(names: readonly string[], typed: string): readonly PlainTextOption[] {
  const sought = typed.trim().toLowerCase()
  return names
    .filter((name) => fits(name) && name.toLowerCase().includes(sought))
    .slice(0, longest.options)
    .map(nameOption)
}

/** The value for the newest commit begins with this. No git ref does, so nobody can have typed it. */
const newest = '^newest'

export function isNewest(value: string): boolean {
  return value.startsWith(newest)
}

/** The value for the newest commit of this branch; null: of the branch that deploys to the chosen service environment. */
export function newestOf(branch: string | null): string {
  return branch === null ? newest : `${newest} of ${branch}`.slice(0, longest.value)
}

/** The newest commit of the branch at the moment the form is submitted. The note names the current one, if known. */
export function newestOption({
  branch,
  commit,
}: {
  readonly branch: string | null
  readonly commit: DatedCommit | null
}): PlainTextOption {
  const label = `Newest commit of ${branch ?? 'the branch'}`
  return option({ value: newestOf(branch), label, note: commit ? commitLabel(commit) : '' })
}

type Offered = { readonly branch: string | null; readonly commits: readonly DatedCommit[] }

/**
 * Without typed text: the newest commit of the branch, then its last commits. With typed text: that text first, as it is,
 * because Enter takes the first option; then the commits that match.
 */
export function refOptions({ branch, commits }: Offered, typed: string): readonly PlainTextOption[] {
  const said = typed.trim()
  const tip = newestOption({ branch, commit: commits[0] ?? null })
  const sought = said.toLowerCase()
  const fitting = commits.filter(
    ({ sha, title, author }) =>
      (sought.length >= 4 && sha.startsWith(sought)) ||
      title.toLowerCase().includes(sought) ||
      author.toLowerCase().includes(sought),
  )
  const asTyped = isRef(said) && fits(said) ? [option({ value: said, label: said, note: 'as typed' })] : []
  const offered = fitting.map((commit) =>
    option({ value: commit.sha, label: commitLabel(commit), note: commitNote(commit) }),
  )
  const isTipSought = tip.text.text.toLowerCase().includes(sought)
  const others = [...(isTipSought ? [tip] : []), ...offered.filter(({ value }) => value !== said)]
  return [...asTyped, ...others].slice(0, longest.options)
}

/** `61cbaec Show drafts to their authors`. */
export function commitLabel({ sha, title }: DatedCommit): string {
  return `${sha.slice(0, 7)} ${title}`
}

/** `Chloe · 13 Nov`. The day is in UTC, because a menu does not know the reader's zone. */
export function commitNote({ author, date }: DatedCommit): string {
  const at = new Date(date)
  const day = Number.isNaN(at.getTime())
    ? null
    : at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  return [literal(author, 50), day].filter((part) => part !== null).join(' · ')
}

function nameOption(name: string): PlainTextOption {
  return option({ value: name, label: name })
}

function fits(value: string): boolean {
  return value.length <= longest.value
}
