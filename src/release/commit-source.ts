/** Where the containers name their commit: an environment variable, or a label (`dockerLabels`). */
export type CommitFrom = { readonly env: string } | { readonly label: string }

/** Where a task definition names the commit that it carries, and of which repository. */
export type CommitSource = {
  /** `owner/name` on GitHub. */
  readonly repository: string
  /** The containers that carry it; none: all of them. */
  readonly containers: readonly string[]
  /** The one place where they name it. Absent: the tags of their images, and the usual labels and variables. */
  readonly commitFrom?: CommitFrom
}

/** What a service environment says of it, and nothing else. */
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

/** Whether what an image carries names this commit: a part of its sha is enough. Null: it carries none. */
export function isOfCommit(carried: string | null, sha: string): boolean {
  return carried !== null && sha.startsWith(carried)
}

/** Whether this commit is among those that something carries. */
export function carriesCommit(commits: readonly string[], sha: string): boolean {
  return commits.some((carried) => isOfCommit(carried, sha))
}
