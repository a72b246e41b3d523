import {
  all,
  boolean,
  byType,
  type Check,
  exactlyOne,
  integer,
  list,
  matching,
  oneOf,
  shape,
  string,
  typed,
  url,
} from './check.ts'
import { richText } from './rich-text.ts'
import { actionId, confirm, image, placeholder, plainText, style, text } from './texts.ts'

const value = string({ max: 150 })
const optionOf = (label: Check, extra: Record<string, Check> = {}) =>
  shape({ text: label, value }, { description: plainText({ max: 75 }), ...extra })

const selectOption = optionOf(plainText({ max: 75 }))
const richOption = shape({ text: text({ max: 75 }), value }, { description: text({ max: 75 }) })
const overflowOption = optionOf(plainText({ max: 75 }), { url: url(3000) })
const optionGroup = shape({ label: plainText({ max: 75 }), options: list(selectOption, { max: 100 }) })

const acting = { action_id: actionId }
const focusing = { ...acting, focus_on_load: boolean }
const choosing = { ...focusing, confirm, placeholder }
const several = { max_selected_items: integer({ min: 1, max: 1000 }) }

const id = string({ max: 255 })
const ids = list(id, { min: 0, max: 1000 })
const date = matching(/^\d{4}-\d{2}-\d{2}$/, 'a date YYYY-MM-DD')
const time = matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time HH:mm')
const filter = shape(
  {},
  {
    include: list(oneOf('im', 'mpim', 'private', 'public'), { max: 4 }),
    exclude_external_shared_channels: boolean,
    exclude_bot_users: boolean,
  },
)

function optionsAnd(more: Record<string, Check>): Check {
  return all(
    exactlyOne('options', 'option_groups'),
    shape(
      { type: typed },
      {
        ...choosing,
        options: list(selectOption, { max: 100 }),
        option_groups: list(optionGroup, { max: 100 }),
        ...more,
      },
    ),
  )
}

const button = shape(
  { type: typed, text: plainText({ max: 75 }) },
  {
    ...acting,
    confirm,
    style,
    value: string({ max: 2000 }),
    url: url(3000),
    accessibility_label: string({ max: 75 }),
  },
)

/** For each data source, a single-select menu and its multi-select variant. */
const selects: Record<string, Check> = {
  static_select: optionsAnd({ initial_option: selectOption }),
  multi_static_select: optionsAnd({ initial_options: list(selectOption, { max: 100 }), ...several }),
  users_select: shape({ type: typed }, { ...choosing, initial_user: id }),
  multi_users_select: shape({ type: typed }, { ...choosing, initial_users: ids, ...several }),
  channels_select: shape(
    { type: typed },
    { ...choosing, initial_channel: id, response_url_enabled: boolean },
  ),
  multi_channels_select: shape({ type: typed }, { ...choosing, initial_channels: ids, ...several }),
  conversations_select: shape(
    { type: typed },
    {
      ...choosing,
      initial_conversation: id,
      default_to_current_conversation: boolean,
      response_url_enabled: boolean,
      filter,
    },
  ),
  multi_conversations_select: shape(
    { type: typed },
    {
      ...choosing,
      initial_conversations: ids,
      default_to_current_conversation: boolean,
      filter,
      ...several,
    },
  ),
  external_select: shape(
    { type: typed },
    { ...choosing, initial_option: selectOption, min_query_length: integer({ max: 3000 }) },
  ),
  multi_external_select: shape(
    { type: typed },
    {
      ...choosing,
      initial_options: list(selectOption, { max: 100 }),
      min_query_length: integer({ max: 3000 }),
      ...several,
    },
  ),
}

