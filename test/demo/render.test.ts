import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { describe, expect, it } from 'vitest'
import { blocks } from '../../sandbox/page/web/blocks.ts'
import { dateText } from '../../sandbox/page/web/date.ts'
import type { Shown } from '../../sandbox/page/web/html.ts'
import { mrkdwn, plainText, spoken } from '../../sandbox/page/web/mrkdwn.ts'
import type { Part } from '../../sandbox/page/web/part.ts'
import type { Reader } from '../../sandbox/page/web/reader.ts'

const reader: Reader = {
  me: 'U0BEN',
  users: { U0ANA: 'Ana', U0BEN: 'Ben' },
  groups: { S0DEPLOYERS: { handle: 'deployers', members: ['U0BEN'] } },
  channels: { C0DEPLOYS: 'deploys' },
  zone: 'Asia/Seoul',
  locale: 'en-GB',
  now: Date.parse('2026-11-23T10:00:00Z'),
}

const draw = (shown: Shown) => renderToString(h('div', null, shown)).slice('<div>'.length, -'</div>'.length)
const drawn = (text: string) => draw(mrkdwn(text, reader))
const surface = { reader, press: async () => {}, choose: async () => {} }
const drawnBlock = (block: Part) => draw(blocks([{ block_id: 'b', ...block }], surface))
const text = (words: string) => ({ type: 'plain_text', text: words })

