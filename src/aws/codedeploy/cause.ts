import type { DeploymentInfo, ECSTarget, LifecycleEvent } from '@aws-sdk/client-codedeploy'
import { words } from '../ecs/words.ts'
import { eventIn } from './ecs-target.ts'

type Ended = {
  readonly deployment: DeploymentInfo
  readonly target: ECSTarget | undefined
  /** Names of the alarms that the deployment watches. */
  readonly alarms: readonly string[]
}

/**
 * Why a deployment failed or was stopped, in a few words; null: CodeDeploy does not say.
 * Source of the codes: API reference, ErrorInformation.
 */
export function causeOf({ deployment, target, alarms }: Ended): string | null {
  const { code, message } = deployment.errorInformation ?? {}
  const said = message ? words(message) : null
  switch (code) {
    case undefined:
      return said
    case 'ALARM_ACTIVE':
      return alarmText(alarms)
    case 'HOOK_EXECUTION_FAILURE':
      return hookText(eventIn(target, 'Failed')) ?? said ?? 'a hook failed'
    case 'MANUAL_STOP':
      return deployment.status === 'Stopped' ? 'somebody stopped it' : said
    case 'TIMEOUT':
      return timeoutText(target) ?? said ?? 'it took too long'
    case 'ECS_UPDATE_ERROR':
      return said === null ? 'ECS refused it' : `ECS refused it: ${said}`
    default:
      return said === null ? words(code, 60) : `${said} (${words(code, 60)})`
  }
}

function alarmText(alarms: readonly string[]): string {
  const names = words(alarms.join(', '))
  if (alarms.length === 0) return 'a CloudWatch alarm is active'
  return alarms.length === 1
    ? `the CloudWatch alarm ${names} is active`
    : `one of the CloudWatch alarms ${names} is active`
}

function hookText(event: LifecycleEvent | undefined): string | null {
  if (event?.lifecycleEventName === undefined) return null
  const { message, logTail } = event.diagnostics ?? {}
  const why = message || logTail
  return `the hook ${words(event.lifecycleEventName, 60)} failed${why ? ` (${words(why)})` : ''}`
}

/** Source: AppSpec “hooks” section, Amazon ECS: an event has at most an hour. */
function timeoutText(target: ECSTarget | undefined): string | null {
  const name = eventIn(target, 'Failed')?.lifecycleEventName
  if (name === undefined) return null
  return name === 'Install'
    ? 'its tasks did not become healthy within an hour'
    : `${words(name, 60)} did not end within an hour`
}
