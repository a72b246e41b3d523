import { pino } from 'pino'
import { expect, test } from 'vitest'
import { onStage, routes } from './stage.ts'

const stage = onStage()

const logged = (level: 'debug' | 'info') => {
  const lines: { readonly msg: string }[] = []
  return { lines, log: pino({ level }, { write: (line) => lines.push(JSON.parse(line)) }) }
}

const look = (log: ReturnType<typeof logged>['log']) => stage.connect({ log }).headTree(stage.head())

test('each request is told in the log at the level debug', async () => {
  const { lines, log } = logged('debug')
  await look(log)
  expect(lines.some(({ msg }) => msg.startsWith('GET /repos/'))).toBe(true)
})

test('a route that GitHub will take back is read, and the log says so', async () => {
  const { lines, log } = logged('info')
  stage.sandbox.faults.queue(routes.tree, {
    kind: 'answer',
    status: 200,
    body: { sha: stage.tip(), url: stage.tip(), truncated: false, tree: [] },
    headers: { deprecation: 'Sat, 01 Jan 2028 00:00:00 GMT', sunset: 'Sun, 01 Jul 2028 00:00:00 GMT' },
  })
  expect(await look(log)).toMatchObject({ githubTree: null })
  expect(lines.some(({ msg }) => msg.includes('deprecated'))).toBe(true)
})
