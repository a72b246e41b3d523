/** A task definition revision, and the commit of the repository that it carries. */
export type Revision = {
  /** `blog-api:42` */
  readonly name: string
  readonly arn: string
  /** The full sha of the one commit that is known; else null. */
  readonly commit: string | null
  /** Why no one commit is known. Absent: the revision names none. */
  readonly unknown?: UnknownCommit
}

/** Why the commit of a revision is not known. `reason`: for people, without a full stop. */
export type UnknownCommit =
  /** GitHub could not be asked: that is not "no commit". */
  | { readonly because: 'unread'; readonly reason: string }
  /** What should name the commit is not there. */
  | { readonly because: 'missing'; readonly reason: string }
  /** It names several commits of the repository. */
  | { readonly because: 'several'; readonly commits: readonly string[] }

/** The image of a container. `digest`: what its name meant when it was rolled out last; null where ECS does not tell. */
export type ContainerImage = {
  readonly container: string
  readonly image: string
  readonly digest: string | null
}
