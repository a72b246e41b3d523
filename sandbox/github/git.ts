import { createHash } from 'node:crypto'

/** The author of a commit; `login` is null if no GitHub account has the address. */
export type Author = { readonly name: string; readonly email: string; readonly login: string | null }

export type Commit = {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Author
  readonly message: string
  /** ISO 8601, to the second. */
  readonly date: string
}

export type TreeEntry = {
  readonly path: string
  /** 120000 is a symlink, whose blob is its target; 160000 a submodule, whose sha is a commit of another repository. */
  readonly mode: '100644' | '040000' | '120000' | '160000'
  readonly type: 'blob' | 'tree' | 'commit'
  readonly sha: string
}

export type AnnotatedTag = {
  readonly sha: string
  readonly tag: string
  readonly message: string
  readonly tagger: Author
  readonly date: string
  readonly object: string
}

/** The object that a ref points to: a commit, or an annotated tag. */
export type Target = { readonly type: 'commit' | 'tag'; readonly sha: string }

/** The content of a path: a text, a symlink or a submodule. */
export type Content = string | { readonly symlink: string } | { readonly submodule: string }

/** Contents by path from the root. */
export type Files = Readonly<Record<string, Content>>

/** The objects and refs of one repository. Shas of blobs, trees and tags are those that git computes. */
export class Git {
  readonly blobs = new Map<string, string>()
  readonly trees = new Map<string, readonly TreeEntry[]>()
  /** In order of creation: parents before children. */
  readonly commits = new Map<string, Commit>()
  readonly tags = new Map<string, AnnotatedTag>()
  /** By short name: `heads/main`, `tags/v1.4.2`. */
  readonly refs = new Map<string, Target>()

  /** Stores the files as nested trees, and returns the root's sha. */
  writeTree(files: Files): string {
    const folders = new Map<string, Record<string, Content>>()
    const entries: TreeEntry[] = []
    for (const [path, content] of Object.entries(files)) {
      const slash = path.indexOf('/')
      if (slash < 0) entries.push(this.#entry(path, content))
      else {
        const folder = path.slice(0, slash)
        folders.set(folder, { ...folders.get(folder), [path.slice(slash + 1)]: content })
      }
    }
    for (const [path, inner] of folders)
      entries.push({ path, mode: '040000', type: 'tree', sha: this.writeTree(inner) })
    entries.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    const body = Buffer.concat(
      entries.map((entry) =>
        Buffer.concat([
          Buffer.from(`${entry.mode.replace(/^0/, '')} ${entry.path}\0`),
          Buffer.from(entry.sha, 'hex'),
        ]),
      ),
    )
    const sha = objectSha('tree', body)
    this.trees.set(sha, entries)
    return sha
  }

  #entry(path: string, content: Content): TreeEntry {
    if (typeof content === 'string')
      return { path, mode: '100644', type: 'blob', sha: this.#writeBlob(content) }
    return 'symlink' in content
      ? { path, mode: '120000', type: 'blob', sha: this.#writeBlob(content.symlink) }
      : { path, mode: '160000', type: 'commit', sha: content.submodule }
  }

  #writeBlob(text: string): string {
    const sha = objectSha('blob', Buffer.from(text))
    this.blobs.set(sha, text)
    return sha
  }

  /** Stores a commit; its sha is computed unless one is given. */
  writeCommit(commit: Omit<Commit, 'sha'> & { readonly sha?: string }): Commit {
    const seconds = Date.parse(commit.date) / 1000
    const { name, email } = commit.author
    const lines = [
      `tree ${commit.tree}`,
      ...commit.parents.map((parent) => `parent ${parent}`),
      `author ${name} <${email}> ${seconds} +0000`,
      `committer ${name} <${email}> ${seconds} +0000`,
    ]
    const text = `${lines.join('\n')}\n\n${commit.message}\n`
    const written = { ...commit, sha: commit.sha ?? objectSha('commit', Buffer.from(text)) }
    this.commits.set(written.sha, written)
    return written
  }

  /** Stores an annotated tag's object. The caller sets the ref. */
  writeTag(tag: Omit<AnnotatedTag, 'sha'>): AnnotatedTag {
    const { name, email } = tag.tagger
    const tagger = `tagger ${name} <${email}> ${Date.parse(tag.date) / 1000} +0000`
    const text = `object ${tag.object}\ntype commit\ntag ${tag.tag}\n${tagger}\n\n${tag.message}\n`
    const written = { ...tag, sha: objectSha('tag', Buffer.from(text)) }
    this.tags.set(written.sha, written)
    return written
  }

  /** The commit that a ref points to, directly or through an annotated tag. */
  tip(ref: string): Commit | undefined {
    const target = this.refs.get(ref)
    if (!target) return undefined
    const sha = target.type === 'tag' ? this.tags.get(target.sha)?.object : target.sha
    return sha === undefined ? undefined : this.commits.get(sha)
  }

  /** Resolves a branch, a tag, a full sha or an unambiguous short one (7 digits or more) to a commit. */
  resolve(name: string): Commit | undefined {
    const plain = name.replace(/^refs\//, '')
    const named = this.tip(plain) ?? this.tip(`heads/${plain}`) ?? this.tip(`tags/${plain}`)
    if (named) return named
    const whole = this.commits.get(plain)
    if (whole || !/^[0-9a-f]{7,39}$/.test(plain)) return whole
    const starting = [...this.commits.values()].filter((commit) => commit.sha.startsWith(plain))
    return starting.length === 1 ? starting[0] : undefined
  }

  /** The commit and all its ancestors, newest first. */
  history(sha: string): Commit[] {
    const reached = this.#reach(sha)
    return [...this.commits.values()].filter((commit) => reached.has(commit.sha)).reverse()
  }

  #reach(sha: string): Set<string> {
    const reached = new Set<string>()
    const waiting = [sha]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue
      reached.add(next)
      waiting.push(...(this.commits.get(next)?.parents ?? []))
    }
    return reached
  }

