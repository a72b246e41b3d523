import { maskLines } from '../text/mask.ts'
import { cut } from './text.ts'

const longestLogLine = 1_000
/** Lines read before the shown ones: a private key, which must be masked, may begin there. */
const linesBefore = 200

/**
 * The last lines of a job's log that explain why it ended: up to its last error, if there is one, because GitHub only
 * cleans up afterwards. Timestamps, colors and markers are removed, and secrets are masked.
 * @param most limit of lines
 */
export function logTail(text: string, most: number): readonly string[] {
  if (most <= 0) return []
  const raw = text.split('\n')
  const lastError = raw.findLastIndex((line) => line.includes('##[error]'))
  const lines = raw
    .slice(0, lastError < 0 ? raw.length : lastError + 1)
    .map(withoutMarks)
    .filter((line) => line !== '')
  return maskLines(lines.slice(-most - linesBefore), most).map((line) => cut(line, longestLogLine))
}

/** What GitHub adds to a line, after a byte order mark at the beginning of the log: the time, then a marker. */
const time = /^\uFEFF?\d{4}-\d\d-\d\dT[\d:.]+Z ?/
const escapes = /\x1B(?:\][^\x07\x1B]*(?:\x07|\x1B\\)|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])/g

/** Removes colors, links and cursor movements. */
export function withoutEscapes(text: string): string {
  return text.replaceAll(escapes, '')
}

/** Of a line that was overwritten (a progress bar), the text that remains visible. */
function withoutMarks(line: string): string {
  const text = withoutEscapes(line).replace(/\r$/, '').replace(time, '')
  return text
    .slice(text.lastIndexOf('\r') + 1)
    .replace(/^##\[endgroup\].*/, '')
    .replace(/^##\[error\]/, 'Error: ')
    .replace(/^##\[warning\]/, 'Warning: ')
    .replace(/^##\[\w+\]/, '')
    .trimEnd()
}
