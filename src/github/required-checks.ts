import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import type { TroubleKind } from '../release/sighting.ts'
import { type Client, ownerAndName } from './client.ts'

/** OpenAPI `branch-with-protection`. Without protection, GitHub names no checks there. */
const branchShape = z.object({
  protection: z
    .object({
      required_status_checks: z
        .object({
          contexts: z.array(z.string()).nullish(),
          checks: z.array(z.object({ context: z.string(), app_id: z.number().nullish() })).nullish(),
        })
        .nullish(),
    })
    .nullish(),
})

/** OpenAPI `repository-rule-detailed`, of which one type names checks. */
const rulesShape = z
  .array(
    z.object({
      type: z.string(),
      parameters: z
        .object({
          required_status_checks: z
            .array(z.object({ context: z.string(), integration_id: z.number().nullish() }))
            .nullish(),
        })
        .nullish(),
    }),
  )
  .readonly()

/** A check that GitHub requires. `app`: the App that has to report it; null: any. */
export type RequiredContext = { readonly name: string; readonly app: number | null }

type Branch = { readonly repository: string; readonly branch: string }

/**
 * The checks that GitHub requires for a branch, by its protection and by rulesets. What the token may not read names none, as
 * rulesets where the plan has none. `missing`: why they are not known now.
 */
export async function checksRequiredOn(
  client: Client,
  at: Branch,
): Promise<
  | { readonly contexts: readonly RequiredContext[] }
  | { readonly missing: { readonly kind: TroubleKind; readonly reason: string } }
> {
  try {
    const [byProtection, byRulesets] = await Promise.all([
      orNone(ofProtection(client, at)),
      orNone(ofRulesets(client, at)),
    ])
    const all = [...byProtection, ...byRulesets]
    return { contexts: [...new Map(all.map((each) => [`${each.app} ${each.name}`, each])).values()] }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { missing: { kind: error.kind, reason: error.message } }
  }
}

async function orNone(reading: Promise<readonly RequiredContext[]>): Promise<readonly RequiredContext[]> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof Trouble && error.kind === 'terminal') return []
    throw error
  }
}

/** https://docs.github.com/rest/branches/branches#get-a-branch */
async function ofProtection(
  client: Client,
  { repository, branch }: Branch,
): Promise<readonly RequiredContext[]> {
  const { protection } = await client.read({
    route: 'GET /repos/{owner}/{repo}/branches/{branch}',
    parameters: { ...ownerAndName(repository), branch },
    shape: branchShape,
  })
  const { contexts, checks } = protection?.required_status_checks ?? {}
  const pinned = (checks ?? []).map(({ context: name, app_id: app }) => ({ name, app: anyIfNone(app) }))
  const others = (contexts ?? []).filter((name) => !pinned.some((check) => check.name === name))
  return [...pinned, ...others.map((name) => ({ name, app: null }))]
}

/** https://docs.github.com/rest/repos/rules#get-rules-for-a-branch */
async function ofRulesets(
  client: Client,
  { repository, branch }: Branch,
): Promise<readonly RequiredContext[]> {
  const rules = await client.read({
    route: 'GET /repos/{owner}/{repo}/rules/branches/{branch}',
    parameters: { ...ownerAndName(repository), branch, per_page: 100 },
    shape: rulesShape,
  })
  return rules
    .filter(({ type }) => type === 'required_status_checks')
    .flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
    .map(({ context: name, integration_id: app }) => ({ name, app: anyIfNone(app) }))
}

/** GitHub writes -1 for any App, too. */
function anyIfNone(app: number | null | undefined): number | null {
  return app === undefined || app === null || app < 0 ? null : app
}
