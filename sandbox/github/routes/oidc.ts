import { ok } from '../answer.ts'
import type { RepositoryRoutes } from '../call.ts'

/** The subject of tokens of jobs. The repository has the usual template, with the names of owner and repository. */
export const oidcRoutes = {
  'GET /repos/{owner}/{repo}/actions/oidc/customization/sub': ({ repository }) =>
    ok({
      use_default: true,
      use_immutable_subject: false,
      sub_claim_prefix: `repo:${repository.fullName}`,
    }),
} satisfies RepositoryRoutes
