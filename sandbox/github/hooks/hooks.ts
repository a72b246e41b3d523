import { randomUUID } from 'node:crypto'
import type { App } from '../apps.ts'
import { includes, requirementOfEvent } from '../permissions.ts'
import type { Repository } from '../repository.ts'
import { type Addresses, nodeId } from '../shapes/accounts.ts'
import { type Delivery, type Hook, send, unreachable } from './delivery.ts'
import { type HookEvent, hookEvents } from './events.ts'
import { PayloadContract } from './payload-contract.ts'
import { commonPayload } from './payloads.ts'
import { type Happening, Watch } from './watch.ts'

/**
 * What goes wrong with a delivery. `lost`: it does not arrive, and GitHub lists it as failed. `unsent`: GitHub never
 * made it. `forged`: signed with another secret. `repeated`: sent twice. `reordered`: sent after the next one. A
 * number: sent this many ms later.
 */
export type HookFault = 'lost' | 'unsent' | 'forged' | 'repeated' | 'reordered' | number

type Queued = {
  readonly event: HookEvent | undefined
  readonly fault: HookFault
  skip: number
  times: number
}

type Surroundings = {
  readonly repositories: readonly Repository[]
  readonly app: App
  readonly apps: readonly App[]
  readonly at: Addresses
  readonly violations: string[]
  id(): number
  repository(fullName?: string): Repository
  changed(): void
  onChange(listener: () => void): () => void
}

/** How long deliveries are listed and may be sent again, ms. */
const listedFor = 3 * 86_400_000

/** The webhooks of Apps and repositories, and what was delivered to them. Nothing is delivered again by itself. */
export class Hooks {
  /** In the order in which they were made. */
  readonly deliveries: Delivery[] = []
  /** How long GitHub waits for an answer, ms. */
  patience = 10_000
  /** Payloads of protection rules lack the deployment, and `workflow_run`, which GitHub does not document. */
  isReduced = false
  readonly #world: Surroundings
  #hooks: Hook[] = []
  #faults: Queued[] = []
  /** What waits until the next delivery was sent. */
  #behind: (() => void)[] = []
  #closing = new AbortController()
  #contract: PayloadContract | undefined
  #stopWatching: (() => void) | undefined

  constructor(world: Surroundings) {
    this.#world = world
  }

  /** Sets the webhook of an App (default: the bot's), as its owner does in the settings. It gets the App's events. */
  setAppHook(hook: Pick<Hook, 'url' | 'secret'>, app = this.#world.app): Hook {
    return this.#add({ ...hook, target: { type: 'integration', id: app.id }, events: hookEvents })
  }

  /** Sets the webhook of a repository, which gets no protection rules. */
  setRepositoryHook(
    hook: Pick<Hook, 'url' | 'secret'> & { readonly events?: readonly HookEvent[] },
    { id } = this.#world.repository(),
  ): Hook {
    return this.#add({ events: hookEvents, ...hook, target: { type: 'repository', id } })
  }

  /** The webhook of an App or a repository. */
  of(target: Hook['target']): Hook | undefined {
    return this.#hooks.find((hook) => isSameTarget(hook.target, target))
  }

  /** Removes all webhooks. */
  clear(): void {
    this.#hooks = []
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }

  /** Queues a fault for the next deliveries, or those of an event. */
  fault(
    fault: HookFault,
    { event, times = 1, skip = 0 }: { event?: HookEvent; times?: number; skip?: number } = {},
  ): void {
    this.#faults.push({ event, fault, times, skip })
  }

  /** The deliveries of a hook's target that GitHub lists now, newest first. */
  listed(target: Hook['target']): Delivery[] {
    return this.deliveries
      .filter(
        ({ hook, at, result }) => isSameTarget(hook.target, target) && result && at > Date.now() - listedFor,
      )
      .reverse()
  }

  /** Sends a delivery once more, with the same guid. */
  redeliver({ result: _, ...delivery }: Delivery): void {
    const hook = this.of(delivery.hook.target) ?? delivery.hook
    this.#deliver({ ...delivery, hook, id: this.#world.id(), isRedelivery: true, at: Date.now() })
  }

