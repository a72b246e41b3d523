import { html } from 'htm/preact'
import type { ComponentChildren } from 'preact'

/** Renders templates. Values in them are always text: nothing from Slack is interpreted as HTML. */
export { html }

export type Shown = ComponentChildren
