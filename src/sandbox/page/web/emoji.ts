import { nameToEmoji } from 'gemoji'
import { html, type Shown } from './html.ts'
import { own } from './reader.ts'

/** Names that Slack has and GitHub, whose names the library knows, calls otherwise. */
const slackNames: Readonly<Record<string, string>> = {
  double_vertical_bar: 'pause_button',
  large_blue_circle: 'blue_circle',
  black_circle_for_record: 'record_button',
  black_square_for_stop: 'stop_button',
  eject: 'eject_button',
  simple_smile: 'slightly_smiling_face',
  thinking_face: 'thinking',
  hugging_face: 'hugs',
  ladybug: 'lady_beetle',
}

/** The character of an emoji by Slack's name for it; undefined where there is none. */
function emojiOf(name: string): string | undefined {
  const plain = name.replace(/^large_(\w+)_(circle|square)$/, '$1_$2')
  const known = [name, plain, own(slackNames, name) ?? ''].find((each) => own(nameToEmoji, each))
  return known === undefined ? undefined : own(nameToEmoji, known)
}

/** An emoji with its name for screen readers; an unknown one as it was typed. */
export function emoji(name: string): Shown {
  const character = emojiOf(name)
  if (character === undefined) return `:${name}:`
  return html`<span class="emoji" role="img" aria-label=${name.replaceAll('_', ' ')} title=${`:${name}:`}>${character}</span>`
}