const choices: Record<string, Check> = {
  checkboxes: shape(
    { type: typed, options: list(richOption, { max: 10 }) },
    { ...focusing, confirm, initial_options: list(richOption, { max: 10 }) },
  ),
  radio_buttons: shape(
    { type: typed, options: list(richOption, { max: 10 }) },
    { ...focusing, confirm, initial_option: richOption },
  ),
  datepicker: shape({ type: typed }, { ...choosing, initial_date: date }),
  timepicker: shape({ type: typed }, { ...choosing, initial_time: time, timezone: string({ max: 100 }) }),
  datetimepicker: shape(
    { type: typed },
    { ...focusing, confirm, initial_date_time: integer({ min: 1_000_000_000, max: 9_999_999_999 }) },
  ),
}

const dispatching = {
  ...focusing,
  placeholder,
  dispatch_action_config: shape(
    {},
    { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), { max: 2 }) },
  ),
}
const lines = integer({ min: 1, max: 100 })

const richTextInput = shape(
  { type: typed },
  { ...dispatching, initial_value: richText, min_lines: lines, max_lines: lines },
)

const typing: Record<string, Check> = {
  plain_text_input: shape(
    { type: typed },
    {
      ...dispatching,
      initial_value: string({ min: 0, max: 3000 }),
      multiline: boolean,
      min_length: integer({ max: 3000 }),
      max_length: integer({ min: 1, max: 3000 }),
    },
  ),
  email_text_input: shape({ type: typed }, { ...dispatching, initial_value: string({ max: 3000 }) }),
  url_text_input: shape({ type: typed }, { ...dispatching, initial_value: string({ max: 3000 }) }),
  number_input: shape(
    { type: typed, is_decimal_allowed: boolean },
    {
      ...dispatching,
      initial_value: string({ max: 3000 }),
      min_value: string({ max: 3000 }),
      max_value: string({ max: 3000 }),
    },
  ),
  rich_text_input: richTextInput,
  file_input: shape(
    { type: typed },
    {
      ...acting,
      filetypes: list(string({ max: 20 }), { max: 100 }),
      max_files: integer({ min: 1, max: 10 }),
    },
  ),
}

const overflow = shape({ type: typed, options: list(overflowOption, { max: 5 }) }, { ...acting, confirm })

const workflowButton = shape(
  {
    type: typed,
    text: plainText({ max: 75 }),
    workflow: shape({
      trigger: shape(
        { url: url(3000) },
        {
          customizable_input_parameters: list(
            shape({ name: string({ max: 255 }), value: string({ min: 0, max: 3000 }) }),
            { max: 100 },
          ),
        },
      ),
    }),
  },
  { ...acting, style, accessibility_label: string({ max: 75 }) },
)

const feedbackButton = shape(
  { text: plainText({ max: 75 }), value: string({ max: 2000 }) },
  { accessibility_label: string({ max: 75 }) },
)

/** The options that an app may return for an `external_select`; an empty list means that nothing was found. */
export const offeredOptions = all(
  exactlyOne('options', 'option_groups'),
  shape(
    {},
    {
      options: list(selectOption, { min: 0, max: 100 }),
      option_groups: list(optionGroup, { min: 0, max: 100 }),
    },
  ),
)

/** The elements that an actions block accepts. */
export const actionElement = byType({
  button,
  overflow,
  workflow_button: workflowButton,
  rich_text_input: richTextInput,
  ...selects,
  ...choices,
})

/** The elements that a section accepts beside its text. */
export const accessory = byType({
  button,
  overflow,
  image,
  workflow_button: workflowButton,
  ...selects,
  ...choices,
})

/** The elements that an input block accepts. */
export const inputElement = byType({ ...typing, ...selects, ...choices })

/** The buttons that a card block accepts. */
export const cardButton = byType({ button })

/** The elements that a context_actions block accepts. */
export const contextAction = byType({
  feedback_buttons: shape(
    { type: typed, positive_button: feedbackButton, negative_button: feedbackButton },
    acting,
  ),
  icon_button: shape(
    { type: typed, icon: oneOf('trash'), text: plainText({ max: 75 }) },
    {
      ...acting,
      confirm,
      value: string({ max: 2000 }),
      accessibility_label: string({ max: 75 }),
      visible_to_user_ids: ids,
    },
  ),
})
