import type { Service } from '@aws-sdk/client-ecs'
import { words } from './words.ts'

type EventsQuery = {
  readonly service: Pick<Service, 'events'> | undefined
  /** When the rollout began, ms. */
  readonly since: number
}

type Complaint = {
  readonly says: RegExp
  /** A newer event of this kind means that the problem is over, as a steady state does. */
  readonly over: RegExp
}

const started = /has started \d+ tasks/i
const tasksChanged = /has (?:started|stopped) \d+/i
const registered = /registered \d+ targets/i
const steady = /has reached a steady state/i

/** What blocks a service, the most specific first. Source: service event messages, ECS developer guide. */
const causes: readonly Complaint[] = [
  {
    says: /unable to place|RESOURCE:|could not launch \d+ task|failed to launch a task|unable to assume/i,
    over: started,
  },
  { says: /unable to stop or start tasks during a deployment/i, over: tasksChanged },
  {
    says: /failed to (?:register targets|describe target health)|TARGET (?:GROUP )?IS NOT FOUND/i,
    over: registered,
  },
  {
    says: /misconfigured|being throttled|unable to reach steady state|timed out waiting/i,
    over: tasksChanged,
  },
  // Unknown messages that look like an error.
  { says: /\b(?:unable|failed) to (?!consistently)|\bsubnet\b|\bIP address/i, over: started },
]

/** Events which say that tasks fail, but not why. */
const symptoms: readonly Complaint[] = [
  { says: /is (?:unhealthy|not healthy) in|failed container health checks/i, over: steady },
  { says: /unable to consistently start/i, over: steady },
]

/** Events about the end of a deployment do not explain it. */
const ofDeployment = /^the service \(deployment |rolling back to deployment/

/** For how long ECS omits a message that it has sent already, ms. Source: as above. */
const repeatIntervalMs = 6 * 60 * 60_000

/** Why a rollout that has ended failed, by the events of its service since it began; null if none explains it. */
export function eventCause({ service, since }: EventsQuery): string | null {
  const recent = eventsOf(service).filter(isSince(since))
  for (const { says } of [...causes, ...symptoms]) {
    const found = recent.find(({ message }) => says.test(message))
    if (found) return words(found.message)
  }
  return null
}

/**
 * What blocks a rollout now, by its service's events that no later event revoked. Events before the rollout count too,
 * because ECS does not repeat a message while the cause persists.
 * @param from older events are ignored, ms
 */
export function causeNow({ service, since }: EventsQuery, from = since - repeatIntervalMs): string | null {
  const events = eventsOf(service)
  for (const cause of causes) {
    const last = standing(events, cause)
    if (last === undefined || !isSince(from)(last)) continue
    const isEarlier = last.at !== null && last.at < since
    return `${words(last.message)}${isEarlier ? ' (reported before this rollout, and not resolved since)' : ''}`
  }
  return null
}

/** The latest event about failing tasks of a rollout. */
export function symptomNow({ service, since }: EventsQuery): string | null {
  const events = eventsOf(service)
  for (const symptom of symptoms) {
    const last = standing(events, symptom)
    if (last !== undefined && isSince(since)(last)) return words(last.message)
  }
  return null
}

function standing(events: readonly Event[], complaint: Complaint): Event | undefined {
  const isComplaint = ({ message }: Event) => complaintIn(message) === complaint
  const last = events.find(
    (event) => isComplaint(event) || complaint.over.test(event.message) || steady.test(event.message),
  )
  return last && isComplaint(last) ? last : undefined
}

function complaintIn(message: string): Complaint | undefined {
  return [...causes, ...symptoms].find(({ says }) => says.test(message))
}

/** Whether more tasks were started since than requested: some of them have stopped. */
export function hasRestarted({ service, since }: EventsQuery, requested: number): boolean {
  const counts = eventsOf(service)
    .filter(isSince(since))
    .map(({ message }) => Number(/has started (\d+) tasks/i.exec(message)?.[1] ?? 0))
  return counts.reduce((sum, count) => sum + count, 0) > requested
}

/** The service's events since a time, newest first, without those that people know or need not read. */
export function recentEvents(service: EventsQuery['service'], since: number): readonly string[] {
  return allEvents(service)
    .filter(isSince(since))
    .map(({ message }) => message)
}

type Event = { readonly at: number | null; readonly message: string }

const isSince =
  (since: number) =>
  ({ at }: Event): boolean =>
    at === null || at >= since

function eventsOf(service: EventsQuery['service']): readonly Event[] {
  return allEvents(service).filter(({ message }) => !ofDeployment.test(message))
}

function allEvents(service: EventsQuery['service']): readonly Event[] {
  return (service?.events ?? []).flatMap(({ createdAt, message }) =>
    message === undefined ? [] : { at: createdAt?.getTime() ?? null, message: plain(message) },
  )
}

function plain(message: string): string {
  return (
    message
      .replace(/^\(service [^)]*\) |^service \S+ /, 'the service ')
      .replace(/\s*For more information, see .*$/s, '')
      // The name of a target group is sufficient, and leaves room for the error behind it.
      .replace(/\barn:aws[\w-]*:elasticloadbalancing:[^:]*:\d*:targetgroup\/([\w-]+)\/\w+/g, '$1')
  )
}
