import type { Service } from '@aws-sdk/client-ecs'
import { words } from './words.ts'

type EventsAsked = {
  readonly service: Pick<Service, 'events'> | undefined
  /** When the rollout began, ms. */
  readonly since: number
}

/**
 * What keeps a service from going on, the most telling first; last what says only that its tasks fail. Source: service
 * event messages, ECS developer guide.
 */
const hindrances: readonly RegExp[] = [
  /unable to place|RESOURCE:|could not launch \d+ task|failed to launch a task|unable to assume/i,
  /unable to stop or start tasks during a deployment/i,
  /failed to (?:register targets|describe target health)|TARGET (?:GROUP )?IS NOT FOUND/i,
  /misconfigured|being throttled|unable to reach steady state|timed out waiting/i,
  // In words that twokey does not know.
  /\b(?:unable|failed) to (?!consistently)|\bsubnet\b|\bIP address/i,
  /is (?:unhealthy|not healthy) in|failed container health checks/i,
  /unable to consistently start/i,
]

/** That a deployment ended says nothing of why. */
const ofDeployment = /^the service \(deployment |rolling back to deployment/

/** Why a rollout that has ended did not go on, by what its service said since it began; null: it said nothing of it. */
export function eventCause({ service, since }: EventsAsked): string | null {
  const recent = recentEvents(service, since).filter((message) => !ofDeployment.test(message))
  for (const hindrance of hindrances) {
    const found = recent.find((message) => hindrance.test(message))
    if (found) return words(found)
  }
  return null
}

/** What the service said since, newest first, without its own name in front and links to documentation behind. */
export function recentEvents(service: EventsAsked['service'], since: number): readonly string[] {
  return (service?.events ?? [])
    .filter(({ createdAt }) => createdAt === undefined || createdAt.getTime() >= since)
    .flatMap(({ message }) => (message === undefined ? [] : plain(message)))
}

function plain(message: string): string {
  return message
    .replace(/^\(service [^)]*\) |^service \S+ /, 'the service ')
    .replace(/\s*For more information, see .*$/s, '')
}
