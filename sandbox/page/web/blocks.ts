import { Fragment } from 'preact'
import { control, label, picture } from './elements.ts'
import { html, type Shown } from './html.ts'
import { Field } from './inputs.ts'
import { mrkdwn, plainText, safeHref } from './mrkdwn.ts'
import { isPart, type Part, parts, textOf } from './part.ts'
import { richText } from './rich-text.ts'
import type { Surface } from './surface.ts'

/** Renders Block Kit. */
export function blocks(all: readonly Part[], surface: Surface): Shown {
  return all.map(
    (each, index) =>
      html`<div class=${`block ${textOf(each.type)}`} key=${keyOf(each, all.slice(0, index))}>${block(each, surface)}</div>`,
  )
}

/**
 * A key that identifies a block across edits of its message. Slack gives blocks without an id new ids at each edit.
 * Focus and selection must survive an edit, so only input blocks are identified by their id.
 */
function keyOf({ type, block_id }: Part, before: readonly Part[]): string {
  if (type === 'input') return textOf(block_id)
  return `${textOf(type)} ${before.filter((other) => other.type === type).length}`
}

/** A button keeps its identity across edits; a menu in a new block is a new menu, as in Slack. */
function controlKeyOf({ type, action_id }: Part, { block_id }: Part): string {
  return type === 'button' ? textOf(action_id) : `${textOf(block_id)} ${textOf(action_id)}`
}

function block(each: Part, surface: Surface): Shown {
  switch (each.type) {
    case 'section':
      return section(each, surface)
    case 'header':
      return html`<h3>${label(each.text)}</h3>`
    case 'divider':
      return html`<hr />`
    case 'context':
      return parts(each.elements).map(
        (element) =>
          html`<span>${element.type === 'image' ? picture(element) : words(element, surface)}</span>`,
      )
    case 'actions':
      return parts(each.elements).map((element) => keyed(element, each, surface))
    case 'image':
      return html`<figure>${each.title && html`<figcaption>${label(each.title)}</figcaption>`}${picture(each)}</figure>`
    case 'rich_text':
      return richText(each, surface.reader)
    case 'input':
      return html`<${Field} block=${each} surface=${surface} />`
    case 'alert':
      return html`<p role="note" class=${`alert-${textOf(each.level) || 'default'}`}>${words(each.text, surface)}</p>`
    case 'table':
    case 'data_table':
      return table(each, surface)
    case 'plan':
      return [
        html`<strong>${textOf(each.title)}</strong>`,
        ...parts(each.tasks).map((task) => taskCard(task, surface)),
      ]
    case 'task_card':
      return taskCard(each, surface)
    case 'container':
      return [html`<strong>${textOf(each.title)}</strong>`, blocks(parts(each.child_blocks), surface)]
    case 'card':
      return card(each, surface)
    case 'carousel':
      return parts(each.elements).map((element) => card(element, surface))
    case 'markdown':
      return html`<div class="text">${textOf(each.text)}</div>`
    case 'video':
      return video(each)
    default:
      return html`<p class="quiet">This page does not support ${textOf(each.type)} blocks.</p>`
  }
}

/** Renders a text object of either type. */
function words(text: unknown, { reader }: Surface): Shown {
  if (!isPart(text)) return textOf(text)
  return text.type === 'mrkdwn'
    ? mrkdwn(textOf(text), reader)
    : plainText(textOf(text), { emoji: text.emoji === true })
}

function section(each: Part, surface: Surface): Shown {
  const { text, fields, accessory } = each
  return html`
    <div class="section-words">
      ${text !== undefined && html`<div class="text">${words(text, surface)}</div>`}
      ${
        fields !== undefined &&
        html`<div class="fields">${parts(fields).map((field) => html`<div class="text">${words(field, surface)}</div>`)}</div>`
      }
    </div>
    ${isPart(accessory) && html`<div class="accessory">${keyed(accessory, each, surface)}</div>`}
  `
}

function keyed(element: Part, within: Part, surface: Surface): Shown {
  return html`<${Fragment} key=${controlKeyOf(element, within)}>${control(element, surface)}</${Fragment}>`
}

function table({ rows, caption }: Part, surface: Surface): Shown {
  const cell = (each: Part) =>
    each.type === 'rich_text' ? richText(each, surface.reader) : textOf(each.text) || String(each.value ?? '')
  const [head = [], ...body] = Array.isArray(rows) ? rows.map(parts) : []
  return html`<table>
    ${caption !== undefined && html`<caption>${textOf(caption)}</caption>`}
    <thead><tr>${head.map((each) => html`<th scope="col">${cell(each)}</th>`)}</tr></thead>
    <tbody>${body.map((row) => html`<tr>${row.map((each) => html`<td>${cell(each)}</td>`)}</tr>`)}</tbody>
  </table>`
}

const marks: Readonly<Record<string, string>> = { pending: '○', in_progress: '◐', complete: '●', error: '✕' }

function taskCard({ title, status, details, output }: Part, { reader }: Surface): Shown {
  return html`<div class="task">
    <span role="img" aria-label=${textOf(status).replace('_', ' ')}>${marks[textOf(status)] ?? '○'}</span> ${textOf(title)}
    ${isPart(details) && richText(details, reader)}${isPart(output) && richText(output, reader)}
  </div>`
}

function card({ hero_image, title, subtitle, body, actions }: Part, surface: Surface): Shown {
  return html`<div class="card-block">
    ${isPart(hero_image) && picture(hero_image)}
    ${title !== undefined && html`<strong>${words(title, surface)}</strong>`}
    ${subtitle !== undefined && html`<div class="quiet">${words(subtitle, surface)}</div>`}
    ${body !== undefined && html`<div class="text">${words(body, surface)}</div>`}
    ${parts(actions).map((each) => control(each, surface))}
  </div>`
}

function video({ title, title_url, thumbnail_url, alt_text }: Part): Shown {
  const href = safeHref(textOf(title_url))
  return html`<figure>
    <figcaption>${href ? html`<a href=${href} target="_blank" rel="noopener noreferrer">${label(title)}</a>` : label(title)}</figcaption>
    ${picture({ image_url: thumbnail_url, alt_text })}
  </figure>`
}
