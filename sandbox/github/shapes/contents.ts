import type { TreeEntry } from '../git.ts'
import type { Repository } from '../repository.ts'
import type { Addresses } from './accounts.ts'
import { repositoryPage, repositoryUrl } from './repositories.ts'

/** In lists, GitHub calls a submodule a file. */
const kinds = { '100644': 'file', '040000': 'dir', '120000': 'symlink', '160000': 'file' } as const

/** One entry of OpenAPI `content-directory`; the entry's path is from the root. */
export function contentEntry(entry: TreeEntry, ref: string, repository: Repository, at: Addresses) {
  const url = repositoryUrl(repository, at)
  const self = `${url}/contents/${entry.path}?ref=${encodeURIComponent(ref)}`
  const git = `${url}/git/${entry.type}s/${entry.sha}`
  const kind = entry.type === 'tree' ? 'tree' : 'blob'
  const html = `${repositoryPage(repository, at)}/${kind}/${ref}/${entry.path}`
  const raw = `https://raw.githubusercontent.com/${repository.fullName}/${ref}/${entry.path}`
  return {
    type: kinds[entry.mode],
    size: Buffer.byteLength(repository.git.blobs.get(entry.sha) ?? ''),
    name: entry.path.split('/').at(-1)!,
    path: entry.path,
    sha: entry.sha,
    url: self,
    git_url: git,
    html_url: html,
    download_url: entry.type === 'blob' ? raw : null,
    _links: { self, git, html },
  }
}

/** OpenAPI `content-file`: base64 in lines of 60, as GitHub wraps it. */
export function contentFile(entry: TreeEntry, ref: string, repository: Repository, at: Addresses) {
  const base64 = Buffer.from(repository.git.blobs.get(entry.sha)!).toString('base64')
  return {
    ...contentEntry(entry, ref, repository, at),
    content: base64.replace(/.{1,60}/g, '$&\n'),
    encoding: 'base64',
  }
}

/** OpenAPI `content-symlink`, for a symlink whose target is not a file of the repository. */
export function contentSymlink(
  entry: TreeEntry,
  target: string,
  ref: string,
  repository: Repository,
  at: Addresses,
) {
  return { ...contentEntry(entry, ref, repository, at), type: 'symlink', target }
}

/** OpenAPI `content-submodule`. */
export function contentSubmodule(entry: TreeEntry, ref: string, repository: Repository, at: Addresses) {
  return {
    ...contentEntry(entry, ref, repository, at),
    type: 'submodule',
    submodule_git_url: `${at.html}/${repository.owner}/${entry.path.split('/').at(-1)}.git`,
  }
}
