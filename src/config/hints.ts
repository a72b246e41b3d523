import { allowedText, type Field, fieldAt } from './fields.ts'
import { type Finding, foundText, type Path } from './problems.ts'
import { isCommentedOut, type Source, scalarsIn } from './source.ts'

/** What helps with a wrong value beyond the meaning of its field: where to find such a value, and how YAML read it. */
export function hintsFor(field: Field | undefined, source: Source, path: Path): readonly string[] {
  return [
    ...(isCommentedOut(source, path) ? ['`#` begins a comment in YAML, so there is no value.'] : []),
    ...(field?.where === undefined ? [] : [field.where]),
  ]
}

/** An expression of GitHub Actions or a variable of the shell: neither is replaced by its value in twokey.yml. */
const expression = /\$\{\{|^\$(?:\w+|\{\w+\})$/

/** Values that are expressions or variables. `inputs` has variables of its own, and checks them. */
export function expressionFindings(source: Source): readonly Finding[] {
  return scalarsIn(source, (text) => expression.test(text))
    .filter(({ path }) => !path.includes('inputs'))
    .map(({ path, text }) => ({
      path,
      found: foundText(text),
      allowed: allowedText(fieldAt(path)),
      message: 'twokey.yml has no expressions or variables: write the value itself.',
    }))
}
