import { expect, test } from 'vitest'
import { chained, noRows } from '../../src/store/audit.ts'
import type { AuditRow } from '../../src/store/store.ts'
import { verifyChain } from './chain.ts'

const rows = chained(noRows, {
  chain: 'r1',
  at: 1_000,
  entries: [
    { actor: 'U0ANA', what: 'requested', detail: { service: 'blog-api', targets: ['prod/blog-api'] } },
    { actor: 'U0BEN', what: 'approved', detail: { via: 'S0OPS' } },
    { actor: 'twokey', what: 'dispatch marked', detail: {} },
  ],
})

test('an unchanged chain is intact, and has a head', () => {
  expect(verifyChain(rows)).toEqual({ intact: true, head: { seq: 3, hash: rows[2]?.hash } })
  expect(verifyChain([])).toEqual({ intact: true, head: noRows })
})

test('anybody can compute the hash of a row', () => {
  // printf '%s' '{"actor":"a","at":1,"detail":{"x":[1,{"y":null}]},"releaseId":"r","seq":1,"what":"w"}' | sha256sum
  const entries = [{ actor: 'a', what: 'w', detail: { x: [1, { y: null }] } }]
  expect(chained(noRows, { chain: 'r', at: 1, entries })).toMatchObject([
    { prev: '', hash: 'dd7ef9217546231782ba02224d8f8b1cf9f0889558b1a266368cb7d39be6d6a0' },
  ])
})

test('ignores the order in which a detail was written', () => {
  const [one] = chained(noRows, {
    chain: 'r',
    at: 1,
    entries: [{ actor: 'a', what: 'w', detail: { x: 1, y: 2 } }],
  })
  const [two] = chained(noRows, {
    chain: 'r',
    at: 1,
    entries: [{ actor: 'a', what: 'w', detail: { y: 2, x: 1 } }],
  })
  expect(one?.hash).toBe(two?.hash)
})

test('continues a chain from its head', () => {
  const [first, ...others] = rows
  const later = chained(
    { seq: 1, hash: first?.hash ?? '' },
    {
      chain: 'r1',
      at: 1_000,
      entries: others.map(({ actor, what, detail }) => ({ actor, what, detail })),
    },
  )
  expect(later).toEqual(others)
})

const at = (index: number, part: Partial<AuditRow>) =>
  rows.map((row, i) => (i === index ? { ...row, ...part } : row))
const [first, second, third] = rows as [AuditRow, AuditRow, AuditRow]
const forged = chained(
  { seq: 1, hash: first.hash },
  { chain: 'r1', at: 1_000, entries: [{ ...second, actor: 'U0EVE' }] },
) as [AuditRow]

test.each([
  ['another actor', at(1, { actor: 'U0EVE' }), 2, 'changed'],
  ['another action', at(0, { what: 'rejected' }), 1, 'changed'],
  ['another time', at(2, { at: 999 }), 3, 'changed'],
  ['another detail', at(0, { detail: {} }), 1, 'changed'],
  ['another release', at(0, { chain: 'r2' }), 1, 'changed'],
  ['another hash', at(2, { hash: first.hash }), 3, 'changed'],
  ['another beginning', at(0, { prev: 'x' }), 1, 'unchained'],
  ['a forged row with a hash that fits', [first, ...forged, third], 3, 'unchained'],
  ['the first row gone', [second, third], 1, 'missing'],
  ['a row in the middle gone', [first, third], 2, 'missing'],
  ['two rows swapped', [first, third, second], 2, 'missing'],
  ['a row twice', [first, first, second, third], 2, 'unchained'],
])('detects %s', (_, tampered, seq, why) => {
  expect(verifyChain(tampered)).toEqual({ intact: false, seq, why })
})

test('detects rows removed at the end only by a head', () => {
  expect(verifyChain([first, second])).toEqual({ intact: true, head: { seq: 2, hash: second.hash } })
})

test('limits the details of a chain, and masks tokens in them', () => {
  const token = `xoxb-${'1'.repeat(12)}-abcdefgh`
  const [row] = chained(noRows, {
    chain: 'r1',
    at: 1,
    entries: [
      {
        actor: 'U'.repeat(5_000),
        what: 'requested',
        detail: {
          why: `with ${token}`,
          ref: 'x'.repeat(5_000),
          revision: 'token-api:42',
          people: Array.from({ length: 300 }, (_, index) => index),
        },
      },
    ],
  }) as [AuditRow]
  expect(JSON.stringify(row)).not.toContain(token)
  expect(row.detail).toMatchObject({ why: 'with ***', revision: 'token-api:42' })
  expect(row.detail.people).toHaveLength(201)
  expect(JSON.stringify(row).length).toBeLessThan(4_000)
  expect(verifyChain([row])).toMatchObject({ intact: true })
})
