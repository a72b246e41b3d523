import type { App } from './apps.ts'

/** A custom deployment protection rule: an App that jobs wait for. */
export type ProtectionRule = { readonly id: number; readonly app: App }

/** The gate of one job: what it waits for before it deploys. */
export type Gate = {
  readonly since: number
  /** What a required reviewer said; absent if the environment has none. */
  review: 'pending' | 'approved' | 'rejected' | undefined
  readonly rules: readonly GateRule[]
  /** An administrator started the job. */
  isBypassed: boolean
}

/** What the App of a rule said about one job, and its status reports. */
export type GateRule = {
  readonly rule: ProtectionRule
  state: 'pending' | 'approved' | 'rejected'
  readonly reports: string[]
}
