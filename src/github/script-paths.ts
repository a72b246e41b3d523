import { posix } from 'node:path'

/** Commands and options after which a word is a folder, though it has no slash. */
const beforeFolder = new Set(['cd', 'pushd', '-C', '--directory', '--prefix', '--cwd', '--chdir'])

/** Longer words name no file that one would write into a workflow, characters. */
const longestPath = 300

/** Where a script begins. */
export type Start = {
  /** Where relative names begin, from the workspace; absent: there. */
  readonly from?: string
  /** What its variables are, as far as that is known. */
  readonly variables?: Readonly<Record<string, unknown>>
}

/**
 * The words of a script, or of a setting, that may be paths of the repository, from the workspace: a word with a slash or an
 * extension, or one that a command takes for a folder; of a word with a part that is only known in the run, the folder before
 * that. Whether they are is for the repository to say. No list of them is a proof: a script may put a path together in any way.
 * @returns each word once; null: it leads out of the workspace, or is the whole of it
 */
export function* namedPaths(text: string, { from = '', variables = {} }: Start): Iterable<string | null> {
  const seen = new Set<string>()
  let before = ''
  let hasMoved = false
  for (const [word] of prepared(text).matchAll(/[^\s;|&()<>`=,:\\]+/g)) {
    const isFolder = beforeFolder.has(before)
    hasMoved ||= isFolder
    before = word
    for (const each of partsOf(word, variables)) {
      if (seen.has(each)) continue
      const bare = atWorkspace(each)
      if (!isPath(bare) && !(isFolder && isName(bare))) continue
      seen.add(each)
      const path = posix.join(each === bare ? from : '', bare)
      // Where a script went is not followed: what leads out of the workspace may lead back from there.
      yield withinWorkspace(hasMoved ? path.replace(/^(\.\.\/)+/, '') : path) || null
    }
  }
}

/** With each variable written one way, no mark of a file before its name, and the slashes of a path on Linux. */
function prepared(text: string): string {
  return text
    .replaceAll(/\$\{(\w+)\}/g, (_, name) => `$${name}`)
    .replaceAll(/\bfileb?:\/\//g, ' ')
    .replaceAll(/(?<=[\w.-])\\(?=[\w.-])/g, '/')
}

/** What of a word may be a path: as a shell reads it, between quotes and braces, and behind an option's letter or an `@`. */
function partsOf(word: string, variables: Readonly<Record<string, unknown>>): readonly string[] {
  if (/^\w[\w./-]*$/.test(word)) return [word]
  const pieces = /["'[\]{}]/.test(word) ? [word.replaceAll(/["']/g, ''), ...word.split(/["'[\]{}]/)] : [word]
  return pieces
    .map((each) => beforeUnknown(withVariable(each.replace(/^@/, ''), variables)))
    .flatMap((each) => (each.startsWith('-') ? [each.replace(/^-+/, ''), each.slice(2)] : [each]))
}

/** A word that begins with a variable, as `$DIR/ship.sh` does, with what that is. */
function withVariable(word: string, variables: Readonly<Record<string, unknown>>): string {
  const [whole = '', name = ''] = /^\$(\w+)(?=\/)/.exec(word) ?? []
  if (name === 'PWD') return `.${word.slice(whole.length)}`
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined
  return typeof value === 'string' && isName(value) ? value + word.slice(whole.length) : word
}

/** A path as far as it is known: the folder before a wildcard, a choice or a variable. The workspace's variable is known. */
export function beforeUnknown(path: string): string {
  const bare = atWorkspace(path)
  const at = bare.search(/[*?[{$]/)
  if (at < 0) return path
  const folder = bare.slice(0, bare.lastIndexOf('/', at) + 1)
  return bare === path ? folder : `${workspaceVariable}/${folder}`
}

/** The variable of a runner that holds the folder of a job's checkouts. */
export const workspaceVariable = '$GITHUB_WORKSPACE'

/** Where that is on GitHub's runners, in containers of jobs, and in actions that are images. */
const workspaces =
  /^(?:\$(?:GITHUB_WORKSPACE\b|\{GITHUB_WORKSPACE\})|\/(?:home\/runner\/work|__w)\/[^/]+\/[^/]+|\/github\/workspace(?=\/|$))\/?/

/** A path that begins at the workspace, from there. */
export function atWorkspace(path: string): string {
  return path.replace(workspaces, './')
}

function isName(word: string): boolean {
  return word.length <= longestPath && /^[\w.@+-][\w.@+/-]*$/.test(word) && !/^-/.test(word)
}

function isPath(word: string): boolean {
  return isName(word) && (word.includes('/') || /\.[A-Za-z][A-Za-z0-9]{0,7}$/.test(word))
}

/** A path from the workspace without `.` and `..`; empty: it is the workspace itself; null: it leads out of it. */
export function withinWorkspace(path: string): string | null {
  const normal = posix.normalize(path).replace(/\/$/, '')
  if (normal === '.') return ''
  return normal === '..' || normal.startsWith('../') || normal.startsWith('/') ? null : normal
}