  /** Whether deliveries are on their way. */
  get isBusy(): boolean {
    return this.#behind.length > 0 || this.deliveries.some(({ result }) => !result)
  }

  close(): void {
    this.clear()
    this.#closing.abort()
  }

  #add(settings: Omit<Hook, 'id'>): Hook {
    const hook = { ...settings, id: this.#world.id() }
    this.#hooks = [...this.#hooks.filter(({ target }) => !isSameTarget(target, hook.target)), hook]
    this.#stopWatching ??= this.#watch()
    return hook
  }

  /** What happened before is not told. */
  #watch(): () => void {
    const watch = new Watch(this)
    watch.look(this.#world.repositories)
    return this.#world.onChange(() => {
      for (const happening of watch.look(this.#world.repositories)) this.#tell(happening)
    })
  }

  #tell(happening: Happening): void {
    for (const hook of this.#hooks) {
      const app = this.#world.apps.find(
        ({ id }) => hook.target.type === 'integration' && id === hook.target.id,
      )
      if (app ? isFor(app, happening) : isForRepository(hook, happening)) this.#make(hook, app, happening)
    }
  }

  #make(hook: Hook, app: App | undefined, { event, action, repository, sender, payload }: Happening): void {
    const { at, violations } = this.#world
    const installation = app && {
      id: app.installationId,
      node_id: nodeId('Installation', app.installationId),
    }
    const whole = {
      action,
      ...payload(at),
      ...commonPayload(repository, sender, at),
      ...(installation && { installation }),
    }
    this.#contract ??= new PayloadContract()
    const broken = this.#contract.broken(event, action, whole)
    if (broken.length > 0) violations.push(`webhook ${event} ${action}: ${broken.join('; ')}`)
    this.#deliver({
      id: this.#world.id(),
      guid: randomUUID(),
      hook,
      event,
      action,
      repositoryId: repository.id,
      installationId: app ? app.installationId : null,
      isRedelivery: false,
      payload: JSON.parse(JSON.stringify(whole)) as Delivery['payload'],
      at: Date.now(),
    })
  }

  #deliver(delivery: Delivery): void {
    const fault = this.#faultFor(delivery)
    if (fault === 'unsent') return
    this.deliveries.push(delivery)
    const { secret } = delivery.hook
    if (fault === 'lost') {
      delivery.result = { status: unreachable, statusCode: 502, durationMs: 0, headers: {}, response: '' }
    } else if (fault === 'reordered') this.#behind.push(() => this.#send(delivery, secret))
    else if (typeof fault === 'number') setTimeout(() => this.#send(delivery, secret), fault).unref()
    else {
      const sent = this.#send(delivery, fault === 'forged' ? `not ${secret}` : secret)
      if (fault === 'repeated') this.#send(delivery, secret)
      for (const next of this.#behind.splice(0)) sent.then(next)
    }
  }

  async #send(delivery: Delivery, secret: string): Promise<void> {
    const { signal } = this.#closing
    if (signal.aborted) return
    const result = await send(delivery, { secret, patience: this.patience, signal })
    delivery.result ??= result
    this.#world.changed()
  }

  #faultFor({ event }: Delivery): HookFault | undefined {
    const queued = this.#faults.find((each) => each.event === undefined || each.event === event)
    if (!queued) return undefined
    if (queued.skip > 0) {
      queued.skip -= 1
      return undefined
    }
    queued.times -= 1
    if (queued.times <= 0) this.#faults = this.#faults.filter((each) => each !== queued)
    return queued.fault
  }
}

function isSameTarget(one: Hook['target'], other: Hook['target']): boolean {
  return one.type === other.type && one.id === other.id
}

/** An App hears of the events that it is subscribed to and may read, if it is installed and not suspended. */
function isFor(app: App, { event, only, repository }: Happening): boolean {
  if (only && only.appId !== app.id) return false
  const needs = requirementOfEvent(event)
  return (
    app.state === 'installed' &&
    app.isInstalledOn(repository) &&
    app.events.includes(event) &&
    includes(app.permissions[needs.permission], needs.level)
  )
}

function isForRepository({ target, events }: Hook, { event, only, repository }: Happening): boolean {
  return target.id === repository.id && !only && events.includes(event)
}
