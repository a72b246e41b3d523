import { posix } from 'node:path'
import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import { type Client, ownerAndName, type Read } from './client.ts'

/** OpenAPI `git-tree`. `mode`: 120000 is a symlink; a `commit` is a submodule. */
const treeShape = z.object({
  truncated: z.boolean().default(false),
  tree: z.array(
    z.object({ path: z.string(), mode: z.string().default(''), type: z.string(), sha: z.string() }),
  ),
})

type Entry = z.infer<typeof treeShape>['tree'][number]

/** A symlink or a submodule: its target is not part of the tree. */
export type Link = { readonly kind: 'symlink' | 'submodule'; readonly path: string }

/** The object at a path. `link`: the path, or a folder in it, is a link. `unread`: the limit of folders was reached. */
export type Found =
  | { readonly found: 'file' | 'folder'; readonly sha: string }
  | { readonly found: 'link'; readonly link: Link }
  | { readonly found: 'nothing' | 'unread' }

/** Limit of folders read of one commit: one request each, which does not count against GitHub's limit if unchanged. */
const maxFolders = 100

/** Whether a commit is known to exist. One that only a workflow names may not: then it has no files. */
type Certainty = 'there' | 'perhaps'

/** The files of a commit, read folder by folder on demand: the whole tree of a large repository is many megabytes. */
export class Tree {
  readonly #client: Client
  readonly #repository: string
  readonly commit: string
  readonly #certainty: Certainty
  readonly #folders = new Map<string, Promise<readonly Entry[]>>()

  constructor(client: Client, repository: string, commit: string, certainty: Certainty = 'there') {
    this.#client = client
    this.#repository = repository
    this.commit = commit
    this.#certainty = certainty
  }

  /**
   * The sha of the `.github` tree, which contains workflows and the repository's files that they use; null if there is
   * none. Throws `Trouble`.
   */
  async github(): Promise<string | null> {
    const found = await this.find('.github')
    return found.found === 'folder' ? found.sha : null
  }

  /**
   * Finds a path. Throws `Trouble`.
   * @param path from the root, without `.` and `..`; empty: the root, by its commit
   */
  async find(path: string): Promise<Found> {
    if (path === '') return { found: 'folder', sha: this.commit }
    let sha = this.commit
    const names = path.split('/')
    for (const [index, name] of names.entries()) {
      const entries = await this.#folder(sha)
      if (entries === null) return { found: 'unread' }
      const entry = entries.find((each) => each.path === name)
      if (!entry) return { found: 'nothing' }
      const kind = linkKind(entry)
      if (kind !== null) return { found: 'link', link: { kind, path: names.slice(0, index + 1).join('/') } }
      if (index === names.length - 1)
        return { found: entry.type === 'tree' ? 'folder' : 'file', sha: entry.sha }
      if (entry.type !== 'tree') return { found: 'nothing' }
      sha = entry.sha
    }
    return { found: 'nothing' }
  }

  /**
   * The files and folders that match a path with `*` in its names. Throws `Trouble`.
   * @returns at most `most` paths; none if more match. Null: the limit of folders was reached
   */
  async fitting(path: string, most: number): Promise<readonly string[] | null> {
    let fitting: readonly string[] = ['']
    for (const name of path.split('/')) {
      const next: string[] = []
      for (const folder of fitting) {
        const names = name.includes('*') ? await this.#namesIn(folder) : [name]
        if (names === null) return null
        next.push(...names.filter((each) => fits(name, each)).map((each) => posix.join(folder, each)))
      }
      if (next.length > most) return []
      fitting = next
    }
    return fitting
  }

  /** Null if the limit of folders was reached. */
  async #namesIn(folder: string): Promise<readonly string[] | null> {
    const found = await this.find(folder)
    if (found.found === 'unread') return null
    if (found.found !== 'folder') return []
    return (await this.#folder(found.sha))?.map(({ path }) => path) ?? null
  }

  /**
   * The symlinks and submodules anywhere in a folder. Throws `Trouble`.
   * @returns `isWhole`: false if the folder has more files than GitHub lists
   */
  async links(folder: {
    readonly path: string
    readonly sha: string
  }): Promise<{ readonly links: readonly Link[]; readonly isWhole: boolean }> {
    const { tree, truncated } = await this.#read(folder.sha, { recursive: '1' })
    const links = tree.flatMap((entry): readonly Link[] => {
      const kind = linkKind(entry)
      return kind === null ? [] : [{ kind, path: `${folder.path}/${entry.path}` }]
    })
    return { links, isWhole: !truncated }
  }

  /** Null if the limit of folders was reached. */
  async #folder(sha: string): Promise<readonly Entry[] | null> {
    const known = this.#folders.get(sha)
    if (known) return known
    if (this.#folders.size >= maxFolders) return null
    const read = this.#read(sha, {}).then(({ tree, truncated }) => {
      if (truncated)
        throw new Trouble('terminal', `a folder of ${this.#repository} has more files than GitHub lists`)
      return tree
    })
    this.#folders.set(sha, read)
    return read
  }

  async #read(sha: string, options: { readonly recursive?: '1' }): Promise<z.infer<typeof treeShape>> {
    const treeRead: Read<z.infer<typeof treeShape>> = {
      route: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
      parameters: { ...ownerAndName(this.#repository), tree_sha: sha, ...options },
      shape: treeShape,
    }
    if (this.#certainty === 'there') return this.#client.read(treeRead)
    return (await this.#client.find(treeRead, [422])) ?? { truncated: false, tree: [] }
  }
}

/** Whether a name matches a pattern, with `*` for any characters. */
function fits(like: string, name: string): boolean {
  const [begin = '', ...rest] = like.split('*')
  const end = rest.pop()
  if (end === undefined) return name === like
  if (!name.startsWith(begin) || !name.endsWith(end) || name.length < begin.length + end.length) return false
  let at = begin.length
  for (const part of rest) {
    at = name.indexOf(part, at)
    if (at < 0) return false
    at += part.length
  }
  return at <= name.length - end.length
}

function linkKind({ mode, type }: Entry): Link['kind'] | null {
  if (mode === '120000') return 'symlink'
  return type === 'commit' ? 'submodule' : null
}
