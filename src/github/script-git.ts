import { posix } from 'node:path'
import { atWorkspace } from './script-paths.ts'
import { commandsIn, quoting } from './shell-words.ts'

/** Files that a command of a script brings by git. `folder`: relative to the workspace; null: known only in the run. */
export type Brought =
  | {
      readonly by: 'clone'
      /** As written in the script. */
      readonly repository: string
      /** A branch or a tag; null means the default branch. */
      readonly ref: string | null
      readonly folder: string | null
    }
  | {
      readonly by: 'move'
      readonly command: string
      /** As written in the script; null if it names none. */
      readonly ref: string | null
      readonly folder: string | null
    }

/**
 * The files of other commits that the git commands of a script bring into its folders, in order. Commands that only
 * restore files of the current commit, such as `git reset --hard`, and `git fetch` alone are left out.
 * @param from where the script starts, relative to the workspace; null: known only in the run
 */
export function* broughtByGit(script: string, from: string | null): Iterable<Brought> {
  const folders: (string | null)[] = [from]
  for (const { words, depth } of commandsIn(script)) {
    // A change of folder in a subshell ends with the subshell.
    while (folders.length <= depth) folders.push(folders.at(-1) ?? null)
    folders.length = depth + 1
    const [command = '', target] = words
    if (command === 'cd' || command === 'pushd') folders[depth] = inFolder(folders[depth] ?? null, target)
    const at = words.findIndex((word) => /^(.*\/)?git(\.exe)?$/.test(word))
    if (quoting.has(command)) continue
    const given = words.slice(0, at).some((word) => handsOn.has(word)) ? ['$'] : []
    if (at >= 0) yield* ofGit([...words.slice(at + 1), ...given], folders[depth] ?? null)
    else if (command === 'gh') yield* ofGh(words.slice(1), folders[depth] ?? null)
    else if (command === 'patch') yield* ofPatch(words.slice(1), folders[depth] ?? null)
  }
}

/** Commands that start another command with words known only in the run. */
const handsOn = new Set(['xargs', 'parallel'])

/** Limit of characters of a path that is followed: a script may change folders again and again. */
const maxFolderLength = 300

