import type { Variables } from './variables.ts'

/** The path of the config file, for commands that need nothing else from the environment. */
export function configPath(variables: Variables): string {
  return variables.TWOKEY_CONFIG || './twokey.yml'
}

/** The store's folder, for commands that need nothing else from the environment. */
export function dataDir(variables: Variables): string {
  return variables.TWOKEY_DATA_DIR || './.twokey'
}
