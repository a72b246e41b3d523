import { approval } from './approval.ts'
import { commands } from './commands.ts'
import { type Row, table } from './figures.ts'
import { largest } from './largest.ts'
import { start } from './start.ts'

/** How often everything is measured: `node bench/run.ts 3`. */
const times = Number(process.argv[2] ?? 1)

const runs: (readonly Row[])[] = []
for (let run = 0; run < times; run += 1)
  runs.push([...(await commands()), ...(await approval()), ...(await start()), ...(await largest())])
console.log(table(runs))
