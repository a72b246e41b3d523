import { expect, test } from 'vitest'
import { Client } from '../../src/github/client.ts'
import { KnownCommits } from '../../src/github/known-commits.ts'
import { gitHubForEach, repository } from './harness.ts'

const harness = gitHubForEach()
const commitRoute = 'GET /repos/{owner}/{repo}/commits/{ref}'

function known(timing: ConstructorParameters<typeof KnownCommits>[1] = {}) {
  const { GITHUB_TOKEN, GITHUB_API_URL } = harness.sandbox.env
  return new KnownCommits(new Client({ token: GITHUB_TOKEN, apiUrl: GITHUB_API_URL }), timing)
}

const asked = () => harness.sandbox.log.of(commitRoute).map(({ path }) => path.replace(/^.*\/|\?.*$/g, ''))

test('recognizes full and short shas of the repository, and rejects other words', async () => {
  const [tip, second] = harness.shas() as [string, string]
  const words = [tip, second.slice(0, 7), '1234567a', '20261128', 'f'.repeat(40)]
  expect(await known().among(repository, words)).toEqual(
    new Map([
      [tip, tip],
      [second.slice(0, 7), second],
      ['1234567a', null],
      ['20261128', null],
      ['f'.repeat(40), null],
    ]),
  )
})

test.each(['heads', 'tags'])(
  'treats a word that is a name in %s as that name, not as a commit',
  async (kind) => {
    const [tip, second] = harness.shas() as [string, string]
    const short = second.slice(0, 7)
    for (const sha of [tip, second]) {
      harness.sandbox.world.repository().git.refs.set(`${kind}/${short}`, { type: 'commit', sha })
      expect(await known().among(repository, [short])).toEqual(new Map([[short, null]]))
    }
  },
)

test('looks up a commit once, however many callers ask at the same time', async () => {
  const commits = known()
  const short = harness.tip().slice(0, 7)
  await Promise.all(Array.from({ length: 20 }, () => commits.among(repository, [short, short])))
  await commits.among(repository, [short])
  expect(asked()).toEqual([short])
})

test('looks up a word that was not a commit again after one minute, then after ten', async () => {
  let now = 0
  const commits = known({ now: () => now })
  const look = async (at: number) => {
    now = at
    await commits.among(repository, ['1234567a'])
    return asked().length
  }
  const minute = 60_000
  expect(await look(0)).toBe(1)
  expect(await look(minute - 1)).toBe(1)
  expect(await look(minute)).toBe(2)
  expect(await look(10 * minute)).toBe(2)
  expect(await look(11 * minute)).toBe(3)
})

test.each([
  ['answers with an error', { kind: 'answer', status: 403, body: { message: 'Forbidden' } }],
  ['is down', { kind: 'answer', status: 502 }],
  ['cuts the connection', { kind: 'reset' }],
] as const)('throws if GitHub %s, and looks the word up again later', async (_, fault) => {
  const commits = known()
  const tip = harness.tip()
  harness.sandbox.faults.queue(commitRoute, fault, { times: 3 })
  await expect(commits.among(repository, [tip])).rejects.toThrow('GitHub')
  harness.sandbox.faults.clear()
  expect(await commits.among(repository, [tip])).toEqual(new Map([[tip, tip]]))
})

test('reports trouble, not "no commit", for a repository that the token cannot read', async () => {
  await expect(known().among('myorg/hidden', ['1234567a'])).rejects.toMatchObject({ kind: 'terminal' })
})

test('stops waiting for a slow answer to a commit, and has it for the next look', async () => {
  const commits = known({ waitMs: 20 })
  const tip = harness.tip()
  harness.sandbox.faults.queue(commitRoute, { kind: 'delay', ms: 200 })
  const slow = commits.among(repository, [tip])
  await expect(slow).rejects.toMatchObject({ kind: 'passing', message: expect.stringContaining(tip) })
  await expect.poll(() => commits.among(repository, [tip]).catch(() => null)).toEqual(new Map([[tip, tip]]))
  expect(asked()).toEqual([tip])
})