describe('mrkdwn', () => {
  it.each([
    ['*bold* _it_ ~off~ `code`', '<strong>bold</strong> <em>it</em> <s>off</s> <code>code</code>'],
    ['_in_flight_, _a_', '<em>in_flight</em>, <em>a</em>'],
    ['2*3*4 and snake_case_words', '2*3*4 and snake_case_words'],
    ['```a *b*\nc```', '<pre>a *b*\nc</pre>'],
    ['&gt; quoted', '<blockquote> quoted</blockquote>'],
    ['<@U0BEN>', '<span class="mention mine" data-user="U0BEN">@Ben</span>'],
    ['<@U0ANA>', '<span class="mention" data-user="U0ANA">@Ana</span>'],
    ['<!subteam^S0DEPLOYERS>', '<span class="mention mine">@deployers</span>'],
    ['<#C0DEPLOYS>', '<span class="mention">#deploys</span>'],
    ['<!here>', '<span class="mention mine">@here</span>'],
    // Text in angle brackets that is not a mention, date or link becomes a link without its brackets, also in code.
    ['lock prod <reason>', 'lock prod <span class="no-address">reason</span>'],
    ['<foo|bar>', '<span class="no-address">bar</span>'],
    ['`/deploy lock prod <reason>`', '<code>/deploy lock prod <span class="no-address">reason</span></code>'],
    ['`/deploy lock prod &lt;reason&gt;`', '<code>/deploy lock prod &lt;reason></code>'],
    ['12:30:45', '12:30:45'],
    [':no_such_emoji:', ':no_such_emoji:'],
  ])('mrkdwn is rendered: %s', (typed, html) => {
    expect(drawn(typed)).toBe(html)
  })

  it('links open in a new tab without a referrer', () => {
    expect(drawn('<https://example.com/a?b=1&amp;c=2|the *diff*>')).toBe(
      '<a href="https://example.com/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">the <strong>diff</strong></a>',
    )
  })

  it('a permalink links to the message on the page', () => {
    expect(drawn('<https://twokey-sandbox.slack.com/archives/C0DEPLOYS/p1795411450885000|card>')).toBe(
      '<a href="#channel-1795411450.885000">card</a>',
    )
  })

  it('emoji have names for screen readers, Slack’s own names included', () => {
    expect(drawn(':white_check_mark:')).toContain('aria-label="white check mark"')
    expect(drawn(':double_vertical_bar: :large_green_circle:')).toMatch(/⏸.*🟢/)
    expect(drawn(':flag-kr: :octagonal_sign:')).toMatch(/🇰🇷.*🛑/)
    expect(draw(plainText(':rocket:', { emoji: false }))).toBe(':rocket:')
  })

  it.each([
    '<script>alert(1)</script>',
    '&lt;script&gt;alert(1)&lt;/script&gt;',
    '<img src=x onerror=alert(1)>',
    '*<b onmouseover=alert(1)>*',
    '`<i>`',
    '<https://example.com|"><script>alert(1)</script>>',
  ])('no HTML is rendered from %s', (typed) => {
    expect(drawn(typed)).not.toMatch(/<(script|img|b|i)\b/)
  })

  it.each([
    '<javascript:alert(1)|press>',
    '<JaVaScRiPt:alert(1)|press>',
    '<data:text/html,x|press>',
    '< javascript:alert(1)|press>',
    '<vbscript:x|press>',
    '<!date^0^{date}^javascript:alert(1)|press>',
  ])('no link is rendered from %s', (typed) => {
    expect(drawn(typed)).not.toContain('<a')
  })

  it.each([
    '<@constructor>',
    '<#__proto__>',
    '<!subteam^toString>',
    ':constructor:',
    '<!date^1^{valueOf}|x>',
  ])('names of object properties are not resolved: %s', (typed) => {
    expect(drawn(typed)).not.toMatch(/function|\[object/)
  })

  it('mrkdwn is announced without markup, with its emoji', () => {
    expect(spoken(':no_entry: *blog-api* by <@U0ANA>: <https://example.com|run 7>', reader)).toBe(
      '⛔ blog-api by @Ana: run 7',
    )
  })
})

describe('dates in the reader’s time zone and language', () => {
  const at = Date.parse('2026-11-23T16:30:05Z') / 1000
  it.each([
    ['{date_num} {time}', '2026-11-24 01:30'],
    ['{date_short_pretty} at {time_secs}', 'tomorrow at 01:30:05'],
    ['{date_long}', 'Tuesday 24 November'],
    ['{ago}', 'in 7 hours'],
    ['{nonsense}', '{nonsense}'],
  ])('the date format %s is rendered', (format, shown) => {
    expect(dateText(at, format, reader)).toBe(shown)
  })
})

describe('blocks', () => {
  it.each([
    ['header', { type: 'header', text: text('<b>Deploy</b>') }, '<h3>&lt;b>Deploy&lt;/b></h3>'],
    ['divider', { type: 'divider' }, '<hr/>'],
    [
      'fields',
      { type: 'section', fields: [{ type: 'mrkdwn', text: '*a*' }, text('*b*')] },
      '<div class="fields"><div class="text"><strong>a</strong></div><div class="text">*b*</div></div>',
    ],
    ['context', { type: 'context', elements: [text('small')] }, '<span>small</span>'],
    [
      'button',
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: 'go',
            text: text('Go'),
            style: 'primary',
            accessibility_label: 'Go: prod',
          },
        ],
      },
      'class="button primary" aria-label="Go: prod"',
    ],
    [
      'menu',
      {
        type: 'actions',
        elements: [{ type: 'static_select', action_id: 's', options: [{ text: text('One'), value: '1' }] }],
      },
      '<option value="1">One</option>',
    ],
    [
      'log',
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_preformatted',
            elements: [{ type: 'text', text: '<@U0ANA> *x* :rocket: <script>' }],
          },
        ],
      },
      '<bdi>&lt;@U0ANA> *x* :rocket: &lt;script></bdi></pre>',
    ],
    [
      'list',
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_list',
            style: 'ordered',
            offset: 2,
            elements: [
              {
                type: 'rich_text_section',
                elements: [
                  { type: 'text', text: 'x', style: { bold: true, code: true } },
                  { type: 'user', user_id: 'U0ANA' },
                  { type: 'link', url: 'javascript:alert(1)', text: 'bad' },
                ],
              },
            ],
          },
        ],
      },
      '<ol class="indent-0" start="3"><li><div class="rich-line"><strong><code><bdi>x</bdi></code></strong><span class="mention" data-user="U0ANA">@Ana</span>bad</div></li></ol>',
    ],
    [
      'input',
      {
        type: 'input',
        label: text('Reason'),
        optional: true,
        element: { type: 'plain_text_input', action_id: 'r', initial_value: '"><script>' },
      },
      'value="&quot;>&lt;script>"',
    ],
    [
      'image',
      { type: 'image', image_url: 'javascript:alert(1)', alt_text: 'A cat' },
      '<figure><span>A cat</span></figure>',
    ],
    [
      'table',
      {
        type: 'table',
        rows: [[{ type: 'raw_text', text: 'h' }], [{ type: 'raw_text', text: '<i>' }]],
      },
      '<tbody><tr><td>&lt;i></td></tr></tbody>',
    ],
    ['unknown', { type: 'hologram' }, 'This page does not support hologram blocks.'],
  ])('a block is rendered: %s', (_, block, html) => {
    expect(drawnBlock(block)).toContain(html)
  })
})

describe('a date near today', () => {
  const when = { now: Date.UTC(2026, 10, 23, 12), locale: 'en', zone: 'UTC' }
  const day = 86_400

  it.each([
    [-1, 'yesterday'],
    [0, 'today'],
    [1, 'tomorrow'],
  ])('a date %i days from now is shown as %s', (days, word) => {
    expect(dateText(when.now / 1_000 + days * day, '{date_short_pretty}', when)).toBe(word)
  })
})
