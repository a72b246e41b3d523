import { lastPart } from './arn.ts'
import type { TaskDefinitionState } from './model.ts'

/** A task definition by ARN, by `family:42`, or by family: its latest ACTIVE revision. */
export function taskDefinitionOf(
  { taskDefinitions }: { readonly taskDefinitions: readonly TaskDefinitionState[] },
  name: string,
): TaskDefinitionState | undefined {
  const [family, revision] = lastPart(name).split(':')
  const ofFamily = taskDefinitions.filter((each) => each.family === family)
  if (revision !== undefined) return ofFamily.find((each) => each.revision === Number(revision))
  return ofFamily.filter((each) => each.status === 'ACTIVE').at(-1)
}
