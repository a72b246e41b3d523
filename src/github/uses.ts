/** Whether `uses:` names a folder of the workspace, or a workflow of the same commit. */
export function isLocal(uses: string): boolean {
  return uses.startsWith('./') || uses.startsWith('../')
}

export function isFullCommit(ref: string): boolean {
  return /^[0-9a-f]{40}$/i.test(ref)
}

/** Whether it names one content for ever: a full commit, or the digest of an image. */
export function isPinned(uses: string): boolean {
  if (uses.startsWith('docker://')) return /@sha256:[0-9a-f]{64}$/i.test(uses)
  return isFullCommit(uses.slice(uses.lastIndexOf('@') + 1))
}

/** In the order in which people should read them: those of the owner's other repositories first, GitHub's own actions last. */
export function byOwner(uses: Iterable<string>, repository: string): readonly string[] {
  const owner = repository.split('/')[0]!.toLowerCase()
  const rank = (each: string) => {
    const lower = each.toLowerCase()
    if (lower.startsWith(`${owner}/`)) return 0
    return lower.startsWith('actions/') ? 2 : 1
  }
  return [...uses].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))
}
