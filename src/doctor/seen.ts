import type {
  DefinitionSeen,
  EnvironmentSeen,
  FailedSignIn,
  LostImageSeen,
  RoleSeen,
  SecretSeen,
  ServiceSeen,
  SubjectSeen,
  SubnetSeen,
  TargetGroupSeen,
  WorkflowsSeen,
} from '../ports/doctor.ts'
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
  /** Of the tokens of jobs, without `https://`. */
  readonly issuer: string
  readonly clockAheadMs: number
}

/** What was read of a service environment. */
export type DeployedSeen = {
  readonly serviceEnvironment: ServiceEnvironment
  readonly workflows: Read<WorkflowsSeen>
  /** Null: GitHub has no such environment. */
  readonly environment: Read<EnvironmentSeen | null>
  readonly gate: Read<Gate>
  readonly services: readonly TargetSeen[]
  /** Null: it has no migration, or ECS has no such family. */
  readonly migration: Read<DefinitionSeen | null>
  /** Of that definition. */
  readonly neededByMigration: NeededSeen
  /** Null: the deploy job assumes none. */
  readonly signIn: SignInSeen | null
}

/** What shows which jobs can get the credentials of AWS. */
export type SignedInSeen = Pick<DeployedSeen, 'serviceEnvironment' | 'workflows' | 'environment' | 'signIn'>

/** An ECS service. `seen` null: ECS has none. */
export type TargetSeen = {
  readonly target: Target
  readonly seen: Read<ServiceSeen | null>
  readonly subnets: Read<readonly SubnetSeen[]>
  readonly targetGroups: Read<readonly TargetGroupSeen[]>
  readonly needed: NeededSeen
}

/** What the tasks of a definition need to start; empty if there is none. */
export type NeededSeen = {
  readonly missingLogGroups: Read<readonly string[]>
  readonly secrets: Read<readonly SecretSeen[]>
  readonly refusedSecrets: Read<readonly string[]>
  readonly lostImages: Read<readonly LostImageSeen[]>
}

/** How the deploy job gets the credentials of AWS. */
export type SignInSeen = {
  /** As the workflow has it: an ARN, or an expression that only the run can evaluate. */
  readonly role: string
  readonly subject: Read<SubjectSeen>
  /** Null: IAM has no such role, or its ARN is not known. */
  readonly seen: Read<RoleSeen | null>
  /** The audiences of the OIDC provider; null: there is no provider. */
  readonly audiences: Read<readonly string[] | null>
  readonly failed: Read<FailedSignIn | null>
}

/** Whether it is the ARN of a role. */
export function isRoleArn(role: string): boolean {
  return /^arn:aws[\w-]*:iam::\d{12}:role\/[^$]+$/.test(role)
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
