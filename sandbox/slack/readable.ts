import { isRecord } from './blocks/check.ts'
import type { Block, Blocks } from './entities.ts'
import { dateText, decoded, mrkdwnText, type Names } from './mrkdwn.ts'

type Part = Readonly<Record<string, unknown>>

/** Blocks as lines for a terminal: texts, `[Buttons]`, `[Menus ▾]`, and logs behind a bar. */
export function blockLines(blocks: Blocks, names: Names): string[] {
  return blocks.flatMap((block) => linesOf(block, names)).filter((line) => line !== '')
}

function linesOf(block: Block, names: Names): string[] {
  switch (block.type) {
    case 'divider':
      return ['────']
    case 'context':
      return [
        parts(block.elements)
          .map((element) => text(element, names))
          .join(' · '),
      ].flatMap(lines)
    case 'actions':
      return [parts(block.elements).map(control).join(' ')]
    case 'rich_text':
      return parts(block.elements).flatMap((element) => richLines(element, names))
    case 'input':
      return [`${text(block.label, names)}: ${isRecord(block.element) ? control(block.element) : ''}`]
    case 'table':
    case 'data_table':
      return rows(block.rows, names)
    default:
      return plainLines(block, names)
  }
}

function plainLines(block: Block, names: Names): string[] {
  const shown = [block.title, block.text, ...parts(block.fields)].flatMap((part) => lines(text(part, names)))
  const beside = isRecord(block.accessory) ? [control(block.accessory)] : []
  const pressable = parts(block.actions).map(control)
  return [...shown, ...beside, ...(pressable.length > 0 ? [pressable.join(' ')] : [])]
}

function parts(value: unknown): Part[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function lines(value: string): string[] {
  return value.split('\n')
}

function text(part: unknown, names: Names): string {
  if (typeof part === 'string') return part
  if (!isRecord(part)) return ''
  if (part.type === 'mrkdwn') return mrkdwnText(String(part.text), names)
  if (part.type === 'image') return `(${part.alt_text})`
  return decoded(String(part.text ?? ''))
}

function control(element: Part): string {
  if (element.type === 'image') return `(${element.alt_text})`
  const label = isRecord(element.text) ? element.text.text : undefined
  if (label !== undefined) return `[${label}]`
  const chosen = isRecord(element.initial_option) ? element.initial_option.text : element.placeholder
  const name = isRecord(chosen) ? chosen.text : (element.initial_value ?? element.action_id)
  return element.type === 'overflow' ? '[…]' : `[${name}${/input$/.test(String(element.type)) ? '' : ' ▾'}]`
}

function rows(value: unknown, names: Names): string[] {
  if (!Array.isArray(value)) return []
  return value.map((row) =>
    parts(row)
      .map((cell) => cellText(cell, names))
      .join(' | '),
  )
}

function cellText(cell: Part, names: Names): string {
  return cell.type === 'rich_text'
    ? parts(cell.elements)
        .flatMap((element) => richLines(element, names))
        .join(' ')
    : String(cell.text)
}

function richLines(element: Part, names: Names): string[] {
  const inline = () =>
    lines(
      parts(element.elements)
        .map((part) => inlineText(part, names))
        .join(''),
    )
  switch (element.type) {
    case 'rich_text_preformatted':
      return inline().map((line) => `│ ${line}`)
    case 'rich_text_quote':
      return inline().map((line) => `> ${line}`)
    case 'rich_text_list':
      return parts(element.elements).map((item, index) => {
        const mark = element.style === 'ordered' ? `${index + 1}.` : '•'
        return `${mark} ${richLines(item, names).join(' ')}`
      })
    default:
      return inline()
  }
}

function inlineText(part: Part, names: Names): string {
  switch (part.type) {
    case 'user':
      return `@${names.user(String(part.user_id))}`
    case 'usergroup':
      return `@${names.group(String(part.usergroup_id))}`
    case 'channel':
      return `#${names.channel(String(part.channel_id))}`
    case 'broadcast':
      return `@${part.range}`
    case 'emoji':
      return `:${part.name}:`
    case 'link':
      return String(part.text ?? part.url)
    case 'date':
      return dateText(Number(part.timestamp), String(part.format))
    default:
      return String(part.text ?? part.value ?? '')
  }
}
