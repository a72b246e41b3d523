import { describe, expect, test } from 'vitest'
import type { Refusal } from '../../src/release/refusal.ts'
import { type Request, request } from '../../src/release/request.ts'
import { excessOf, largestRelease } from '../../src/release/size.ts'
import {
  ben,
  bound,
  chloe,
  type DeploySubject,
  deploySubject,
  policy,
  ReleaseDriver,
  requestOf,
  rollbackSubject,
} from './driver.ts'
import { image, start } from './world.ts'

/** JSON of about this many bytes. */
const kib = (size: number) => 'x'.repeat(size * 1024)

/** The stored size of a release whose commit has a title of this length. */
function titled(title: string): Request {
  const { commit, ...rest } = deploySubject()
  return requestOf({ subject: { ...rest, commit: { ...commit, title } } })
}

function refusalOf(wanted: Request): Refusal | null {
  const requested = request(wanted, { holders: [], lock: null, freeze: null, currentRules: null }, start)
  return 'refused' in requested ? requested.refused : null
}

const input = (value: string): DeploySubject['inputs'][number] => ({ name: 'config', from: 'literal', value })

describe('the size of a release', () => {
  test.each([
    ['256 KiB', 'x', 0, false],
    ['one byte more', 'x', 1, true],
    ['as many characters, of two bytes each', 'ö', 0, true],
  ])('a release is limited in size: %s', (_, character, more, isRefused) => {
    const { release } = new ReleaseDriver(titled(''))
    const room = largestRelease - JSON.stringify(release).length
    const { subject } = titled(character.repeat(room + more))
    expect(excessOf({ ...release, subject }) !== null).toBe(isRefused)
  })

  test.each([
    [
      'inputs',
      requestOf({ subject: deploySubject({ inputs: [input(kib(300))] }) }),
      'the inputs of the workflow: 301 KiB',
    ],
    ['commits', titled(kib(300)), 'its commits: 301 KiB'],
    [
      'images',
      requestOf({ subject: rollbackSubject(41, [{ ...image, image: kib(300) }]) }),
      'the task definition: 301 KiB',
    ],
    [
      'lists of twokey.yml',
      requestOf({ policy: policy({ approvers: [kib(200), kib(200)] }) }),
      'its settings in twokey.yml: 402 KiB',
    ],
  ])('the refusal of a large release names its largest part: %s', (_, wanted, words) => {
    expect(refusalOf(wanted)).toMatchObject({
      code: 'release_too_large',
      sentence: expect.stringContaining(words),
    })
  })

  test('inputs that make a release too large before the dispatch end it: nothing is sent, and they are not stored', () => {
    const driver = new ReleaseDriver()
    driver.approve(ben)
    driver.approve(chloe)
    const { inputs } = driver.world.tip
    driver.world.tip = { ...driver.world.tip, githubTree: 'tree-2', inputs: [...inputs, input(kib(300))] }
    driver.look()
    expect(driver.outcome).toBe('failed')
    expect(driver.effectsOf('dispatch')).toEqual([])
    expect(driver.release.subject).toMatchObject({ inputs: bound('environment', 'sha', 'release_id') })
  })
})
