import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/release/stage.ts'
import {
  join,
  type MigrationTrackVerdict,
  type RolloutTrackVerdict,
  type RunTrackVerdict,
} from '../../src/release/tracks/outcome.ts'

const runs = ['moving', 'succeeded', 'failed', 'cancelled', 'unseen'] as const
const migrations = ['none', 'absent', 'moving', 'succeeded', 'failed', 'unseen'] as const
const rollouts = [
  'awaited',
  'none',
  'moving',
  'baking',
  'paused',
  'rolling back',
  'succeeded',
  'partly',
  'failed',
  'rolled back',
  'rollback failed',
  'superseded',
  'stopped',
  'unseen',
] as const

type Row = readonly [RunTrackVerdict, MigrationTrackVerdict, RolloutTrackVerdict]
const everyRow: readonly Row[] = runs.flatMap((run) =>
  migrations.flatMap((migration) => rollouts.map((rollout): Row => [run, migration, rollout])),
)

function joined([run, migration, rollout]: Row): Outcome | 'on' {
  const result = join({
    run: { verdict: run, reason: 'run reason' },
    migration: { verdict: migration, reason: 'migration reason' },
    rollout: { verdict: rollout, reason: 'rollout reason' },
  })
  return result.on ? 'on' : result.outcome
}

function reasonOf([run, migration, rollout]: Row): string {
  const result = join({
    run: { verdict: run, reason: 'run reason' },
    migration: { verdict: migration, reason: 'migration reason' },
    rollout: { verdict: rollout, reason: 'rollout reason' },
  })
  return result.on ? '' : result.reason
}

const any = '*'
type Pattern<Verdict> = typeof any | readonly Verdict[]
type Rule = readonly [
  Pattern<RunTrackVerdict>,
  Pattern<MigrationTrackVerdict>,
  Pattern<RolloutTrackVerdict>,
  Outcome | 'on',
]

const none = ['none', 'absent'] as const

/** The first rule that matches applies. */
const rules: readonly Rule[] = [
  // ECS is updating the service, or may still begin: the run's end is not the end.
  [any, any, ['awaited', 'moving', 'baking', 'paused', 'rolling back'], 'on'],
  // The verdict of ECS is final.
  [any, any, ['rolled back'], 'rolled back'],
  [any, any, ['rollback failed'], 'rollback failed'],
  [any, any, ['superseded'], 'superseded'],
  [any, any, ['stopped'], 'stopped'],
  [any, any, ['failed'], 'failed'],
  // Some targets updated, some not.
  [['moving'], any, ['partly'], 'on'],
  [any, any, ['partly'], 'failed'],
  // No rollout was found.
  [['moving'], any, ['unseen'], 'on'],
  [any, ['moving'], ['unseen'], 'on'],
  [any, any, ['unseen'], 'unknown'],
  // The new version serves.
  [any, ['moving'], ['succeeded'], 'on'],
  [any, ['failed'], ['succeeded'], 'failed'],
  [['moving'], any, ['succeeded'], 'on'],
  [['failed', 'cancelled'], any, ['succeeded'], 'failed'],
  [['unseen'], any, ['succeeded'], 'unknown'],
  [['succeeded'], ['unseen'], ['succeeded'], 'unknown'],
  [['succeeded'], ['succeeded', ...none], ['succeeded'], 'succeeded'],
  // Nothing was rolled out.
  [['moving'], any, ['none'], 'on'],
  [any, ['moving'], ['none'], 'on'],
  [['unseen'], any, ['none'], 'unknown'],
  [any, ['failed'], ['none'], 'failed'],
  [['failed'], any, ['none'], 'failed'],
  [['cancelled'], any, ['none'], 'cancelled'],
  [['succeeded'], ['unseen'], ['none'], 'unknown'],
  [['succeeded'], ['succeeded', ...none], ['none'], 'unchanged'],
]

