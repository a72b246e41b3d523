import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTwoFilesPatch } from 'diff'

/** A file to write, by its path in the folder. */
export type WantedFile = { readonly path: string; readonly text: string }

/** What became of a file. `kept`: another one is there, and stays; `diff` says what would have changed, as a patch. */
export type Written =
  | { readonly path: string; readonly was: 'written' | 'already there' }
  | { readonly path: string; readonly was: 'kept'; readonly diff: string }

/** Writes the files that are not there yet. Overwrites nothing; if one cannot be written, those of this call are removed again. */
export function writeFiles(folder: string, files: readonly WantedFile[]): readonly Written[] {
  const made: string[] = []
  try {
    return files.map(({ path, text }): Written => {
      const whole = join(folder, path)
      if (existsSync(whole)) return compared(path, readFileSync(whole, 'utf8'), text)
      mkdirSync(dirname(whole), { recursive: true })
      // Fails if another process has created it meanwhile.
      writeFileSync(whole, text, { flag: 'wx' })
      made.push(whole)
      return { path, was: 'written' }
    })
  } catch (error) {
    for (const whole of made) rmSync(whole)
    throw error
  }
}

function compared(path: string, present: string, text: string): Written {
  if (present === text) return { path, was: 'already there' }
  return {
    path,
    was: 'kept',
    diff: createTwoFilesPatch(path, path, present, text, 'yours', 'by twokey init'),
  }
}
