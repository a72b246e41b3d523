import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** A file of the page, as sent to the browser. */
export type Asset = { readonly type: string; readonly text: string }

const web = fileURLToPath(new URL('./web/', import.meta.url))

/** The packages that the page's modules import, by import name. */
const imported = [
  'preact',
  'preact/hooks',
  'htm',
  'htm/preact',
  '@preact/signals',
  '@preact/signals-core',
  'slack-message-parser',
  'gemoji',
]

/** The folder of each package on disk. */
const folders = new Map(imported.map((name) => [packageOf(name), folderOf(name)]))

/** Maps import names to addresses, for the browser. */
const importMap = JSON.stringify({
  imports: Object.fromEntries(imported.map((name) => [name, addressOf(name)])),
})

/** Matches the empty import map in the page. */
const emptyMap = /<script type="importmap">[^<]*<\/script>/

/** The scripts and styles that the page may use: its own, and the import map, identified by its hash. */
export const contentPolicy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash('sha256').update(importMap).digest('base64')}'`,
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' https: data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page itself. */
export async function indexPage(): Promise<Asset> {
  const text = await readFile(join(web, 'index.html'), 'utf8')
  return {
    type: 'text/html; charset=utf-8',
    text: text.replace(emptyMap, () => `<script type="importmap">${importMap}</script>`),
  }
}

/** One of the page's own files; types are removed from modules. Undefined if the file does not exist. */
export async function ownFile(name: string): Promise<Asset | undefined> {
  const [, kind] = /^[a-z-]+\.(ts|css|svg)$/.exec(name) ?? []
  const path = join(web, name)
  if (kind === undefined || !existsSync(path)) return undefined
  const text = await readFile(path, 'utf8')
  if (kind === 'ts') return { type: 'text/javascript; charset=utf-8', text: stripTypeScriptTypes(text) }
  return { type: kind === 'css' ? 'text/css; charset=utf-8' : 'image/svg+xml', text }
}

/** A module of a package, by `<package>/<path>`. Undefined if the page does not use the package. */
export async function packageFile(address: string): Promise<Asset | undefined> {
  const name = packageOf(address)
  const folder = folders.get(name)
  const path = address.slice(name.length + 1)
  const isModule = /^[\w-]+(\/[\w-]+)*\.(js|mjs)$/.test(path)
  if (!folder || !isModule || !existsSync(join(folder, path))) return undefined
  return { type: 'text/javascript; charset=utf-8', text: await readFile(join(folder, path), 'utf8') }
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

function folderOf(name: string): string {
  const main = fileURLToPath(import.meta.resolve(name))
  const folder = `/node_modules/${packageOf(name)}/`
  return main.slice(0, main.lastIndexOf(folder) + folder.length)
}

function addressOf(name: string): string {
  const folder = folders.get(packageOf(name)) ?? folderOf(name)
  const path = import.meta.resolve(name).slice(pathToFileURL(folder).href.length)
  return `/packages/${packageOf(name)}/${path}`
}
