import { isSameOnGitHub } from '../release/names.ts'
import type { Settings } from './settings.ts'

/** File names of the workflows that deploy something from a repository, each once. */
export function deployWorkflowsOf(
  { serviceEnvironments }: Pick<Settings, 'serviceEnvironments'>,
  repository: string,
): readonly string[] {
  const there = serviceEnvironments.filter((serviceEnvironment) =>
    isSameOnGitHub(serviceEnvironment.repository, repository),
  )
  return [...new Set(there.map(({ workflow }) => workflow))]
}
