import type { RolloutTime } from '../../release/rollout-time.ts'
import { duration } from '../mrkdwn.ts'

const minutes = (count: number) => duration(count * 60_000)

/** How long CodeDeploy takes by its configuration, so that nobody approves a rollback that is slower than expected. */
export function rolloutTimeText({ shift, ready, termination }: RolloutTime): string {
  const parts = [
    shift > 0 ? `${minutes(shift)} of traffic shift` : 'all traffic at once',
    ...(termination > 0 ? [`${minutes(termination)} until the tasks before it stop`] : []),
  ]
  const total = shift + termination
  const about =
    total > 0 ? `about ${minutes(total)} after its tasks are healthy` : 'as soon as its tasks are healthy'
  const waits = ready === null ? '' : `. It first waits up to ${minutes(ready)} until a person continues it`
  return `CodeDeploy finishes ${about}: ${parts.join(', then ')}${waits}.`
}
