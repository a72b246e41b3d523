import { Console } from 'node:console'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import { run } from '../../src/cli/program.ts'
import type { Ran } from './twokey.ts'

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs `twokey …` in this process, on the store of a folder: a process of its own takes half a second of CPU to start. For commands
 * that end by themselves; one run of each is a process (`twokey`), which shows that the command leaves nothing open. Runs wait for
 * each other, because a process has one standard output.
 * @param piped its standard input
 * @param env also set in `process.env` meanwhile, for the AWS SDK
 */
export function runHere(
  folder: string,
  words: readonly string[],
  { piped = '', env = {} }: { piped?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const ran = last.then(() =>
    captured(piped, () => under(env, () => run(words, { ...env, TWOKEY_DATA_DIR: folder }))),
  )
  last = ran.catch(() => {})
  return ran
}

async function captured(piped: string, work: () => Promise<number>): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const printed = Promise.all([text(stdout), text(stderr)])
  const streams = { stdin: Readable.from([piped]), stdout, stderr }
  const spies = (['stdin', 'stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process, name, 'get').mockReturnValue(streams[name] as never),
  )
  const ours = globalThis.console
  globalThis.console = new Console(stdout, stderr)
  let status: number
  try {
    status = await work()
  } finally {
    globalThis.console = ours
    for (const spy of spies) spy.mockRestore()
    stdout.end()
    stderr.end()
  }
  const [out, err] = await printed
  return { status, out, err }
}

/** With these variables, and no other of AWS, unless there are none: then the environment is left as it is. */
async function under<T>(env: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  if (Object.keys(env).length === 0) return work()
  const before = { ...process.env }
  for (const name of Object.keys(before)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, env)
  try {
    return await work()
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
