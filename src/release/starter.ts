/**
 * Who started an ECS task, as far as its `startedBy` says. AWS itself writes `schedule` and `service`. `anybody`: a
 * workflow with another value, a person, a state machine, or no value.
 */
export type Starter =
  | 'this release'
  | 'this commit'
  | 'anybody'
  | 'another release'
  | 'another commit'
  | 'schedule'
  | 'service'

/**
 * Prefixes that EventBridge writes into `startedBy` for a rule and for EventBridge Scheduler, and ECS for a service's
 * deployment.
 */
const byAws: readonly (readonly [prefix: string, starter: Starter])[] = [
  ['events-rule/', 'schedule'],
  ['chronos-schedule/', 'schedule'],
  ['ecs-svc/', 'service'],
]

/** `deploy-<sha>`, and what follows the commit. */
const ofCommit = /^deploy-([0-9a-f]{40})(?![0-9A-Za-z])[-_/]?(.*)$/

/** The form of a release id, at the beginning of what follows the commit. */
const anyReleaseId = /^r-[a-z0-9]{9}(?![0-9A-Za-z])/

/** Whether ECS started the task for a service. */
export function isOfService(startedBy: string): boolean {
  return byAws.some(([prefix, starter]) => starter === 'service' && startedBy.startsWith(prefix))
}

/**
 * Who started a task, as seen from a release.
 * @param release its id, and the commit that it deploys
 */
export function starterOf(
  startedBy: string,
  { id, sha }: { readonly id: string; readonly sha: string },
): Starter {
  const known = byAws.find(([prefix]) => startedBy.startsWith(prefix))
  if (known) return known[1]
  const [, commit, rest = ''] = ofCommit.exec(startedBy) ?? []
  if (commit === undefined) return 'anybody'
  if (commit !== sha) return 'another commit'
  if (rest.startsWith(id) && !/^[0-9A-Za-z]/.test(rest.slice(id.length))) return 'this release'
  return anyReleaseId.test(rest) ? 'another release' : 'this commit'
}
