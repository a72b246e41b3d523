import { describe, expect, test } from 'vitest'
import { authorshipOf } from '../../src/github/authorship.ts'
import type { CommitAnswer } from '../../src/github/commit.ts'

function commit(login: string | null, ...trailers: readonly string[]): CommitAnswer {
  const name = login ?? 'Somebody'
  return {
    sha: '0'.repeat(40),
    commit: {
      message: ['Show drafts', '', ...trailers].join('\n'),
      author: { name, email: `${name}@example.com` },
      committer: null,
    },
    author: login === null ? null : { login },
  }
}

const by = (address: string) => `Co-authored-by: Ben <${address}>`

describe('authors of the deployed commits', () => {
  test.each<readonly [string, readonly CommitAnswer[], readonly string[]]>([
    ['each author once, in lower case', [commit('Ana'), commit('ben'), commit('ana')], ['ana', 'ben']],
    ['a bot that GitHub names', [commit('dependabot[bot]')], ['dependabot[bot]']],
    ['a co-author by GitHub’s address', [commit('ana', by('Ben@users.noreply.github.com'))], ['ana', 'ben']],
    ['the same with a number', [commit('ana', by('123+ben-b@users.noreply.github.com'))], ['ana', 'ben-b']],
    ['the same of an own GitHub', [commit('ana', by('1+ben@users.noreply.git.example'))], ['ana', 'ben']],
    [
      'several, in other letters',
      [
        commit(
          'ana',
          by('ben@users.noreply.github.com').toUpperCase(),
          'co-authored-by: Chloe <chloe@users.noreply.github.com>',
        ),
      ],
      ['ana', 'ben', 'chloe'],
    ],
    [
      'no co-author by an address that nobody here has',
      [commit('ana', by('ben@elsewhere.example'))],
      ['ana'],
    ],
    ['no co-author in words', [commit('ana', 'Thanks to Ben <ben@users.noreply.github.com>')], ['ana']],
  ])('lists %s', (_, commits, logins) => {
    expect(authorshipOf(commits, ['1111111'])).toEqual({ known: true, logins, since: ['1111111'] })
  })

  test('does not name authors if GitHub knows fewer authors than commits', () => {
    expect(authorshipOf([commit('ana'), commit(null)], [])).toMatchObject({ known: false })
  })
})
