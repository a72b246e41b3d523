/**
 * The description of a deployment that twokey creates. CodeDeploy has no token that makes a request safe to repeat, so
 * this is how a deployment is found again.
 */
export function describe(releaseId: string, revision: string): string {
  return `twokey ${releaseId}: rolls back to ${revision}`
}

/** The release that a description names; null: it names none. */
export function releaseIn(description: string | undefined): string | null {
  return /^twokey ([\w-]+)(?=:|$)/.exec(description ?? '')?.[1] ?? null
}
