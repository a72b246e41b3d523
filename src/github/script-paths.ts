import { posix } from 'node:path'
import { withoutBraces } from './shell-words.ts'

/** Commands and options after which a word is a folder, though it has no slash. */
const beforeFolder = new Set(['cd', 'pushd', '-C', '--directory', '--prefix', '--cwd', '--chdir'])

/** What runs a file by its name, whatever its extension, and what it adds to a name that is no file. Source: nodejs.org/api/modules.html. */
const interpreters: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      'sh',
      'bash',
      'dash',
      'zsh',
      'ksh',
      'source',
      '.',
      'pwsh',
      'python',
      'python3',
      'ruby',
      'perl',
      'php',
    ].map((name) => [name, ['']]),
  ),
  node: ['', '.js', '/index.js'],
}

/** Longer words name no file that one would write into a workflow, characters. */
export const longestPath = 300

/** Where a script begins. */
export type Start = {
  /** Where relative names begin, from the workspace; absent: there. */
  readonly from?: string
  /** What its variables are, as far as that is known. */
  readonly variables?: Readonly<Record<string, string>>
}

/** How many folders that a script goes to are remembered at once. */
const mostFolders = 5

/**
 * The words of a script, or of a setting, that may be paths of the repository, from the workspace: a word with a slash or an
 * extension, one that a command takes for a folder, or one after an interpreter in its command. `*` stands for a part that is only known in the run. Whether they are
 * is for the repository to say. No list of them is a proof: a script may put a path together in any way.
 * @returns each word once; null: it leads out of the workspace, or may be any file of it
 */
export function* namedPaths(text: string, { from = '', variables = {} }: Start): Iterable<string | null> {
  const seen = new Set<string>()
  /** Words as they were looked at: a long script says the same one thousands of times. */
  const looked = new Set<string>()
  let before = ''
  /** Where names may begin: where a script went is not followed back. */
  const folders = [from]
  /** What may follow a name that is no path; none: no interpreter is before it. */
  let endings: readonly string[] = []
  const whole = prepared(text)
  let end = 0
  for (const { 0: word, index } of whole.matchAll(/[^\s;|&()<>`=,:\\]+/g)) {
    const gap = whole.slice(end, index)
    end = index + word.length
    const isFolder = beforeFolder.has(before)
    const begins = before === '' || /[\n;|&()`]/.test(gap)
    before = word
    if (begins) endings = []
    const own = endings
    endings = endingsAfter(word, begins) ?? own
    const asked = `${folders.length} ${isFolder} ${own.length} ${word}`
    if (looked.has(asked)) continue
    looked.add(asked)
    for (const each of new Set(partsOf(word, variables))) {
      const bare = atWorkspace(each)
      if (!isPath(bare) && !((isFolder || own.length > 0) && isName(bare))) continue
      const starts = each === bare ? folders : ['']
      const names = own.length > 0 ? own.map((ending) => bare + ending) : [bare]
      const paths = new Set(starts.flatMap((start) => names.map((name) => posix.join(start, name))))
      for (const path of paths) {
        if (seen.has(path)) continue
        seen.add(path)
        // What leads out of the workspace may lead back from a folder that is not known.
        yield fixed(withinWorkspace(folders.length > 1 ? path.replace(/^(\.\.\/)+/, '') : path))
      }
      if (isFolder && folders.length < mostFolders) folders.push(...[...paths].slice(-1))
    }
  }
}

/** Null: it is no interpreter. @param begins whether it is the first word of its command, as a dot that reads a file is */
function endingsAfter(word: string, begins: boolean): readonly string[] | null {
  if (word === '.' && !begins) return null
  const name = /^["']?(?:[^\s"']*\/)?([\w.]+)["']?$/.exec(word)?.[1] ?? ''
  return Object.hasOwn(interpreters, name) ? interpreters[name]! : null
}

/** A path that begins with a part that is not known may be any. */
function fixed(path: string | null): string | null {
  return path === null || path === '' || path.startsWith('*') ? null : path
}

/** With each variable written one way, no mark of a file before its name, and the slashes of a path on Linux. */
function prepared(text: string): string {
  return withoutBraces(text)
    .replaceAll('\\\n', ' ')
    .replaceAll(/\bfileb?:\/\//g, ' ')
    .replaceAll(/(?<=[\w.-])\\(?=[\w.-])/g, '/')
}

/** What of a word may be a path: as a shell reads it, between quotes and braces, and behind an option's letter or an `@`. */
function partsOf(word: string, variables: NonNullable<Start['variables']>): readonly string[] {
  if (/^\w[\w./-]*$/.test(word)) return [word]
  const pieces = /["'[\]{}]/.test(word) ? [word.replaceAll(/["']/g, ''), ...word.split(/["'[\]{}]/)] : [word]
  return [...new Set(pieces)]
    .filter((each) => each.length <= longestPath)
    .map((each) => withUnknown(withVariables(each.replace(/^@/, ''), variables)))
    .flatMap((each) => (each.startsWith('-') ? [each.replace(/^-+/, ''), each.slice(2)] : [each]))
}

/** A word with what its variables are, as far as that is known. */
function withVariables(word: string, variables: NonNullable<Start['variables']>): string {
  let putIn = 0
  return word.replaceAll(/\$(\w+)/g, (whole, name: string) => {
    if (name === 'PWD') return '.'
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (value === undefined || !isName(atWorkspace(value))) return whole
    putIn += value.length
    return putIn <= longestPath ? value : whole
  })
}

/** A path with `*` for each wildcard, choice or variable in it, but for the workspace's, which is known. */
export function withUnknown(path: string): string {
  const bare = atWorkspace(path)
  const known = bare.replace(/[{[].*$/s, '*').replaceAll(/(?:\$\w*|[?*])+/g, '*')
  return bare === path ? known : `${workspaceVariable}/${known}`
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
  return word.length <= longestPath && /^[\w.@+*][\w.@+*/-]*$/.test(word)
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
