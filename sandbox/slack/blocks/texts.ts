import { all, boolean, byType, type Check, exactlyOne, oneOf, shape, string, typed, url } from './check.ts'

type Size = { readonly max: number; readonly min?: number }

/** `plain_text` only: headers, buttons, labels, titles. */
export function plainText(size: Size): Check {
  return byType({ plain_text: shape({ type: typed, text: string(size) }, { emoji: boolean }) })
}

/** `mrkdwn` only. */
export function mrkdwn(size: Size): Check {
  return byType({ mrkdwn: shape({ type: typed, text: string(size) }, { verbatim: boolean }) })
}

/** Either text object, each with its own option (`emoji` or `verbatim`) and not the other's. */
export function text(size: Size): Check {
  return byType({
    plain_text: shape({ type: typed, text: string(size) }, { emoji: boolean }),
    mrkdwn: shape({ type: typed, text: string(size) }, { verbatim: boolean }),
  })
}

export const style = oneOf('primary', 'danger')
export const actionId = string({ max: 255 })
export const blockId = string({ max: 255 })
export const placeholder = plainText({ max: 150 })

/** The confirmation dialog that Slack shows before it sends an action. */
export const confirm = shape(
  { text: text({ max: 300 }) },
  { title: plainText({ max: 100 }), confirm: plainText({ max: 30 }), deny: plainText({ max: 30 }), style },
)

/** An image by URL or by Slack file, never both. */
export const image = all(
  exactlyOne('image_url', 'slack_file'),
  shape(
    { type: typed, alt_text: string({ max: 2000 }) },
    {
      image_url: url(3000),
      slack_file: all(exactlyOne('id', 'url'), shape({}, { id: string({ max: 255 }), url: url(3000) })),
    },
  ),
)
