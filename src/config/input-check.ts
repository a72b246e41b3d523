import { mostInputs as maxInputs } from '../release/inputs.ts'
import { inputValue, inputValueRule, sources } from './inputs.ts'
import { serviceEnvironmentEntries } from './layers.ts'
import { type Finding, foundText, nearest, type Path, pathText } from './problems.ts'
import type { Draft } from './schema.ts'

type DraftInputs = { readonly [name: string]: string | undefined }

/** What GitHub accepts as the name of an input. `__proto__` is excluded: no JavaScript object can hold it safely. */
const inputName = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_-]*$/

/** Mistakes in workflow inputs: their names, their number, and values that have no meaning. */
export function inputFindings(draft: Draft): readonly Finding[] {
  const ofServices = Object.entries(draft.services ?? {}).flatMap(([service, said]) =>
    mapFindings(said?.inputs, ['services', service, 'inputs']),
  )
  const ofEnvironments = serviceEnvironmentEntries(draft).flatMap(({ service, path, own, ofService }) => {
    const above = { inputs: ofService.inputs ?? {}, path: ['services', service, 'inputs'] }
    return mapFindings(own.inputs, [...path, 'inputs'], above)
  })
  return [...ofServices, ...ofEnvironments]
}

/** The more general map: a service environment's own map overrides it, input by input. */
type Above = { readonly inputs: DraftInputs; readonly path: Path }

function mapFindings(
  inputs: DraftInputs | undefined,
  path: Path,
  above: Above = { inputs: {}, path: [] },
): readonly Finding[] {
  if (!inputs) return []
  return [
    ...Object.keys(inputs).flatMap((name) => [
      ...badName(name, path),
      ...inputTwice(name, Object.keys(inputs), path, above),
    ]),
    ...Object.entries(inputs).flatMap(([name, written]) => unknownSource(written, [...path, name])),
    ...tooMany(inputs, path, above),
  ]
}

function badName(name: string, path: Path): readonly Finding[] {
  if (inputName.test(name)) return []
  return [
    {
      path: [...path, name],
      found: foundText(name),
      allowed: 'a name of letters, digits, - and _, beginning with a letter or _',
      message: 'The key must be the name of an input that the workflow declares.',
    },
  ]
}

/** GitHub compares input names without case. */
function inputTwice(name: string, names: readonly string[], path: Path, above: Above): readonly Finding[] {
  const isInOtherCase = (other: string) => other !== name && other.toLowerCase() === name.toLowerCase()
  const here = names.slice(0, names.indexOf(name)).find(isInOtherCase)
  const there = Object.keys(above.inputs).find(isInOtherCase)
  const other =
    here !== undefined ? [...path, here] : there !== undefined ? [...above.path, there] : undefined
  if (!other) return []
  return [
    {
      path: [...path, name],
      found: foundText(name),
      allowed: 'each input once',
      message: `${pathText(other)} is the same input: GitHub ignores case in names of inputs. Write the name as the workflow does, in both places.`,
    },
  ]
}

function unknownSource(written: string | undefined, path: Path): readonly Finding[] {
  if (written === undefined || inputValue(written)) return []
  return [
    {
      path,
      found: foundText(written),
      allowed: inputValueRule,
      message: `A value that begins with $ must be exactly one of these names. To send the text itself, begin it with $$.${nearest(
        written,
        sources.map((source) => `$${source}`),
      )}`,
    },
  ]
}

function tooMany(inputs: DraftInputs, path: Path, above: Above): readonly Finding[] {
  const own = Object.keys(inputs)
  const inherited = Object.keys(above.inputs)
  const count = new Set([...inherited, ...own]).size
  if (count <= maxInputs || inherited.length > maxInputs) return []
  const merged = inherited.length > 0 ? `, including those of ${pathText(above.path)}` : ''
  return [
    {
      path,
      found: `${count} inputs`,
      allowed: `at most ${maxInputs} inputs${merged}`,
      message: `GitHub accepts at most ${maxInputs} inputs for a workflow_dispatch.`,
    },
  ]
}
