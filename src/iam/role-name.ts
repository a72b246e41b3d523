/**
 * The name of the role that a deploy workflow assumes: `blog-api-deploy-production`. IAM allows 64 characters of this
 * alphabet; three stay free for a number. `repository`: `owner/name`.
 */
export function deployRoleName({
  repository,
  githubEnvironment,
}: {
  readonly repository: string
  readonly githubEnvironment: string
}): string {
  const name = `${repository.split('/')[1]}-deploy-${githubEnvironment}`
  return name.replaceAll(/[^\w+=,.@-]+/g, '-').slice(0, 61)
}
