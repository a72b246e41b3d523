import { dateText } from './date.ts'
import { emoji } from './emoji.ts'
import { html, type Shown } from './html.ts'
import { channelMention, everyoneMention, groupMention, link, userMention } from './mrkdwn.ts'
import { isPart, type Part, parts } from './part.ts'
import type { Reader } from './reader.ts'

/** A `rich_text` block. */
export function richText(block: Part, reader: Reader): Shown {
  return html`<div class="rich-text">${parts(block.elements).map((element) => section(element, reader))}</div>`
}

function section(element: Part, reader: Reader): Shown {
  const inside = () => parts(element.elements).map((part) => inline(part, reader))
  switch (element.type) {
    case 'rich_text_preformatted':
      return html`<pre tabindex="0" aria-label="Preformatted text">${inside()}</pre>`
    case 'rich_text_quote':
      return html`<blockquote>${inside()}</blockquote>`
    case 'rich_text_list': {
      const items = parts(element.elements).map((item) => html`<li>${section(item, reader)}</li>`)
      const indent = `indent-${Number(element.indent ?? 0)}`
      return element.style === 'ordered'
        ? html`<ol class=${indent} start=${Number(element.offset ?? 0) + 1}>${items}</ol>`
        : html`<ul class=${indent}>${items}</ul>`
    }
    default:
      return html`<div class="rich-line">${inside()}</div>`
  }
}

function inline(part: Part, reader: Reader): Shown {
  return styled(bare(part, reader), isPart(part.style) ? part.style : {})
}

function bare(part: Part, reader: Reader): Shown {
  switch (part.type) {
    case 'link':
      return link(String(part.url), String(part.text || part.url))
    case 'emoji':
      return emoji(String(part.name))
    case 'user':
      return userMention(String(part.user_id), reader)
    case 'usergroup':
      return groupMention(String(part.usergroup_id), reader)
    case 'channel':
      return channelMention(String(part.channel_id), reader)
    case 'broadcast':
      return everyoneMention(String(part.range))
    case 'date': {
      const text = dateText(Number(part.timestamp), String(part.format), reader)
      return typeof part.url === 'string' ? link(part.url, text) : text
    }
    case 'color':
      return html`<code>${String(part.value)}</code>`
    default:
      return html`<bdi>${String(part.text ?? '')}</bdi>`
  }
}

function styled(shown: Shown, { code, bold, italic, strike, underline }: Part): Shown {
  let result = shown
  if (code === true) result = html`<code>${result}</code>`
  if (underline === true) result = html`<u>${result}</u>`
  if (strike === true) result = html`<s>${result}</s>`
  if (italic === true) result = html`<em>${result}</em>`
  return bold === true ? html`<strong>${result}</strong>` : result
}
