import { noSuchLog } from './error.ts'

export type LogLine = { readonly timestamp: number; readonly ingestionTime: number; readonly message: string }
export type LogStreamState = { readonly name: string; readonly createdAt: number; readonly lines: LogLine[] }
export type LogGroupState = {
  readonly name: string
  readonly createdAt: number
  readonly streams: Map<string, LogStreamState>
}

/** The log groups, their streams and lines. Times in ms. */
export class LogStore {
  readonly groups = new Map<string, LogGroupState>()
  /** ms until a written line can be read. A stream does not exist until its first line can be read. */
  lag = 0

  createGroup(name: string, at: number): void {
    if (!this.groups.has(name)) this.groups.set(name, { name, createdAt: at, streams: new Map() })
  }

  /** Appends lines to a stream, and creates the stream on its first line. */
  write(group: string, stream: string, lines: readonly string[], at: number): void {
    const ingestionTime = at + this.lag
    const streams = this.group(group).streams
    const found = streams.get(stream) ?? { name: stream, createdAt: ingestionTime, lines: [] }
    streams.set(stream, found)
    found.lines.push(...lines.map((message, index) => ({ timestamp: at + index, ingestionTime, message })))
  }

  /** The group. @throws {AwsError} of CloudWatch Logs if it does not exist */
  group(name: string): LogGroupState {
    const found = this.groups.get(name)
    if (!found) throw noSuchLog('group')
    return found
  }

  /** The streams of a group that can be read at this time. */
  streams(group: string, now: number): LogStreamState[] {
    return [...this.group(group).streams.values()].filter((stream) => stream.createdAt <= now)
  }

  /** The lines of a stream that can be read at this time, oldest first. */
  lines(group: string, stream: string, now: number): LogLine[] {
    const found = this.streams(group, now).find((each) => each.name === stream)
    if (!found) throw noSuchLog('stream')
    return found.lines.filter((line) => line.ingestionTime <= now)
  }
}