/** The folder that a script is in after changing to another. Home and temporary folders are outside of the workspace. */
export function inFolder(folder: string | null, to: string | undefined): string | null {
  if (to === undefined || /^(~|\$HOME\b|\$RUNNER_TEMP\b)/.test(to)) return '/'
  const path = atWorkspace(to)
  if (path !== to) return path
  if (/[$*?~`]/.test(path) || path === '-') return null
  const joined = path.startsWith('/') ? path : folder && posix.join(folder, path)
  return joined === null || joined.length > maxFolderLength ? null : joined
}

function* ofGit(words: readonly string[], from: string | null): Iterable<Brought> {
  let folder = from
  let at = 0
  for (; words[at]?.startsWith('-'); at += 1) {
    const option = words[at]!
    if (option === '-C') folder = inFolder(folder, words[at + 1])
    if (/^--(git-dir|work-tree)\b/.test(option)) folder = null
    if (/^(-C|-c|--git-dir|--work-tree)$/.test(option)) at += 1
  }
  const [command = '', ...args] = words.slice(at)
  if (command === 'clone') yield cloned(args, folder)
  if (!Object.hasOwn(moves, command)) return
  const ref = moves[command]!(args)
  if (ref !== undefined && !(ref !== null && isHead(ref)))
    yield { by: 'move', command: `git ${command}`, ref, folder }
}

function* ofGh([kind, verb, ...args]: readonly string[], folder: string | null): Iterable<Brought> {
  if (kind === 'repo' && verb === 'clone') yield cloned(args, folder)
  if (kind === 'pr' && verb === 'checkout') yield { by: 'move', command: 'gh pr checkout', ref: null, folder }
}

/** Files of a patch, which is passed like that of `git apply`. Source: man7.org/linux/man-pages/man1/patch.1.html. */
function* ofPatch(args: readonly string[], from: string | null): Iterable<Brought> {
  const into = optionIn(args, '-d', '--directory')
  const named = positionalArgs(args, '-d', '--directory', '-p', '-F', '-o', '-r')
  if (ofInput(named) === undefined) return
  yield { by: 'move', command: 'patch', ref: null, folder: into === undefined ? from : inFolder(from, into) }
}

function isHead(ref: string): boolean {
  return /^(HEAD|@)([~^]\d*)*$/.test(ref)
}

/**
 * The commit whose files a command brings, as written; null: it names none; undefined: it brings no files of another
 * commit.
 */
type Move = (args: readonly string[]) => string | null | undefined

/** Source: git-scm.com/docs, for each command. */
const moves: Readonly<Record<string, Move>> = {
  checkout: (args) => positionalArgs(args, '-b', '-B', '--orphan', '--conflict').find((ref) => !isFile(ref)),
  switch: (args) => positionalArgs(args, '-c', '-C', '--create', '--force-create', '--orphan')[0],
  restore: (args) => optionIn(args, '--source') ?? gluedSource(args),
  pull: (args) => positionalArgs(args, '-s', '-X', '--depth')[1] ?? null,
  merge: (args) => (goesOn(args) ? undefined : (positionalArgs(args, '-m', '-s', '-X', '-F')[0] ?? null)),
  rebase: (args) =>
    goesOn(args) ? undefined : (positionalArgs(args, '--onto', '-s', '-X', '-x')[0] ?? null),
  'cherry-pick': (args) => (goesOn(args) ? undefined : positionalArgs(args, '-m', '-s', '-X')[0]),
  reset: (args) => positionalArgs(args)[0],
  'read-tree': (args) => positionalArgs(args)[0],
  revert: (args) => (goesOn(args) ? undefined : positionalArgs(args, '-m', '-s', '-X')[0]),
  'update-ref': (args) => (args.includes('--stdin') ? null : headMovedTo(positionalArgs(args, '-m'))),
  'symbolic-ref': (args) => headMovedTo(positionalArgs(args, '-m')),
  bisect: ([verb = '', ...args]) =>
    verb === 'reset' ? positionalArgs(args)[0] : searches.has(verb) ? null : undefined,
  fetch: (args) => (args.some((arg) => /^(-u|--update-head-ok)$/.test(arg)) ? null : undefined),
  am: (args) => (goesOn(args) ? undefined : ofInput(args)),
  apply: (args) => ofInput(args),
  worktree: ([verb, ...args]) => (verb === 'add' ? positionalArgs(args, '-b', '-B')[1] : undefined),
  archive: (args) => positionalArgs(args, '-o', '--output', '--format', '--prefix')[0],
  show: ofPath,
  'cat-file': (args) => {
    if (args.includes('--batch')) return null
    return args.some((arg) => /^-[est]$/.test(arg)) ? undefined : ofPath(args)
  },
  stash: ([verb]) => (verb === 'branch' ? null : undefined),
  submodule: (args) => (args.includes('--remote') ? null : undefined),
}

/** Whether a word is a file that is restored from the commit: a name that is unlikely for a branch. */
function isFile(word: string): boolean {
  return word === '.' || /\.(json|lock|ya?ml|toml|txt|md|xml|sum|mod|tf|tfvars)$/.test(word)
}

/** Verbs that check out another commit for inspection. */
const searches: ReadonlySet<string> = new Set(['start', 'good', 'bad', 'old', 'new', 'skip', 'run', 'replay'])

/** The commit that HEAD or the branch moves to; undefined if it does not move. */
function headMovedTo([moved = '', to]: readonly string[]): string | undefined {
  return isHead(moved) || moved.startsWith('refs/heads/') || /[$`]/.test(moved) ? to : undefined
}

/** Returns `main` of `main:ci/ship.sh`. */
function ofPath(args: readonly string[]): string | undefined {
  return /^([^:]+):/.exec(positionalArgs(args).find((each) => each.includes(':')) ?? '')?.[1]
}

/** Returns `main` of `-smain`, which may follow other one-letter options. */
function gluedSource(args: readonly string[]): string | undefined {
  const end = args.indexOf('--')
  for (const [at, arg] of (end < 0 ? args : args.slice(0, end)).entries()) {
    const [, source] = /^-[SWmpq]*s(.*)$/.exec(arg) ?? []
    if (source !== undefined) return source === '' ? args[at + 1] : source
  }
  return undefined
}

/** Null: the patch comes from standard input; undefined: it is an existing file. */
function ofInput(args: readonly string[]): null | undefined {
  return positionalArgs(args).every((arg) => arg === '-') ? null : undefined
}

function goesOn(args: readonly string[]): boolean {
  return args.some((arg) => /^--(abort|continue|quit|skip)$/.test(arg))
}

/** The words before `--` that are neither options nor option values. */
function positionalArgs(args: readonly string[], ...valued: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  return own.filter((arg, at) => !/^-./.test(arg) && !valued.includes(own[at - 1] ?? ''))
}

function optionIn(args: readonly string[], ...names: readonly string[]): string | undefined {
  const [option, ...rest] = args.slice(args.findIndex((arg) => names.includes(arg.split('=')[0]!)))
  if (option === undefined || !names.includes(option.split('=')[0]!)) return undefined
  return option.includes('=') ? option.slice(option.indexOf('=') + 1) : rest[0]
}

function cloned(args: readonly string[], from: string | null): Brought {
  const branch = optionIn(args, '--branch', '-b')
  const [address = '', into] = positionalArgs(
    args,
    '-b',
    '--branch',
    '-o',
    '--origin',
    '--depth',
    '-c',
    '--reference',
    '-j',
  )
  const folder =
    into ??
    address
      .replace(/\/$/, '')
      .replace(/\.git$/, '')
      .split(/[/:]/)
      .at(-1)
  return {
    by: 'clone',
    repository: repositoryOf(address),
    ref: branch ?? null,
    folder: folder === undefined || folder === '' ? null : inFolder(from, folder),
  }
}

/** Returns `owner/name` of a GitHub address, else the address without credentials. */
export function repositoryOf(address: string): string {
  const bare = address
    .replace(/^\w+:\/\//, '')
    .replace(/^[^/]*@/, '')
    .replace(/(?<!\/)\/+$/, '')
    .replace(/\.git$/, '')
  return bare.replace(/^github\.com[/:]/i, '') || 'a repository that is known only during the run'
}
