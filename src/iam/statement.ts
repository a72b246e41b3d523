import type { Text } from './text.ts'

/** Conditions of a statement: operator, then key, then the values of which one has to match. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly Text[]>>>>

/** One statement of a permissions policy. It allows; twokey needs no Deny. */
export type Statement = {
  /** Letters and digits. */
  readonly sid: string
  /** Why it is needed, one sentence. */
  readonly why: string
  /** `service:Action`, sorted. */
  readonly actions: readonly string[]
  readonly resources: readonly Text[]
  readonly conditions?: Conditions
}

/** The one statement of a trust policy. */
export type TrustStatement = {
  readonly sid: string
  readonly why: string
  readonly action: 'sts:AssumeRole' | 'sts:AssumeRoleWithWebIdentity'
  readonly principal: { readonly AWS: Text } | { readonly Federated: Text }
  readonly conditions?: Conditions
}

/** What twokey, or a workflow, needs permissions for. */
export const features = [
  'follow',
  'rollback',
  'codedeploy',
  'accounts',
  'events',
  'doctor',
  'deploy',
] as const

export type Feature = (typeof features)[number]

/**
 * Those that are included without a request. twokey.yml does not say which services CodeDeploy deploys, and nothing depends
 * on `/deploy doctor`.
 */
export const usualFeatures: readonly Feature[] = features.filter(
  (feature) => feature !== 'codedeploy' && feature !== 'doctor',
)

/** A permissions policy. */
export type Policy = { readonly feature: Feature; readonly statements: readonly Statement[] }

/** A role, or what is attached to one that exists already. */
export type Role = {
  readonly name: string
  readonly account: Text
  /** Who assumes it, a noun phrase. */
  readonly of: string
  /** Null: the role that twokey runs as, which depends on where it runs. */
  readonly trust: TrustStatement | null
  readonly policies: readonly Policy[]
}
