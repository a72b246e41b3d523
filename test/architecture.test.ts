import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')
const sandbox = join(root, 'sandbox')

/** What each folder of src may import from other folders. `compose.ts` and the command line may import all. */
const mayImport: Record<string, readonly string[]> = {
  release: [],
  text: [],
  ports: ['release'],
  runtime: ['ports'],
  messages: ['release', 'ports'],
  settings: ['release'],
  store: ['release', 'messages', 'ports', 'runtime', 'text'],
  engine: ['release', 'messages', 'ports', 'runtime', 'settings', 'store'],
  iam: ['release', 'ports', 'settings'],
  doctor: ['release', 'ports', 'runtime', 'settings', 'iam'],
  init: ['ports', 'iam'],
  watchers: ['release', 'ports', 'runtime', 'settings', 'store', 'engine', 'doctor'],
  requests: ['release', 'messages', 'ports', 'runtime', 'settings', 'store', 'engine', 'watchers'],
  slack: ['release', 'messages', 'ports', 'runtime', 'store'],
  'slack/cards': ['release', 'messages', 'ports'],
  github: ['release', 'ports', 'runtime', 'text'],
  aws: ['release', 'ports', 'runtime', 'text'],
  http: ['ports', 'runtime', 'store'],
  config: ['release', 'ports', 'settings', 'text'],
}

/** Other folders import only the interface of the store. */
const interfaces: Record<string, readonly string[]> = { store: ['store.ts'] }

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return files(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from |import |import\()'(\.[^']+)'/g)].map(([, path]) =>
    relative(src, resolve(dirname(file), path!)),
  )
}

/** The most specific folder that contains a path of src. */
function folderOf(path: string): string | undefined {
  return Object.keys(mayImport)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((one, other) => other.length - one.length)[0]
}

const topFolder = (path: string) => path.split('/')[0]!

describe('imports go one way', () => {
  const all = files(src).map((file) => ({ file: relative(src, file), imports: importsOf(file) }))

  for (const [folder, allowed] of Object.entries(mayImport)) {
    it(`${folder} imports ${allowed.join(', ') || 'nothing of ours'}`, () => {
      const own = folder.split('/')[0]!
      const strays = all
        .filter(({ file }) => folderOf(file) === folder)
        .flatMap(({ file, imports }) =>
          imports
            .filter((path) => topFolder(path) !== own && !allowed.includes(topFolder(path)))
            .map((path) => `${file} → ${path}`),
        )
      expect(strays).toEqual([])
    })
  }

  it('other folders import only the interface of the store', () => {
    const strays = all
      .filter(({ file }) => folderOf(file) !== undefined)
      .flatMap(({ file, imports }) =>
        imports
          .filter((path) => topFolder(path) !== topFolder(file) && interfaces[topFolder(path)])
          .filter((path) => !interfaces[topFolder(path)]!.includes(path.split('/').slice(1).join('/')))
          .map((path) => `${file} → ${path}`),
      )
    expect(strays).toEqual([])
  })

  it('only the command `demo` imports the sandbox, which imports nothing of the bot', () => {
    const toSandbox = all.filter(({ imports }) => imports.some((path) => path.startsWith('../')))
    expect(toSandbox.map(({ file }) => file)).toEqual(['cli/demo.ts'])
    const back = files(sandbox).filter((file) =>
      importsOf(file).some((path) => !path.startsWith('../sandbox/')),
    )
    expect(back).toEqual([])
  })

  it('the sandbox does not import the demo, which starts the bot beside it', () => {
    const strays = files(sandbox)
      .filter((file) => !file.startsWith(join(sandbox, 'demo')))
      .filter((file) => importsOf(file).some((path) => path.startsWith('../sandbox/demo/')))
    expect(strays).toEqual([])
  })

  it('no files import each other in a circle, imports of types included', () => {
    const imports = new Map(
      [...files(src), ...files(sandbox)].map((file) => [relative(src, file), importsOf(file)]),
    )
    const done = new Set<string>()
    const circles: string[] = []
    const follow = (file: string, path: readonly string[]) => {
      const from = path.indexOf(file)
      if (from >= 0) circles.push([...path.slice(from), file].join(' → '))
      if (from >= 0 || done.has(file)) return
      for (const next of imports.get(file) ?? []) follow(next, [...path, file])
      done.add(file)
    }
    for (const file of imports.keys()) follow(file, [])
    expect(circles).toEqual([])
  })

  it('only src/release/refusals creates refusals', () => {
    const makers = all
      .filter(({ imports }) => imports.includes('release/refusals/refuse.ts'))
      .map(({ file }) => dirname(file))
    expect([...new Set(makers)]).toEqual(['release/refusals'])
    const strays = all
      .filter(({ file }) => dirname(file) !== 'release/refusals')
      .filter(({ file }) => /\brefuse\(/.test(readFileSync(join(src, file), 'utf8')))
    expect(strays.map(({ file }) => file)).toEqual([])
  })

  it('the core imports no package', () => {
    const strays = files(join(src, 'release')).filter((file) => /from '[^.]/.test(readFileSync(file, 'utf8')))
    expect(strays.map((file) => relative(src, file))).toEqual([])
  })

  it('no file is longer than 320 lines', () => {
    const long = [...files(src), ...files(sandbox)].filter(
      (file) => readFileSync(file, 'utf8').split('\n').length > 320,
    )
    expect(long.map((file) => relative(src, file))).toEqual([])
  })
})
