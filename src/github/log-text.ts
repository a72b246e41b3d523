import { maskLines } from '../text/mask.ts'
import { cut } from './text.ts'

const longestLogLine = 1_000
/** Lines before the shown ones that are looked at with them: a private key may begin there. */
const linesBefore = 200

/**
 * The last lines of a job's log that tell why it ended: up to its last error, where there is one, for after it
 * GitHub only cleans up. Without times, colours and marks, with secrets masked.
 * @param most how many lines at most
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

/** What GitHub adds to a line, after a byte order mark at the log's begin: the time, then a mark. */
const time = /^\uFEFF?\d{4}-\d\d-\d\dT[\d:.]+Z ?/
const escapes = /\x1B(?:\][^\x07\x1B]*(?:\x07|\x1B\\)|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])/g

/** Without colours, links and movements of the cursor. */
export function withoutEscapes(text: string): string {
  return text.replaceAll(escapes, '')
}

/** Of a line that was overwritten (a progress bar), what was left standing. */
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
