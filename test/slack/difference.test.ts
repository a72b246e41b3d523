import { describe, expect, it } from 'vitest'
import { checkBlocks } from '../../sandbox/slack/blocks.ts'
import {
  type Difference,
  type DifferenceLine,
  type DifferencePart,
  differenceParts,
} from '../../src/release/difference.ts'
import type { Subject } from '../../src/release/subject.ts'
import { card } from '../../src/slack/cards/card.ts'
import { differenceBlocks, differenceText } from '../../src/slack/cards/difference.ts'
import { threadPost } from '../../src/slack/cards/thread-post.ts'
import { DrivenRelease, rollback } from './releases.ts'

type Rollback = Extract<Subject, { kind: 'rollback' }>

function line(part: Partial<DifferenceLine>): DifferenceLine {
  return { what: 'cpu', container: null, key: null, change: 'changed', from: null, to: null, ...part }
}

function of(lines: readonly DifferenceLine[], total = lines.length): Difference {
  return { known: true, lines, total }
}

function subject(part: Partial<Rollback>): Rollback {
  if (rollback.kind !== 'rollback') throw new Error('not a rollback')
  return { ...rollback, ...part }
}

/** Every text in it, one line per bullet. */
function shownOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(shownOf).filter(Boolean).join('\n')
  if (typeof value !== 'object' || value === null) return ''
  if ('type' in value && value.type === 'rich_text_section' && 'elements' in value)
    return (value.elements as { text: string }[]).map(({ text }) => text).join('')
  if ('elements' in value) return shownOf(value.elements)
  return 'text' in value ? String(value.text) : ''
}

const blocksOf = (lines: readonly DifferenceLine[], total?: number) =>
  differenceBlocks(subject({ difference: of(lines, total) }))

const commit = (digit: string) => digit.repeat(40)

describe('the difference of a rollback', () => {
  it.each<[string, Partial<DifferenceLine>]>([
    [
      'api image: blog-api:1111111 → blog-api:2222222',
      {
        what: 'image',
        container: 'api',
        from: `r.io/x/blog-api:${commit('1')}`,
        to: `r.io/x/blog-api:${commit('2')}`,
      },
    ],
    [
      'api image: r.io/blog-api:1 → evil.example/blog-api:1',
      { what: 'image', container: 'api', from: 'r.io/blog-api:1', to: 'evil.example/blog-api:1' },
    ],
    [
      'api image: blog-api:1 → blog-api:2',
      { what: 'image', container: 'api', from: 'blog-api:1', to: 'blog-api:2' },
    ],
    [
      'container proxy added: proxy:1',
      { what: 'container', container: 'proxy', change: 'added', to: 'proxy:1' },
    ],
    ['api environment variable HOUR changed', { what: 'environment', container: 'api', key: 'HOUR' }],
    [
      'task role: role/a → role/b',
      { what: 'taskRole', from: 'arn:aws:iam::1:role/a', to: 'arn:aws:iam::1:role/b' },
    ],
    [
      'task role: arn:aws:iam::1:role/a → arn:aws:iam::2:role/a',
      { what: 'taskRole', from: 'arn:aws:iam::1:role/a', to: 'arn:aws:iam::2:role/a' },
    ],
    ['CPU: 256 CPU units → 512 CPU units', { what: 'cpu', from: '256', to: '512' }],
    ['CPU: 1 vCPU → 512 CPU units', { what: 'cpu', from: '1 vCPU', to: '512' }],
    ['api memory: 1024 MiB → 512 MiB', { what: 'memory', container: 'api', from: '1024', to: '512' }],
    ['stop timeout removed: 30 s', { what: 'stopTimeout', change: 'removed', from: '30' }],
    [
      'api health check value interval: 30 s → 10 s',
      { what: 'healthCheck', container: 'api', key: 'interval', from: '30', to: '10' },
    ],
    [
      'api health check value retries: 3 → 5',
      { what: 'healthCheck', container: 'api', key: 'retries', from: '3', to: '5' },
    ],
    ['api field privileged added', { what: 'other', container: 'api', key: 'privileged', change: 'added' }],
  ])('shows the difference “%s”', (shown, part) => {
    expect(shownOf(blocksOf([line(part)])).split('\n')[0]).toBe(shown)
  })

  it('shows six lines of the difference, and counts the others', () => {
    const blocks = blocksOf(
      Array.from({ length: 30 }, (_, index) => line({ what: 'environment', key: `V${index}` })),
      41,
    )
    expect(shownOf(blocks).match(/environment variable/g)).toHaveLength(6)
    expect(shownOf(blocks)).toContain('35 more')
  })

  it('shows the approved digests, and says if ECS reports none', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const images = [
      { container: 'api', image: 'a', digest },
      { container: 'proxy', image: 'b', digest: null },
    ]
    const shown = shownOf(differenceBlocks(subject({ images })))
    expect(shown).toMatch(/api `sha256:aaaaaaaaaaaa`/)
    expect(shown).toMatch(/proxy digest not reported/)
  })

  it('stays within Slack’s limits and shows hostile text as text', () => {
    const evil = `<!channel> <https://evil.example|x> \`:white_check_mark:\` ${'🦄ل'.repeat(500)}\u202e`
    const blocks = differenceBlocks(
      subject({
        difference: of(
          differenceParts.map((what) => line({ what, container: evil, key: evil, from: evil, to: evil })),
        ),
        images: Array.from({ length: 40 }, () => ({ container: evil, image: evil, digest: evil })),
      }),
    )
    expect(checkBlocks(blocks, 'message')).toEqual([])
    const parsed = blocks.filter(({ type }) => type !== 'rich_text')
    expect(JSON.stringify(parsed)).not.toMatch(/<!channel>|<https:/)
    expect(JSON.stringify(blocks)).not.toContain('\u202e')
    expect(JSON.stringify(blocks).length).toBeLessThan(8_000)
  })
})

