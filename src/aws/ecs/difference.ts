import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { type Difference, type DifferenceLine, differenceParts } from '../../release/difference.ts'
import type { Definition } from './reads.ts'
import {
  compare,
  displayText,
  type Field,
  fieldsOfContainer,
  fieldsOfTask,
} from './task-definition-fields.ts'

/** A task definition as it runs. `digests`: the known image digest of each container. */
export type Run = Definition & { readonly digests: ReadonlyMap<string, string> }

/** Limit of lines in a difference. */
const mostLines = 30

/**
 * Lists the differences from the running task definition to the requested one. Fields that ECS sets itself (numbers,
 * times, states) and twokey's own tag are left out, and an empty field equals an absent one. A field that is not known
 * here is listed by its name.
 */
export function differenceOf(from: Run, to: Run): Difference {
  const before = containersOf(from)
  const after = containersOf(to)
  const lines = [
    ...changed(fieldsOfTask(from), fieldsOfTask(to)),
    ...[...after].flatMap(([name, now]) => {
      const old = before.get(name)
      if (old === undefined) return [addedOrRemoved('added', name, now)]
      const digest = old.image === now.image ? digestLine(name, from, to) : []
      return [...digest, ...changed(fieldsOfContainer(old), fieldsOfContainer(now))]
    }),
    ...[...before].flatMap(([name, old]) => (after.has(name) ? [] : [addedOrRemoved('removed', name, old)])),
  ].toSorted(inOrder)
  return { known: true, lines: lines.slice(0, mostLines), total: lines.length }
}

function containersOf({ definition }: Definition): ReadonlyMap<string, ContainerDefinition> {
  return new Map((definition.containerDefinitions ?? []).map((each) => [each.name ?? '', each]))
}

function addedOrRemoved(
  change: 'added' | 'removed',
  name: string,
  { image = '' }: ContainerDefinition,
): DifferenceLine {
  const [from, to] = change === 'removed' ? [displayText(image), null] : [null, displayText(image)]
  return { what: 'container', container: displayText(name), key: null, change, from, to }
}

/** A line for one image name that resolved to different digests. If only one digest is known, there is nothing to compare. */
function digestLine(name: string, before: Run, after: Run): readonly DifferenceLine[] {
  const [from, to] = [before.digests.get(name), after.digests.get(name)]
  if (from === undefined || to === undefined || from === to) return []
  return [
    {
      what: 'digest',
      container: displayText(name),
      key: null,
      change: 'changed',
      from: displayText(from),
      to: displayText(to),
    },
  ]
}

function changed(before: readonly Field[], after: readonly Field[]): readonly DifferenceLine[] {
  const [old, now] = [byName(before), byName(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [from, to] = [old.get(name), now.get(name)]
    const either = to ?? from
    if (either === undefined || from?.value === to?.value) return []
    return [
      {
        what: either.what,
        container: either.container === null ? null : displayText(either.container),
        key: either.key === null ? null : displayText(either.key),
        change: from === undefined ? 'added' : to === undefined ? 'removed' : 'changed',
        from: from?.shown ?? null,
        to: to?.shown ?? null,
      },
    ]
  })
}

/** Groups fields by name; a field that occurs twice has both values. */
function byName(all: readonly Field[]): ReadonlyMap<string, Field> {
  const named = new Map<string, Field>()
  for (const field of all) {
    const name = JSON.stringify([field.what, field.container, field.key])
    const known = named.get(name)
    const value = known ? [known.value, field.value].toSorted(compare).join('\n') : field.value
    named.set(name, { ...field, value })
  }
  return named
}

function inOrder(a: DifferenceLine, b: DifferenceLine): number {
  return (
    differenceParts.indexOf(a.what) - differenceParts.indexOf(b.what) ||
    compare(a.container ?? '', b.container ?? '') ||
    compare(a.key ?? '', b.key ?? '')
  )
}
