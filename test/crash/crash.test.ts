import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCrashHarness } from './harness.ts'
import { checkAnswers, checkEnd, checkInvariants } from './invariants.ts'
import { type ScenarioName, scenarios } from './scenarios.ts'
import type { Death } from './supervisor.ts'

/** A boundary; if not the first pass of the process, with the number of the pass. */
type Boundary = string | readonly [at: string, nth: number]

/** Where the processes of one harness die, one after the other. */
type Row = readonly Boundary[]

/** A command or click, on its way into the store. */
const asking = (what: string): Row => [`before ${what} received`, `${what} received`]

/** A click, until it is decided. */
const deciding = (action: string): Row => [
  ...asking(action),
  `before ${action} committed`,
  `${action} committed`,
]

/** Of three clicks on Approve the first is refused, the second adds one approval, the third the last. */
const deaths: Record<ScenarioName, readonly Row[]> = {
  deploy: [
    [...asking('deploy'), 'before request committed', 'request committed'],
    ['deploy acknowledged', 'before card marked', 'card marked', 'card posted'],
    ['card post written', 'before card edited', 'card edited', 'card edit written'],
    [['before approve received', 3], 'approve received', 'before approve committed', 'approve committed'],
    ['wait→ready committed', 'after dispatch', 'sending→underway committed'],
    ['underway→ended committed'],
    [
      ['approve received', 2],
      ['approve acknowledged', 2],
      ['approve committed', 1],
    ],
    [['approve acknowledged', 3], 'dispatch answer committed'],
    [['approve committed', 3]],
    ['before reply marked', 'reply marked', 'reply sent', 'reply written'],
    ['ready→sending committed', 'sending→ended committed'],
    ['before dispatch'],
    ['before story marked', 'story marked', 'story posted', 'story post written'],
    [['story marked', 5], 'story posted'],
    [['story post written', 5]],
  ],
  rollback: [
    [...asking('status'), 'before reply committed', 'reply committed'],
    ['status acknowledged', ...asking('rollback'), 'request committed'],
    ['rollback acknowledged', 'before update', 'after update'],
    ['ready→sending committed', 'underway→ended committed'],
    ['update answer committed'],
    ['before show-deployment', 'after show-deployment', 'show-deployment answer committed'],
  ],
  cancel: [
    [...deciding('cancel'), 'before cancel-run', 'after cancel-run'],
    ['cancel acknowledged', 'cancel-run answer committed'],
  ],
  'run outlives its release': [
    ['underway→ended committed', 'cancel committed', 'before cancel-run', 'after cancel-run'],
    ['cancel acknowledged', 'cancel-run answer committed'],
  ],
  'replace a deploy': [
    [['request committed', 2]],
    [['approve committed', 4], 'before cancel-run', 'after cancel-run'],
    [['ready→sending committed', 2], 'before update', 'after update'],
  ],
  'card deleted': [
    ['before card edited', 'card loss written', 'before card marked', 'card marked', 'card posted'],
    ['card loss written', 'card post written', 'before story marked', 'story marked', 'story posted'],
  ],
  withdraw: [deciding('withdraw'), ['withdraw acknowledged', 'story posted']],
  'approval void': [['ready→approval committed'], ['approve committed', 'story marked', 'story posted']],
  reject: [deciding('reject'), ['reject acknowledged']],
  'reject with a reason': [[...asking('reason'), 'before reason committed', 'reason committed']],
  retry: [[...asking('retry')], ['retry acknowledged', 'request committed']],
  're-run': [
    [...asking('re-run'), 'before request committed'],
    ['re-run acknowledged', 'request committed'],
    ['after rerun'],
    ['rerun answer committed'],
    ['before rerun'],
    [['ready→sending committed', 2]],
  ],
  'roll back': [[...asking('roll-back'), 'before request committed'], ['roll-back acknowledged']],
  'continue a canary': [
    [...deciding('continue'), 'before continue-rollout', 'after continue-rollout'],
    ['continue acknowledged', 'continue-rollout answer committed'],
  ],
  'roll back a canary': [
    [...deciding('stop-rollout'), 'before stop-rollout', 'after stop-rollout'],
    ['stop-rollout acknowledged', 'stop-rollout answer committed'],
  ],
  settle: [deciding('look-again'), deciding('settle'), ['look-again acknowledged', 'settle acknowledged']],
  'rate limit': [
    ['dispatch answer committed', 'after dispatch'],
    ['dispatch answer committed', 'ready→sending committed'],
    ['after dispatch'],
  ],
  emergency: [
    [...asking('deploy'), 'before request committed', 'request committed', 'story marked', 'story posted'],
    deciding('acknowledge'),
    ['acknowledge acknowledged', 'story posted'],
  ],
  lock: [
    [...asking('lock'), 'before lock committed', 'lock committed'],
    ['lock acknowledged', 'before notice marked', 'notice marked', 'notice posted', 'notice post written'],
    [['lock committed', 2], ['notice posted', 1], ...asking('unlock')],
    [['before lock committed', 4], 'lock committed', 'before unlock committed', 'unlock committed'],
    ['unlock acknowledged', 'lock acknowledged'],
  ],
  'lock expiry and reminder': [
    ['before review committed', 'review committed', 'notice marked', 'notice posted'],
  ],
  'lock after a rollback': [
    [...asking('lock'), 'before lock committed', 'lock committed', 'notice posted'],
    ['lock acknowledged'],
  ],
  'started on GitHub': [['before start committed', 'start committed', 'notice marked', 'notice posted']],
  'deployed outside twokey': [
    ['before outside change committed', 'outside change committed', 'notice marked', 'notice posted'],
  ],
  'tasks keep failing': [
    ['before failing tasks committed', 'failing tasks committed', 'notice marked', 'notice posted'],
  ],
  'run at the gate': [
    ['before gate committed', 'gate committed', 'before review-gate', 'sending→ready committed'],
    ['after review-gate'],
    ['review-gate answer committed'],
  ],
  'history and help': [
    [...asking('history'), 'history acknowledged', ...asking('help'), ...asking('unclear')],
    ['help acknowledged', 'unclear acknowledged'],
  ],
  'direct messages': [
    [
      ...asking('notify'),
      'before notify committed',
      'notify committed',
      'before direct marked',
      'direct posted',
    ],
    ['notify acknowledged', 'before approvers addressed', 'approvers addressed', 'direct marked'],
    ['direct post written'],
  ],
}

