/** A task definition revision, and its commit of the repository. */
export type Revision = {
  /** `blog-api:42` */
  readonly name: string
  readonly arn: string
  /** The full SHA of its only known commit; otherwise null. */
  readonly commit: string | null
  /** Why no one commit is known. Absent: the revision names none. */
  readonly unknown?: UnknownCommit
}

/** Why the commit of a revision is not known. `reason`: for people, without a full stop. */
export type UnknownCommit =
  /** GitHub could not be read: that is not "no commit". */
  | { readonly because: 'unread'; readonly reason: string }
  /** The container or field that should name the commit is missing. */
  | { readonly because: 'missing'; readonly reason: string }
  /** The revision names several commits of the repository. */
  | { readonly because: 'several'; readonly commits: readonly string[] }

/** The image of a container. `digest`: what its name meant at its last rollout; null if ECS does not show it. */
export type ContainerImage = {
  readonly container: string
  readonly image: string
  readonly digest: string | null
}
