import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { CodeDeploy } from '@aws-sdk/client-codedeploy'
import { ECS } from '@aws-sdk/client-ecs'
import type { RemoteClock } from '../../runtime/remote-clock.ts'
import type { Access, Account } from '../accounts/access.ts'

/** The SDK's clients of one account and region. `clock` is AWS's, updated by each answer. */
export type Clients = {
  readonly ecs: ECS
  readonly logs: CloudWatchLogs
  readonly codeDeploy: CodeDeploy
  /** Clients that never retry a request, for what a release changes. */
  acting(releaseId: string): ActingClients
  readonly clock: RemoteClock
}

type ActingClients = { readonly ecs: ECS; readonly codeDeploy: CodeDeploy }

/** Creates the clients: three attempts for reads, one for changes. */
export function clientsOf({ reading, acting, clock }: Account): Clients {
  const once = { ecs: ecsBy(reading, 1), codeDeploy: codeDeployBy(reading, 1) }
  return {
    ecs: ecsBy(reading, 3),
    codeDeploy: codeDeployBy(reading, 3),
    logs: reading.prepare(new CloudWatchLogs({ ...reading.settings, maxAttempts: 3 })),
    acting(releaseId) {
      const access = acting(releaseId)
      if (access === reading) return once
      // A release has a session of its own, and each of its actions needs only one of the clients.
      return {
        get ecs() {
          return ecsBy(access, 1)
        },
        get codeDeploy() {
          return codeDeployBy(access, 1)
        },
      }
    },
    clock,
  }
}

function ecsBy({ settings, prepare }: Access, maxAttempts: number): ECS {
  return prepare(new ECS({ ...settings, maxAttempts }))
}

function codeDeployBy({ settings, prepare }: Access, maxAttempts: number): CodeDeploy {
  return prepare(new CodeDeploy({ ...settings, maxAttempts }))
}