function expected(row: Row): Outcome | 'on' {
  const fits = <Verdict>(pattern: Pattern<Verdict>, verdict: Verdict) =>
    pattern === any || pattern.includes(verdict)
  const rule = rules.find(
    ([run, migration, rollout]) => fits(run, row[0]) && fits(migration, row[1]) && fits(rollout, row[2]),
  )
  if (!rule) throw new Error(`no rule for ${row.join(' | ')}`)
  return rule[3]
}

describe('the join of the tracks', () => {
  test.each(everyRow)('run %s, migration %s, rollout %s', (...row) => {
    expect(joined(row)).toBe(expected(row))
  })

  test.each<readonly [string, Row, Outcome | 'on']>([
    ['all that was asked for is done', ['succeeded', 'succeeded', 'succeeded'], 'succeeded'],
    ['the same without a migration', ['succeeded', 'none', 'succeeded'], 'succeeded'],
    ['the circuit breaker took it back', ['succeeded', 'succeeded', 'rolled back'], 'rolled back'],
    ['taken back without success', ['failed', 'succeeded', 'rollback failed'], 'rollback failed'],
    ['the run succeeded, but ECS is at work', ['succeeded', 'succeeded', 'moving'], 'on'],
    ['the run gave up, ECS is at work', ['failed', 'succeeded', 'moving'], 'on'],
    ['the run failed after the rollout', ['failed', 'succeeded', 'succeeded'], 'failed'],
    ['updated over a failed migration', ['succeeded', 'failed', 'succeeded'], 'failed'],
    ['updated over a failed migration, run still at it', ['moving', 'failed', 'succeeded'], 'failed'],
    ['failed before ECS', ['failed', 'failed', 'none'], 'failed'],
    ['failed before ECS, no migration', ['failed', 'none', 'none'], 'failed'],
    ['ended well and changed nothing', ['succeeded', 'succeeded', 'none'], 'unchanged'],
    ['cancelled while ECS moves', ['cancelled', 'none', 'moving'], 'on'],
    ['replaced by a newer one', ['moving', 'moving', 'superseded'], 'superseded'],
    ['nothing could be seen', ['unseen', 'unseen', 'unseen'], 'unknown'],
  ])('the outcome of tracks: %s', (_, row, outcome) => {
    expect(joined(row)).toBe(outcome)
  })

  test('a release succeeds only if rollout and run succeeded, and the migration did or there was none', () => {
    for (const row of everyRow.filter((each) => joined(each) === 'succeeded')) {
      const [run, migration, rollout] = row
      expect([run, rollout]).toEqual(['succeeded', 'succeeded'])
      expect(['none', 'absent', 'succeeded']).toContain(migration)
    }
  })

  test('everything still in progress in ECS is followed', () => {
    const moving = everyRow.filter(([, , rollout]) =>
      ['moving', 'baking', 'paused', 'rolling back'].includes(rollout),
    )
    expect(moving.every((row) => joined(row) === 'on')).toBe(true)
  })

  test('every end has its reason, from the track that decided it', () => {
    for (const row of everyRow.filter((each) => joined(each) !== 'on')) expect(reasonOf(row)).not.toBe('')
    expect(reasonOf(['failed', 'succeeded', 'succeeded'])).toContain('run reason')
    expect(reasonOf(['succeeded', 'failed', 'succeeded'])).toContain('migration reason')
    expect(reasonOf(['succeeded', 'succeeded', 'rolled back'])).toContain('rollout reason')
  })

  test('a configured migration that was never found is reported, even if all else succeeded', () => {
    expect(reasonOf(['succeeded', 'absent', 'succeeded'])).toContain('migration reason')
    expect(reasonOf(['succeeded', 'absent', 'none'])).toContain('migration reason')
  })

  test('a migration that ran is shown even if nothing was rolled out', () => {
    expect(reasonOf(['failed', 'succeeded', 'none'])).toContain('migration')
    expect(reasonOf(['cancelled', 'succeeded', 'none'])).toContain('migration')
  })
})
