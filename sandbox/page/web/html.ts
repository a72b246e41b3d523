import { html } from 'htm/preact'
import type { ComponentChildren } from 'preact'

/** Templates as elements. Text in them is text: nothing of what Slack holds is ever read as HTML. */
export { html }

export type Shown = ComponentChildren