/** Marked but not sent: the only boundaries after which the end cannot be known. */
const cutOff = ['ready→sending committed', 'before dispatch', 'before rerun']

const known = new Set(
  Object.values(deaths)
    .flat(2)
    .map((boundary) => deathAt(boundary).at),
)

function deathAt(boundary: Boundary): Death {
  return typeof boundary === 'string' ? { at: boundary, nth: 1 } : { at: boundary[0], nth: boundary[1] }
}

const timeout = 300_000

describe.concurrent('a bot that dies between a commit and an effect', () => {
  for (const name of Object.keys(scenarios) as ScenarioName[])
    for (const row of deaths[name]) {
      const planned = row.map(deathAt)
      const boundaries = planned.map(({ at, nth }) => (nth === 1 ? at : `${at} (${nth})`))

      it(`${name}, dead at ${boundaries.join(', ')}: reaches the right end`, { timeout }, async (context) => {
        const { pace, people, run, answers } = scenarios[name]
        const harness = await openCrashHarness({
          deaths: planned,
          pace,
          people,
          onClose: context.onTestFinished,
        })
        await run(harness)
        await harness.bot.until({ deaths: planned.length })
        const left = await checkInvariants(harness)
        expect(harness.bot.deaths).toEqual(planned.map(({ at }) => at))
        checkEnd(name, harness, left)
        if ((name === 'deploy' || name === 're-run') && planned.some(({ at }) => cutOff.includes(at)))
          expect(left.releases.at(-1)?.isCutOff).toBe(true)
        checkAnswers(harness, answers)
        expect([...new Set(harness.bot.passed)].filter((at) => !known.has(at))).toEqual([])
      })
    }
})

/** The boundaries of a file; a template matches any value. */
function boundariesIn(path: string): readonly RegExp[] {
  const named = readFileSync(path, 'utf8').matchAll(/checkpoint\((['`])(.+?)\1\)/g)
  return [...named].map(([, , name = '']) => new RegExp(`^${name.replaceAll(/\$\{.+?\}/g, '.+')}$`))
}

describe('every boundary in the source', () => {
  const src = join(import.meta.dirname, '../../src')
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const named = files.flatMap((file) => boundariesIn(join(src, file)).map((boundary) => ({ file, boundary })))

  it.for(named)('a scenario dies at $boundary of $file', ({ boundary }) => {
    expect([...known].some((at) => boundary.test(at))).toBe(true)
  })
})
