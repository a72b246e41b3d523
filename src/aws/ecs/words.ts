import { maskLine } from '../../text/mask.ts'

/**
 * Prepares an AWS text for a sentence of ours: one line, no secrets, no full stop, at most `most` characters. The
 * middle is cut: if errors wrap errors, the cause comes last.
 */
export function words(text: string, most = 240): string {
  const line = maskLine(text.replace(/\s+/g, ' '))
    .trim()
    .replace(/[.\s]+$/, '')
  if (line.length <= most) return line
  const end = Math.floor(most / 3)
  return `${line.slice(0, most - end - 3).trimEnd()} … ${line.slice(-end).trimStart()}`
}

/** The last part of an ARN: `…:task-definition/blog-api:42` → `blog-api:42`. */
export function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

/** ECS's id of a service revision, as `deployments[]` and `startedBy` name it: `ecs-svc/<n>`. */
export function deploymentIdOf(serviceRevisionArn: string): string {
  return `ecs-svc/${lastPart(serviceRevisionArn)}`
}

/** `1 failed task`, `3 failed tasks`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `1 of 2 tasks running, 1 pending`. */
export function runningTasks(running: number, requested: number, pending = 0): string {
  const rest = pending > 0 ? `, ${pending} pending` : ''
  return `${running} of ${counted(requested, 'task')} running${rest}`
}
