import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A temporary folder for the current test. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
