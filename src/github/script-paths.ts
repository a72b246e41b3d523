import { posix } from 'node:path'
import { withoutBraces } from './shell-words.ts'

/** Commands and options whose next word is a folder even without a slash. */
const beforeFolder = new Set(['cd', 'pushd', '-C', '--directory', '--prefix', '--cwd', '--chdir'])

/**
 * Interpreters, which run a file whatever its extension, and the suffixes they try if the name is not a file. Source:
 * nodejs.org/api/modules.html.
 */
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

/** Limit of characters: longer words are not paths that people write in a workflow. */
export const maxPathLength = 300

/** Where a script starts. */
export type Start = {
  /** Where relative names begin, relative to the workspace; absent: the workspace. */
  readonly from?: string
  /** The known values of its variables. */
  readonly variables?: Readonly<Record<string, string>>
}

/** Limit of folders remembered at once. */
const maxFolders = 5

/**
 * The words of a script or a setting that may be paths of the repository, relative to the workspace: words with a slash
 * or an extension, words that a command takes as a folder, or words after an interpreter. `*` stands for a part that is
 * known only in the run. The caller checks whether the paths exist. The list is not a proof: a script may build a path
 * in any way.
 * @returns each word once; null: it leads out of the workspace, or may be any file of it
 */
export function* namedPaths(text: string, { from = '', variables = {} }: Start): Iterable<string | null> {
  const seen = new Set<string>()
  /** Words already checked: a long script may repeat one thousands of times. */
  const looked = new Set<string>()
  let before = ''
  /** Folders in which names may begin: a script's way back is not followed. */
  const folders = [from]
  /** Suffixes for a name that is not a path; empty if no interpreter precedes it. */
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
    const cacheKey = `${folders.length} ${isFolder} ${own.length} ${word}`
    if (looked.has(cacheKey)) continue
    looked.add(cacheKey)
    for (const each of new Set(partsOf(word, variables))) {
      const bare = atWorkspace(each)
      if (!isPath(bare) && !((isFolder || own.length > 0) && isName(bare))) continue
      const starts = each === bare ? folders : ['']
      const names = own.length > 0 ? own.map((ending) => bare + ending) : [bare]
      const paths = new Set(starts.flatMap((start) => names.map((name) => posix.join(start, name))))
      for (const path of paths) {
        if (seen.has(path)) continue
        seen.add(path)
        // A path that leads out of the workspace may lead back in from a folder that is not known.
        yield fixed(withinWorkspace(folders.length > 1 ? path.replace(/^(\.\.\/)+/, '') : path))
      }
      if (isFolder && folders.length < maxFolders) folders.push(...[...paths].slice(-1))
    }
  }
}

/**
 * Null if it is not an interpreter.
 * @param begins whether it is the first word of its command, as the dot that sources a file
 */
function endingsAfter(word: string, begins: boolean): readonly string[] | null {
  if (word === '.' && !begins) return null
  const name = /^["']?(?:[^\s"']*\/)?([\w.]+)["']?$/.exec(word)?.[1] ?? ''
  return Object.hasOwn(interpreters, name) ? interpreters[name]! : null
}

/** A path that begins with an unknown part may be any path. */
function fixed(path: string | null): string | null {
  return path === null || path === '' || path.startsWith('*') ? null : path
}

/** Normalizes a text: one form of variables, no file marks before names, and slashes as on Linux. */
function prepared(text: string): string {
  return withoutBraces(text)
    .replaceAll('\\\n', ' ')
    .replaceAll(/\bfileb?:\/\//g, ' ')
    .replaceAll(/(?<=[\w.-])\\(?=[\w.-])/g, '/')
}

/**
 * The parts of a word that may be paths, as a shell reads it: between quotes and braces, after an option's letter or an
 * `@`.
 */
function partsOf(word: string, variables: NonNullable<Start['variables']>): readonly string[] {
  if (/^\w[\w./-]*$/.test(word)) return [word]
  const pieces = /["'[\]{}]/.test(word) ? [word.replaceAll(/["']/g, ''), ...word.split(/["'[\]{}]/)] : [word]
  return [...new Set(pieces)]
    .filter((each) => each.length <= maxPathLength)
    .map((each) => withUnknown(withVariables(each.replace(/^@/, ''), variables)))
    .flatMap((each) => (each.startsWith('-') ? [each.replace(/^-+/, ''), each.slice(2)] : [each]))
}

/** A word with its variables replaced as far as they are known. */
function withVariables(word: string, variables: NonNullable<Start['variables']>): string {
  let putIn = 0
  return word.replaceAll(/\$(\w+)/g, (whole, name: string) => {
    if (name === 'PWD') return '.'
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (value === undefined || !isName(atWorkspace(value))) return whole
    putIn += value.length
    return putIn <= maxPathLength ? value : whole
  })
}

/** A path with `*` for each wildcard, choice or variable, except the workspace's variable, which is known. */
export function withUnknown(path: string): string {
  const bare = atWorkspace(path)
  const known = bare.replace(/[{[].*$/s, '*').replaceAll(/(?:\$\w*|[?*])+/g, '*')
  return bare === path ? known : `${workspaceVariable}/${known}`
}

/** The runner's variable that holds the folder of a job's checkouts. */
export const workspaceVariable = '$GITHUB_WORKSPACE'

/** The workspace's path on GitHub's runners, in job containers and in Docker actions. */
const workspaces =
  /^(?:\$(?:GITHUB_WORKSPACE\b|\{GITHUB_WORKSPACE\})|\/(?:home\/runner\/work|__w)\/[^/]+\/[^/]+|\/github\/workspace(?=\/|$))\/?/

/** A path that begins at the workspace, made relative to it. */
export function atWorkspace(path: string): string {
  return path.replace(workspaces, './')
}

function isName(word: string): boolean {
  return word.length <= maxPathLength && /^[\w.@+*][\w.@+*/-]*$/.test(word)
}

function isPath(word: string): boolean {
  return isName(word) && (word.includes('/') || /\.[A-Za-z][A-Za-z0-9]{0,7}$/.test(word))
}

/** A path relative to the workspace without `.` and `..`; empty: the workspace itself; null: it leads out of it. */
export function withinWorkspace(path: string): string | null {
  const normal = posix.normalize(path).replace(/\/$/, '')
  if (normal === '.') return ''
  return normal === '..' || normal.startsWith('../') || normal.startsWith('/') ? null : normal
}
