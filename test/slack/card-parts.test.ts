import { describe, expect, it } from 'vitest'
import type { Changes, Commit } from '../../src/release/subject.ts'
import { commitLine, homeOf, newest } from '../../src/slack/cards/commits.ts'
import { serviceUrl, taskUrl } from '../../src/slack/cards/console.ts'
import { bar } from '../../src/slack/cards/marks.ts'

const home = 'https://github.com/myorg/blog-api'

function commit(title: string, author = 'Ana', sha = '3f2c1ab'.padEnd(40, '0')): Commit {
  return { sha, title, author, login: null }
}

/** What a reader sees, with links as `[text](address)`. */
function shownOf(line: ReturnType<typeof commitLine>): string {
  return line
    .map((each) => (each.type === 'link' ? `[${each.text}](${each.url})` : 'text' in each ? each.text : ''))
    .join('')
}

describe('a commit on a card', () => {
  it.each([
    ['Show drafts (#108)', `Show drafts [#108](${home}/pull/108) – Ana`],
    ['Merge pull request #7 from myorg/slugs', `Merge myorg/slugs [#7](${home}/pull/7) – Ana`],
    ['Show drafts', 'Show drafts – Ana'],
    ['Fix (#1) and more', 'Fix (#1) and more – Ana'],
    ['Fix (#0)', 'Fix (#0) – Ana'],
    ['Fix (#12345678901234567890)', 'Fix (#12345678901234567890) – Ana'],
    ['Fix (#1/../../evil)', 'Fix (#1/../../evil) – Ana'],
    ['Merge pull request #7 from a b', 'Merge pull request #7 from a b – Ana'],
    ['(#108)', '(#108) – Ana'],
  ])('shows a commit with the title “%s”', (title, shown) => {
    expect(shownOf(commitLine(commit(title), home))).toBe(
      `[3f2c1ab](${home}/commit/${'3f2c1ab'.padEnd(40, '0')}) ${shown}`,
    )
  })

  it('links nothing if the repository’s page is not known', () => {
    expect(shownOf(commitLine(commit('Show drafts (#108)'), null))).toBe('3f2c1ab Show drafts #108 – Ana')
  })

  it('links no commit whose sha is malformed', () => {
    expect(shownOf(commitLine(commit('x', 'Ana', '../../evil'), home))).toBe('../../e x – Ana')
  })

  it.each(['', ' ', '\u200b'])('names no author for %j', (author) => {
    expect(shownOf(commitLine(commit('Show drafts', author), null))).toBe('3f2c1ab Show drafts')
  })

  it('isolates right-to-left words from the text beside them', () => {
    expect(shownOf(commitLine(commit('הצג טיוטות (#9)', 'ليلى'), null))).toBe(
      '3f2c1ab \u2068הצג טיוטות\u2069 #9 – \u2068ليلى\u2069',
    )
  })

  it('shows emoji as characters, and as many as there is room for', () => {
    const line = shownOf(commitLine(commit(`:tada: ${'🎉'.repeat(500)}`), null))
    expect(line).toMatch(/^3f2c1ab :tada: (🎉)+… – Ana$/u)
    expect(line.length).toBeLessThan(130)
  })
})

describe('the repository’s page', () => {
  const changes = (url: string): Changes => ({
    known: true,
    commits: [],
    total: 0,
    direction: 'forward',
    url,
  })

  it.each([
    [`${home}/compare/a...b`, home],
    ['https://github.acme.dev/MyOrg/Blog-API/compare/a...b', 'https://github.acme.dev/MyOrg/Blog-API'],
    ['https://github.com/evil/other/compare/a...b', null],
    ['javascript:alert(1)//myorg/blog-api/compare/a', null],
    ['', null],
  ])('finds the repository’s page in %s', (url, page) => {
    expect(homeOf(changes(url), 'myorg/blog-api')).toBe(page)
  })
})

