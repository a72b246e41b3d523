/** The actions of each event that the sandbox sends to webhooks. */
export const hookActions = {
  deployment_protection_rule: ['requested'],
  deployment_review: ['requested', 'approved', 'rejected'],
  deployment_status: ['created'],
  workflow_job: ['queued', 'waiting', 'in_progress', 'completed'],
  workflow_run: ['requested', 'in_progress', 'completed'],
} as const satisfies Record<string, readonly string[]>

export type HookEvent = keyof typeof hookActions
export const hookEvents = Object.keys(hookActions) as HookEvent[]

/** The name of an action in GitHub's OpenAPI description: `workflow-run-in-progress`. */
export function hookName(event: HookEvent, action: string): string {
  return `${event}-${action}`.replaceAll('_', '-')
}
