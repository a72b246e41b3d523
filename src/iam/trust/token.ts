import { hasOwnClaims } from '../issuer.ts'

/** The token of a job, as STS sees it. A claim whose value depends on more than the job is null. */
export type Token = {
  /** The issuer, without `https://`. */
  readonly issuer: string
  readonly claims: Readonly<Record<string, string | null>>
}

/** What is known of a claim. `present`: it is there, with a value that is not known. */
export type Claim =
  | { readonly is: 'known'; readonly value: string }
  | { readonly is: 'present' | 'absent' | 'unclear' }

/** The claims of GitHub that STS checks since January 2026, beside `aud` and `sub`. */
const checked = [
  'actor',
  'actor_id',
  'enterprise_id',
  'environment',
  'job_workflow_ref',
  'ref',
  'repository',
  'repository_id',
  'repository_owner_id',
  'workflow',
]

/** Claims that GitHub sends and STS does not know, so that a condition never sees them. */
const notChecked = [
  'base_ref',
  'check_run_id',
  'event_name',
  'head_ref',
  'job_workflow_sha',
  'ref_protected',
  'ref_type',
  'repository_owner',
  'repository_visibility',
  'run_attempt',
  'run_id',
  'run_number',
  'runner_environment',
  'sha',
  'workflow_ref',
  'workflow_sha',
]

/** Not every organization belongs to an enterprise. */
const notAlways = ['enterprise_id']

/** What a condition key means for a token. Keys are compared without case; those of other issuers are absent. */
export function claimIn({ issuer, claims }: Token, key: string): Claim {
  const lower = key.toLowerCase()
  const prefix = `${issuer.toLowerCase()}:`
  // Keys of AWS's own have a prefix without a dot, `aws:SourceIp`: the request decides them.
  if (!lower.startsWith(prefix)) return { is: lower.split(':')[0]!.includes('.') ? 'absent' : 'unclear' }
  const name = lower.slice(prefix.length)
  const isChecked = ['aud', 'sub'].includes(name) || (hasOwnClaims(issuer) && checked.includes(name))
  if (!isChecked) return { is: notChecked.includes(name) || checked.includes(name) ? 'absent' : 'unclear' }
  if (notAlways.includes(name)) return { is: 'unclear' }
  const value = claims[name]
  if (value === undefined) return { is: 'absent' }
  return value === null ? { is: 'present' } : { is: 'known', value }
}
