import type { AskOf } from '../release/look.ts'
import { type Client, ownerAndName } from './client.ts'
import { type RunAnswer, runShape } from './run-shapes.ts'

/** A run as GitHub returns it, which is its last attempt; null if there is none. Throws `Trouble`. */
export function readRun(
  client: Client,
  { repository, runId }: Pick<AskOf<'run'>, 'repository' | 'runId'>,
): Promise<RunAnswer | null> {
  return client.find({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
    parameters: { ...ownerAndName(repository), run_id: runId },
    shape: runShape,
  })
}

/** GitHub login of who started the attempt. */
export function starterOf({ triggering_actor, actor }: RunAnswer): string | null {
  return triggering_actor?.login ?? actor?.login ?? null
}
