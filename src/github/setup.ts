import type { DispatchableWorkflow, GitHubSetup } from '../ports/setup.ts'
import { bindInputs } from '../release/input-binding.ts'
import type { Refusal } from '../release/refusal.ts'
import { branchUnknown } from '../release/refusals/commits.ts'
import type { Client } from './client.ts'
import { otherStarts } from './other-starts.ts'
import { branchTip } from './refs.ts'
import { readDispatchable } from './workflow.ts'

/** Checks what a deploy would dispatch, by the workflow's file alone. Throws `Trouble`. */
export async function workflowSetup(
  client: Client,
  ask: Parameters<GitHubSetup['workflow']>[0],
): Promise<DispatchableWorkflow | { readonly refused: Refusal }> {
  const { repository, branch, rules } = ask
  const tip = await branchTip(client, repository, branch)
  if (tip === null) return { refused: branchUnknown(branch, repository) }
  const trigger = await readDispatchable(client, { ...ask, tip })
  if ('refused' in trigger) return trigger
  const bound = bindInputs(ask, trigger.inputs, rules(tip))
  if ('refused' in bound) return bound
  return { tip, startsOn: otherStarts(trigger.events, branch) }
}