describe('the difference in a few words', () => {
  const many = (what: DifferencePart, count: number) => Array.from({ length: count }, () => line({ what }))
  it.each<[string, Difference]>([
    ['nothing differs', of([])],
    ['differs: image', of(many('image', 1))],
    ['differs: image, 2 environment variables', of([...many('image', 1), ...many('environment', 2)])],
    ['differs: image, 70 more', of(many('image', 1), 71)],
    ['differences unknown', { known: false, why: 'no permission' }],
  ])('summarizes a difference as “%s”', (words, difference) => {
    expect(differenceText(difference, 'differs')).toBe(words)
  })
})

describe('the difference on a card', () => {
  const driven = () =>
    new DrivenRelease({ subject: subject({ difference: of([line({ from: '256', to: '512' })]) }) })

  it('shows the difference on the card while people can decide, and in the post of the request for good', () => {
    const { release, told } = driven()
    expect(shownOf(card(release).blocks)).toContain('CPU: 256 CPU units → 512 CPU units')
    expect(shownOf(threadPost(release, told[0]!, null).blocks)).toContain(
      'CPU: 256 CPU units → 512 CPU units',
    )
  })

  it('explains on the card why approvals are requested again', () => {
    const { release } = driven()
    const blocks = JSON.stringify(card({ ...release, voided: 'the image <!here> is another' }).blocks)
    expect(blocks).toContain('the image &lt;!here&gt; is another')
  })
})

describe('what the approver of a rollback has to know beside the difference', () => {
  const at = Date.UTC(2026, 10, 23, 8)
  const crossed = { release: 'r-1', run: null, at, applied: 'yes' } as const
  const unchanged = '*This rollback does not change the database'

  it.each<[string, Partial<Rollback>, readonly unknown[]]>([
    ['no migration configured', {}, [`${unchanged}:* migrations that were applied since blog-api:42 stay.`]],
    [
      'no migration since',
      { migrations: { last: [], more: 0, isComplete: true } },
      [`${unchanged}.* No migration ran since blog-api:42 was deployed.`],
    ],
    [
      'none that twokey knows of',
      { migrations: { last: [], more: 0, isComplete: false } },
      [
        `${unchanged}.* twokey knows of no migration since blog-api:42 was deployed, but not of all releases since then.`,
      ],
    ],
    [
      'two migrations since',
      {
        migrations: {
          last: [crossed, { ...crossed, release: 'r-2', applied: 'perhaps' }],
          more: 0,
          isComplete: true,
        },
      },
      [
        expect.stringMatching(
          /^:warning: \*This rollback does not change the database\.\* 2 migrations ran since blog-api:42 was deployed: release r-1, <!date[^>]+>; release r-2, <!date[^>]+> \(perhaps applied in part\)\. blog-api:42 runs on the newer schema\.$/,
        ),
      ],
    ],
    [
      'what could not be read',
      {
        difference: { known: false, why: 'no permission' },
        images: [],
        imagesUnread: 'ECR answered <!here>',
      },
      [
        ':grey_question: *Differences from the running revision not checked:* no permission',
        ':grey_question: *Its images are not known*',
        ':grey_question: *Not checked whether ECR still has its images:* ECR answered &lt;!here&gt;',
        `${unchanged}:* migrations that were applied since blog-api:42 stay.`,
      ],
    ],
  ])(
    'the card says it in normal size above the needed approvals, and so does the thread: %s',
    (_, part, words) => {
      const { release, told } = new DrivenRelease({ subject: subject(part) })
      const [section] = card(release).blocks
      const lines = (section as { text: { text: string } }).text.text.split('\n')
      const needed = lines.findIndex((line) => line.startsWith('*Needs 2 approvals*'))
      const above = lines.slice(needed - words.length, needed)
      const post = threadPost(release, told[0]!, null).text
      expect(above).toEqual(words)
      expect(post).toContain(above.join('\n'))
      expect(checkBlocks(card(release).blocks, 'message')).toEqual([])
    },
  )
})
