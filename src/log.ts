import { type Logger, pino } from 'pino'
import { maskTokens } from './config/token.ts'

/** The log: one JSON object a line on stdout, tokens masked wherever they turn up. */
export function openLog(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line) => process.stdout.write(maskTokens(line)) },
  )
}
