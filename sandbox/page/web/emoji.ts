import { nameToEmoji } from 'gemoji'
import { html, type Shown } from './html.ts'
import { own } from './reader.ts'

/** Slack's emoji names that differ from GitHub's, which the library uses. */
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
  octagonal_sign: 'stop_sign',
  face_with_rolling_eyes: 'roll_eyes',
  sign_of_the_horns: 'metal',
  spiral_calendar_pad: 'spiral_calendar',
  spiral_note_pad: 'spiral_notepad',
  rolled_up_newspaper: 'newspaper_roll',
  lower_left_ballpoint_pen: 'pen',
  lower_left_fountain_pen: 'fountain_pen',
  lower_left_paintbrush: 'paintbrush',
  lower_left_crayon: 'crayon',
  knife_fork_plate: 'plate_with_cutlery',
  three_button_mouse: 'computer_mouse',
  rain_cloud: 'cloud_with_rain',
  snow_cloud: 'cloud_with_snow',
  lightning: 'cloud_with_lightning',
  black_right_pointing_double_triangle_with_vertical_bar: 'next_track_button',
  black_left_pointing_double_triangle_with_vertical_bar: 'previous_track_button',
  black_right_pointing_triangle_with_double_vertical_bar: 'play_or_pause_button',
}

/** The character of an emoji by its Slack name; undefined if the name is unknown. */
export function emojiOf(name: string): string | undefined {
  const plain = name.replace(/^large_(\w+)_(circle|square)$/, '$1_$2')
  const known = [name, plain, own(slackNames, name) ?? ''].find((each) => own(nameToEmoji, each))
  return known === undefined ? flagOf(name) : own(nameToEmoji, known)
}

/** Flags such as `flag-kr` consist of two regional letters. */
function flagOf(name: string): string | undefined {
  const [, land] = /^flag-([a-z]{2})$/.exec(name) ?? []
  if (land === undefined) return undefined
  return String.fromCodePoint(...[...land].map((letter) => (letter.codePointAt(0) ?? 0) - 0x61 + 0x1f1e6))
}

/** An emoji with its name for screen readers; an unknown name is shown as typed. */
export function emoji(name: string): Shown {
  const character = emojiOf(name)
  if (character === undefined) return `:${name}:`
  return html`<span class="emoji" role="img" aria-label=${name.replaceAll('_', ' ')} title=${`:${name}:`}>${character}</span>`
}
