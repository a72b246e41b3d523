import { describe, expect, it } from 'vitest'
import { foreign } from '../../src/release/foreign.ts'
import { inCode, literal, outside, reason, sentence, shorten } from '../../src/slack/escape.ts'
import { capital } from '../../src/slack/mrkdwn.ts'

describe('text from outside in mrkdwn', () => {
  it.each([
    ['a mention of everybody', '<!channel> now', '&lt;!channel&gt; now'],
    ['a mention of a person', 'thanks <@U0ANA>', 'thanks &lt;@U0ANA&gt;'],
    ['a link with another name', '<https://evil.example|bank>', '&lt;https://evil.example|bank&gt;'],
    ['entities typed as such', '&lt;!here&gt; & more', '&amp;lt;!here&amp;gt; &amp; more'],
    ['a status in emoji', ':white_check_mark: done', ':\u2060white_check_mark: done'],
    ['a status in characters', '✅ approved ✔️ ☑️ ❌ 🔵 ⚪️ 🟡 ⚠️ 🚫 ▰▱', '✓ approved ✓ ✓ ✗ ● ○ ● △ ⊘ ■□'],
    ['two in a row', ':x::tada:', ':\u2060x::\u2060tada:'],
    ['a time', 'at 10:30', 'at 10:30'],
    ['bold', 'a *b* c', 'a ∗b∗ c'],
    ['italic at the edges of a word', '_wip_ snake_case __init__', 'ˍwipˍ snake_case ˍˍinitˍˍ'],
    ['struck', '~old~ ~/.config', '∼old∼ ∼/.config'],
    ['code', 'a `b` ```c```', 'a ˋbˋ ˋˋˋcˋˋˋ'],
    ['full-width signs, which format as well', '＊a＊ ＿b＿ ｀c｀', '﹡a﹡ ˍbˍ ˋcˋ'],
    ['a quote', '> so it is', '\u00ad&gt; so it is'],
    ['several lines', 'one\r\ntwo\n\n  three ', 'one two three'],
    ['text that runs backwards', 'a\u202egnp.exe\u202c', 'agnp.exe'],
    ['right-to-left names', 'شكرا يا ليلى', 'شكرا يا ليلى'],
    ['zero width', 'pr\u200bod\ufeff', 'prod'],
    ['controls', 'a\u0000\u001b[31mb\u009b', 'a[31mb'],
    ['tags', 'hi\u{e0041}\u{e0042}', 'hi'],
    ['half a surrogate', 'a\ud83db', 'ab'],
    ['an emoji with its skin', '👍🏽', '👍🏽'],
  ])('makes %s harmless', (_, text, shown) => {
    expect(outside(text)).toBe(shown)
  })

  it('cuts text before it escapes it, so that no entity is cut', () => {
    expect(outside('<'.repeat(10), 4)).toBe('&lt;&lt;&lt;…')
  })

  it('cuts text between characters, never within a surrogate pair', () => {
    expect(shorten('ab🦄cd', 4)).toBe('ab…')
    expect(shorten('ab🦄cd', 5)).toBe('ab🦄…')
    expect(shorten('ab🦄', 4)).toBe('ab🦄')
  })

  it('limits the length of any text', () => {
    expect(literal('x'.repeat(20_000), 80)).toHaveLength(80)
  })

  it('shows a dash if nothing is left', () => {
    expect(literal('\u200b')).toBe('–')
  })
})

describe('twokey’s sentences that quote outside text', () => {
  it('a sentence mentions the people that it names, and nothing else', () => {
    expect(sentence('taken by <@U0ANA> <!here> <https://x|y>')).toBe(
      'taken by <@U0ANA> &lt;!here&gt; &lt;https://x|y&gt;',
    )
  })

  it('outside text in a sentence cannot mention, format or show a date', () => {
    const words = foreign('<@U0ELI> *FAKE* `FAKE` 2026-11-23 12:00 UTC')
    expect(sentence(`taken by <@U0ANA>: ${words}. Type \`/deploy lock prod <reason>\`.`)).toBe(
      'taken by <@U0ANA>: &lt;@U0ELI&gt; ∗FAKE∗ ˋFAKEˋ 2026-11-23 12:00 UTC. Type `/deploy lock prod &lt;reason&gt;`.',
    )
  })

  it('a sentence keeps text to copy as it is, whoever wrote it', () => {
    expect(sentence(`Type \`heads/${foreign('_wip*`x')}\` for the branch.`)).toBe(
      'Type `heads/_wip*ˋx` for the branch.',
    )
    expect(inCode('/deploy prod _wip_ `x` <reason>')).toBe('`/deploy prod _wip_ ˋxˋ &lt;reason&gt;`')
  })

  it('a sentence is cut together with what it quotes, and no code stays open', () => {
    const cut = sentence(`a ${foreign('b'.repeat(50))} c`, 20)
    expect(cut).toBe(`a ${'b'.repeat(17)}…`)
    expect(sentence('see `one two three four five` for more', 12)).toBe('see `one tw…`')
  })

  it('a sentence mentions groups, and shows times in the reader’s zone', () => {
    expect(sentence('ask <!subteam^S0OPS>, locked since 2026-11-23 12:00 UTC')).toBe(
      'ask <!subteam^S0OPS>, locked since <!date^1795435200^{date_short_pretty} {time}|2026-11-23 12:00 UTC>',
    )
    expect(sentence('at 2026-99-99 12:00 UTC')).toBe('at 2026-99-99 12:00 UTC')
  })

  it('a reason mentions the person who ended a release, and nobody whom their words name', () => {
    expect(reason('rejected by <@U0BEN>: ask <@U0ANA>')).toBe('rejected by <@U0BEN>: ask &lt;@U0ANA&gt;')
    expect(reason('locked by <@U0BEN>: locked by <@U0ANA>')).toBe(
      'locked by <@U0BEN>: locked by &lt;@U0ANA&gt;',
    )
    expect(reason('job <@U0ANA> failed')).toBe('job &lt;@U0ANA&gt; failed')
  })
})

describe('the capital at the beginning of a sentence', () => {
  it.each([
    ['the run failed', 'The run failed'],
    ['nothing was sent; try again', 'Nothing was sent; try again'],
    ['twokey.yml was changed', 'twokey.yml was changed'],
    ['twokey cannot read the run', 'twokey cannot read the run'],
    ['blog-api:42 is inactive', 'blog-api:42 is inactive'],
    ['web:7 is inactive', 'web:7 is inactive'],
    ['', ''],
  ])('a sentence begins with a capital unless it begins with a name: %j', (words, shown) => {
    expect(capital(words)).toBe(shown)
  })
})