describe('many commits', () => {
  const of = (authors: readonly string[], total = authors.length) => {
    const commits = authors.map((author, at) => commit(`Change ${at}`, author, `${at}`.padStart(40, '0')))
    return newest({ known: true, commits, total, direction: 'forward', url: '' }, commit('The tip'))
  }

  it('shows the newest commits first, and the number and authors of the others', () => {
    const { shown, folded } = of(['Dai', 'Ben', 'Dai', 'Ana', 'Ana', 'Ana', 'Ana', 'Chloe'])
    expect(shown.map(({ title }) => title)).toEqual([
      'Change 7',
      'Change 6',
      'Change 5',
      'Change 4',
      'Change 3',
    ])
    expect(folded).toBe('and 3 more by Dai, Ben')
  })

  it('names three of four authors', () => {
    expect(of(['Dai', 'Ben', 'Eli', 'Fay', ...Array(5).fill('Ana')]).folded).toBe(
      'and 4 more by Dai, Ben, Eli and others',
    )
  })

  it('only counts commits whose authors have no names', () => {
    expect(of(['', '', ...Array(5).fill('Ana')]).folded).toBe('and 2 more')
  })

  it('folds nothing if all commits are shown', () => {
    expect(of(['Ana', 'Ben'])).toMatchObject({ shown: [{ author: 'Ben' }, { author: 'Ana' }], folded: null })
  })

  it('shows only the tip of more commits than the oldest hundred that GitHub returns', () => {
    const { shown, folded } = of(Array(100).fill('Ben'), 2_000)
    expect(shown.map(({ title }) => title)).toEqual(['The tip'])
    expect(folded).toBe('and 1999 more by Ben and others')
  })
})

describe('a progress bar', () => {
  it.each([
    [0, 4, '▱▱▱▱'],
    [2, 4, '▰▰▱▱'],
    [4, 4, '▰▰▰▰'],
    [99, 100, '▰▰▰▰▰▰▰▱'],
    [5, 4, '▰▰▰▰'],
    [0, 0, ''],
  ])('shows %i of %i', (done, of, shown) => {
    expect(bar(done, of)).toBe(shown)
  })
})

describe('pages of the console', () => {
  const service = { cluster: 'blog-cluster-prod', service: 'blog-api' }
  const arn = (partition: string, region: string) =>
    `arn:${partition}:ecs:${region}:123456789012:task-definition/blog-api:44`
  const page = 'clusters/blog-cluster-prod/services/blog-api/deployments'

  it.each([
    ['aws', 'eu-central-1', 'https://eu-central-1.console.aws.amazon.com'],
    ['aws-cn', 'cn-north-1', 'https://cn-north-1.console.amazonaws.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com'],
  ])('links the console of %s', (partition, region, origin) => {
    expect(serviceUrl(service, 'deployments', arn(partition, region))).toBe(
      `${origin}/ecs/v2/${page}?region=${region}`,
    )
  })

  it('links the console’s page of a cluster that is named by its ARN', () => {
    const cluster = 'arn:aws:ecs:eu-central-1:123456789012:cluster/blog-cluster-prod'
    expect(serviceUrl({ ...service, cluster }, 'deployments', arn('aws', 'eu-central-1'))).toContain(
      `/${page}?`,
    )
  })

  it.each([
    ['an incomplete ARN', service, 'arn:43'],
    ['an unknown partition', service, arn('aws-evil', 'eu-central-1')],
    ['a malformed region', service, arn('aws', 'evil.example/#')],
    ['a malformed service name', { ...service, service: 'blog api?x=|>' }, arn('aws', 'eu-central-1')],
  ])('links no console page for %s', (_, where, seen) => {
    expect(serviceUrl(where, 'logs', seen)).toBeNull()
  })

  it('links the console’s page of a task', () => {
    const task = 'arn:aws:ecs:eu-central-1:123456789012:task/blog-cluster-prod/0a1b2c3d'
    expect(taskUrl(task, 'logs')).toBe(
      'https://eu-central-1.console.aws.amazon.com/ecs/v2/clusters/blog-cluster-prod/tasks/0a1b2c3d/logs?region=eu-central-1',
    )
    expect(taskUrl('arn:aws:ecs:eu-central-1:123456789012:task/0a1b2c3d', 'logs')).toBeNull()
  })
})
