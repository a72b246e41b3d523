import { readFileSync } from 'node:fs'
import { type Loaded, loadConfig, parseConfig } from './load.ts'
import { configPath } from './paths.ts'
import { noFile, type Problem } from './problems.ts'
import type { Variables } from './variables.ts'

/** Where the config is: in a file, or in `TWOKEY_CONFIG_CONTENT`. */
export type ConfigOrigin = {
  /** What people call it: the path, or the name of the variable. */
  readonly name: string
  /** Reads and parses it; a config that cannot be read is a problem like any other. */
  load(surroundings: Parameters<typeof parseConfig>[1]): Loaded
  /** Its text, once `load` found no problem. */
  text(): string
}

/** @param file as typed in a command; it wins over the environment */
export function configOrigin(variables: Variables, file?: string): ConfigOrigin {
  const content = variables.TWOKEY_CONFIG_CONTENT
  if (file !== undefined || !content) return inFile(file ?? configPath(variables))
  return {
    name: 'TWOKEY_CONFIG_CONTENT',
    load: (surroundings) =>
      variables.TWOKEY_CONFIG ? { problems: [both] } : parseConfig(content, surroundings),
    text: () => content,
  }
}

function inFile(path: string): ConfigOrigin {
  return {
    name: path,
    load: (surroundings) => loadConfig(path, surroundings),
    text: () => readFileSync(path, 'utf8'),
  }
}

const both: Problem = {
  line: 1,
  path: '',
  found: noFile,
  allowed: 'either a file or its content',
  message: 'TWOKEY_CONFIG names a file, so it is not known which of the two counts. Unset one of them.',
}
