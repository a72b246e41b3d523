import { posix } from 'node:path'

/** Commands and options after which a word is a folder, though it has no slash. */
const beforeFolder = new Set(['cd', 'pushd', '-C', '--directory', '--prefix', '--cwd', '--chdir'])

/** Longer words name no file that one would write into a workflow, characters. */
const longestPath = 300

/**
 * The words of a script, or of a setting, that may be paths of the repository, from the workspace: a word with a slash or an
 * extension, or one that a command takes for a folder. Whether they are is for the repository to say.
 * @param from where the script runs, from the workspace
 */
export function* namedPaths(text: string, from: string): Iterable<string> {
  let before = ''
  for (const [word] of text.matchAll(/[^\s;|&()<>"'`=,]+/g)) {
    const isFolder = beforeFolder.has(before)
    before = word
    const bare = atWorkspace(word)
    if (!isPath(bare) && !(isFolder && isName(bare))) continue
    const path = withinWorkspace(posix.join(word === bare ? from : '', bare))
    if (path !== null) yield path
  }
}

/** The variable of a runner that holds the folder of a job's checkouts. */
export const workspaceVariable = '$GITHUB_WORKSPACE'

/** A path that begins at the workspace's variable, from the workspace. */
export function atWorkspace(path: string): string {
  return path.replace(/^\$(?:GITHUB_WORKSPACE\b|\{GITHUB_WORKSPACE\})\/?/, './')
}

function isName(word: string): boolean {
  return word.length <= longestPath && /^[\w.@+-][\w.@+/-]*$/.test(word) && !/^-/.test(word)
}

function isPath(word: string): boolean {
  return isName(word) && (word.includes('/') || /\.[A-Za-z][A-Za-z0-9]{0,7}$/.test(word))
}

/** A path from the workspace without `.` and `..`; null: it is the workspace itself, or leads out of it. */
export function withinWorkspace(path: string): string | null {
  const normal = posix.normalize(path).replace(/\/$/, '')
  return normal === '.' || normal === '..' || normal.startsWith('../') || normal.startsWith('/')
    ? null
    : normal
}
