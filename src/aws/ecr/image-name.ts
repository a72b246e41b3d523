/** An image in a private registry of ECR, as a task definition names it. */
export type EcrImage = {
  readonly account: string
  readonly region: string
  readonly repository: string
  /** As in `imageIds`: a digest if the name has one, else the tag. */
  readonly id: { readonly imageDigest: string } | { readonly imageTag: string }
}

/** The registry of an account and region, its repository, and a tag or a digest. Source: ECR user guide, private registries. */
const shape =
  /^(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)\/(?<repository>[^:@]+)(?::(?<tag>[^@]+))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/

/** Null if the image is not in a private registry of ECR. */
export function ecrImage(name: string): EcrImage | null {
  const { account, region, repository, tag, digest } = shape.exec(name)?.groups ?? {}
  if (account === undefined || region === undefined || repository === undefined) return null
  const id = digest === undefined ? { imageTag: tag ?? 'latest' } : { imageDigest: digest }
  return { account, region, repository, id }
}
