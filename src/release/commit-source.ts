/** Where containers name their commit: an environment variable, or a label (`dockerLabels`). */
export type CommitFrom = { readonly env: string } | { readonly label: string }

/** Where a task definition names its commit, and the commit's repository. */
export type CommitSource = {
  /** `owner/name` on GitHub. */
  readonly repository: string
  /** The containers that name the commit; empty: all of them. */
  readonly containers: readonly string[]
  /** The only field that names the commit. Absent: the tags of the images, and the usual labels and variables. */
  readonly commitFrom?: CommitFrom
}

/** Picks the commit source of a service environment. */
export function commitSource({ repository, containers, commitFrom }: CommitSource): CommitSource {
  return { repository, containers, ...(commitFrom && { commitFrom }) }
}

/** Where the revisions of a release name their commit. */
export function commitSourceOf({
  subject,
  ...named
}: Omit<CommitSource, 'repository'> & {
  readonly subject: Pick<CommitSource, 'repository'>
}): CommitSource {
  return commitSource({ ...named, repository: subject.repository })
}

/** Whether the commit of an image is this one; a part of the SHA suffices. Null: the image names none. */
export function isOfCommit(carried: string | null, sha: string): boolean {
  return carried !== null && sha.startsWith(carried)
}

/** Whether this commit is among those named. */
export function carriesCommit(commits: readonly string[], sha: string): boolean {
  return commits.some((carried) => isOfCommit(carried, sha))
}
