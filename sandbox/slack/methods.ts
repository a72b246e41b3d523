import { authMethods } from './methods/auth.ts'
import { chatMethods } from './methods/chat.ts'
import { conversationMethods } from './methods/conversations.ts'
import { fileMethods } from './methods/files.ts'
import type { Method } from './methods/method.ts'
import { userMethods } from './methods/users.ts'
import { viewMethods } from './methods/views.ts'

const all = [
  ...authMethods,
  ...chatMethods,
  ...conversationMethods,
  ...userMethods,
  ...viewMethods,
  ...fileMethods,
]

/** All supported methods, by name. */
export const methods: ReadonlyMap<string, Method> = new Map(all.map((method) => [method.name, method]))

/** How far each method is supported, and where it differs from Slack. All others answer `unknown_method`. */
export const coverage: Readonly<Record<string, Pick<Method, 'support' | 'note'>>> = Object.fromEntries(
  all.map(({ name, support, note }) => [name, { support, note }]),
)
