import type { DefinitionSeen, EnvironmentSeen, ServiceSeen, WorkflowsSeen } from '../ports/doctor.ts'
import type { Gate } from '../ports/gates.ts'
import type { GitHubAccount } from '../ports/setup.ts'
import { unmarked } from '../release/foreign.ts'
import type { Target } from '../release/names.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import type { SlackRead } from './check-setup.ts'
import type { Read } from './judge.ts'
import type { Judged } from './judged.ts'

/** Everything that doctor read, or why it could not. */
export type Seen = SlackRead & {
  readonly deployed: readonly DeployedSeen[]
  readonly account: Read<GitHubAccount>
}

/** What was read of a service environment. */
export type DeployedSeen = {
  readonly serviceEnvironment: ServiceEnvironment
  readonly workflows: Read<WorkflowsSeen>
  /** Null: GitHub has no such environment. */
  readonly environment: Read<EnvironmentSeen | null>
  readonly gate: Read<Gate>
  /** Null: ECS has no such service. */
  readonly services: readonly { readonly target: Target; readonly seen: Read<ServiceSeen | null> }[]
  /** Null: it has no migration, or ECS has no such family. */
  readonly migration: Read<DefinitionSeen | null>
}

/** Judges what was read. What could not be read names the permission that would show it. */
export function whenRead<T>(
  about: string,
  read: Read<T>,
  permission: string,
  judge: (value: T) => readonly Judged[],
): readonly Judged[] {
  if ('value' in read) return judge(read.value)
  const evidence = `could not be read: ${unmarked(read.trouble.message)}`
  return [{ about, verdict: 'not readable', evidence, next: `To read it, doctor needs ${permission}.` }]
}
