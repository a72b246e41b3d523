/** Whether `uses:` names a folder of the workspace, or a workflow of the same commit. */
export function isLocal(uses: string): boolean {
  return /^\.\.?[\\/]/.test(uses)
}

/**
 * The path in the repository itself that `uses:` names at the workflow's commit, without a checkout; null if it names
 * something else. Source: docs.github.com, workflow syntax, `jobs.<job_id>.steps[*].uses`; actions/runner#4457.
 */
export function selfPath(uses: string): string | null {
  return /^\$\/+([^/].*)$/.exec(uses)?.[1] ?? null
}

/** Whether it is of the repository itself, from the workspace or from the workflow's commit. */
export function isOwn(uses: string): boolean {
  return isLocal(uses) || selfPath(uses) !== null
}

/** Whether it checks out files of a repository into the workspace. */
export function isCheckout(uses: string): boolean {
  return /^actions\/checkout@/i.test(uses)
}

/** Whether the name of another action suggests a checkout: how it uses its settings is not known. */
export function isLikeCheckout(uses: string): boolean {
  return !isCheckout(uses) && !uses.startsWith('docker://') && /checkout|clone/i.test(uses.split('@')[0]!)
}

/**
 * The setting that names an action's build context; null if the action is not known to build an image. Without the
 * setting these actions use the commit that the run starts on, by git, instead of the workspace. Source: the README of
 * both, "Git context"; of docker/bake-action since v6.
 */
export function contextSetting(uses: string): 'context' | 'source' | null {
  if (/^docker\/build-push-action@(?!v1\b)/i.test(uses)) return 'context'
  return /^docker\/bake-action@(?!v[1-5]\b)/i.test(uses) ? 'source' : null
}

export function isFullCommit(ref: string): boolean {
  return /^[0-9a-f]{40}$/i.test(ref)
}

/** Whether it names immutable content: a full commit, or the digest of an image. */
export function isPinned(uses: string): boolean {
  if (uses.startsWith('docker://')) return /@sha256:[0-9a-f]{64}$/i.test(uses)
  return isFullCommit(uses.slice(uses.lastIndexOf('@') + 1))
}

/** Owners whose actions nearly every workflow uses, so their names tell people little; GitHub's own last. */
const wellKnown = [
  'aws-actions',
  'azure',
  'docker',
  'google-github-actions',
  'hashicorp',
  'github',
  'actions',
]

/**
 * Sorts by importance, because a card shows only the first entries: little-known owners, then the repository's own owner,
 * then the rest.
 * @param nameOf an action, an image or a repository
 */
export function byOwner<T>(
  items: Iterable<T>,
  repository: string,
  nameOf: (item: T) => string,
): readonly T[] {
  const own = ownerOf(repository)
  const rank = (item: T) => {
    const owner = ownerOf(nameOf(item))
    if (owner === own) return 1
    return wellKnown.includes(owner) ? 2 + wellKnown.indexOf(owner) : 0
  }
  return [...items].sort((one, other) => rank(one) - rank(other) || (nameOf(one) < nameOf(other) ? -1 : 1))
}

function ownerOf(name: string): string {
  // Docker's official images have no owner in their name.
  if (/^docker:\/\/[^/]+$/.test(name)) return 'docker'
  return name.split('/')[0]!.toLowerCase()
}
