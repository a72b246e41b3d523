import { isRecord } from '../blocks/check.ts'
import { checkView } from '../blocks.ts'
import type { Trigger, View } from '../entities.ts'
import { tier4 } from '../rates.ts'
import { viewOnWire } from '../wire.ts'
import { ApiError, type Call, invalid, jsonArg, type Method, requiredArg, textArg } from './method.ts'

const viewLimit = 250_000

type Shared = Pick<Method, 'token' | 'scope' | 'rate' | 'support'>
const shared: Shared = { token: 'bot', scope: null, rate: tier4, support: 'supported' }

const open: Method = {
  ...shared,
  name: 'views.open',
  note: '',
  execute: (call) => {
    const view = viewArg(call, 'modal')
    const trigger = exchange(call)
    return answer(call, call.workspace.views.replace(trigger, view))
  },
}

const push: Method = {
  ...shared,
  name: 'views.push',
  note: 'any interaction of the person counts as an interaction in the modal',
  execute: (call) => {
    const view = viewArg(call, 'modal')
    const trigger = exchange(call)
    const pushed = call.workspace.views.push(trigger, view)
    if (!pushed) throw new ApiError('push_limit_reached')
    return answer(call, pushed)
  },
}

const update: Method = {
  ...shared,
  name: 'views.update',
  note: '',
  execute: (call) => {
    const { args, workspace } = call
    const view = workspace.views.find({
      id: textArg(args, 'view_id'),
      externalId: textArg(args, 'external_id'),
    })
    if (!view) throw new ApiError('not_found')
    checkHash(call, view)
    workspace.views.update(view, viewArg(call, view.type))
    return answer(call, view)
  },
}

const publish: Method = {
  ...shared,
  name: 'views.publish',
  note: '',
  execute: (call) => {
    const { args, workspace } = call
    const user = workspace.users.get(requiredArg(args, 'user_id'))
    if (!user || user.deleted) throw new ApiError('user_not_found')
    const view = viewArg(call, 'home')
    const home = workspace.views.home(user.id)
    if (home) checkHash(call, home)
    return answer(call, workspace.views.publish(user.id, view))
  },
}

export const viewMethods: readonly Method[] = [open, push, update, publish]

function answer({ workspace }: Call, view: View): Record<string, unknown> {
  return { view: viewOnWire(view, workspace) }
}

function viewArg({ args }: Call, type: View['type']): Record<string, unknown> {
  const view = jsonArg(args, 'view', 'invalid_arguments')
  const problems = checkView(view)
  if (problems.length > 0 || !isRecord(view)) throw invalid('invalid_arguments', problems)
  if (view.type !== type) throw invalid('invalid_arguments', [`must be a ${type} [json-pointer:/view/type]`])
  if (JSON.stringify(view).length > viewLimit) throw new ApiError('view_too_large')
  return view
}

/** Uses up the trigger. */
function exchange({ args, workspace }: Call): Trigger {
  const trigger = workspace.triggers.get(requiredArg(args, 'trigger_id'))
  if (!trigger) throw new ApiError('invalid_trigger_id')
  if (trigger.used) throw new ApiError('exchanged_trigger_id')
  if (workspace.now() > trigger.expiresAt) throw new ApiError('expired_trigger_id')
  trigger.used = true
  return trigger
}

function checkHash({ args }: Call, view: View): void {
  const hash = textArg(args, 'hash')
  if (hash !== undefined && hash !== view.hash) throw new ApiError('hash_conflict')
}