  /** Whether the commit is the branch's tip or one of its ancestors. */
  isOnBranch(sha: string, branch: string): boolean {
    const tip = this.tip(`heads/${branch}`)
    return tip !== undefined && this.#reach(tip.sha).has(sha)
  }

  /**
   * The commits of `head` that `base` does not have (oldest first), how many commits it is behind, and the merge base.
   */
  compare(base: string, head: string): { ahead: Commit[]; behind: number; mergeBase: Commit | undefined } {
    const fromBase = this.#reach(base)
    const history = this.history(head)
    const common = history.filter((commit) => fromBase.has(commit.sha))
    return {
      ahead: history.filter((commit) => !fromBase.has(commit.sha)).reverse(),
      behind: fromBase.size - common.length,
      mergeBase: common[0],
    }
  }

  /** All files of a tree, by path from the root; a symlink's content is its target. */
  files(tree: string): Record<string, string> {
    return Object.fromEntries(
      this.walk(tree)
        .filter((entry) => entry.type === 'blob')
        .map((entry) => [entry.path, this.blobs.get(entry.sha)!]),
    )
  }

  /** All files of a tree, with symlinks and submodules as they were written. */
  contents(tree: string): Record<string, Content> {
    return Object.fromEntries(
      this.walk(tree)
        .filter(({ type }) => type !== 'tree')
        .map((entry) => [entry.path, this.#content(entry)]),
    )
  }

  #content({ mode, sha }: TreeEntry): Content {
    if (mode === '160000') return { submodule: sha }
    const text = this.blobs.get(sha)!
    return mode === '120000' ? { symlink: text } : text
  }

  /** All entries under a tree, each with its path from the root. */
  walk(tree: string, under = ''): TreeEntry[] {
    return (this.trees.get(tree) ?? []).flatMap((entry) => {
      const here = { ...entry, path: under + entry.path }
      return entry.type === 'tree' ? [here, ...this.walk(entry.sha, `${here.path}/`)] : [here]
    })
  }

  /** The text of one file at a commit. */
  read(commit: Commit, path: string): string | undefined {
    return this.files(commit.tree)[path]
  }
}

/** Git sorts a folder as if its name ended with a slash. */
function sortKey(entry: TreeEntry): string {
  return entry.type === 'tree' ? `${entry.path}/` : entry.path
}

function objectSha(type: string, body: Buffer): string {
  return createHash('sha1').update(`${type} ${body.length}\0`).update(body).digest('hex')
}
