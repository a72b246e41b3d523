import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { type HookEvent, hookName } from './events.ts'

type Description = {
  readonly webhooks: Readonly<Record<string, { readonly $ref: string }>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const id = 'webhooks'

/** Checks the payloads that the sandbox sends against GitHub's own description of its webhooks. */
export class PayloadContract {
  readonly #ajv = formats.default(new Ajv({ strict: false, allErrors: true, code: { optimize: false } }))
  readonly #webhooks: Description['webhooks']
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor() {
    const file = new URL('../webhooks.json', import.meta.url)
    const { webhooks, components } = JSON.parse(readFileSync(file, 'utf8')) as Description
    this.#webhooks = webhooks
    this.#ajv.addSchema({ $id: id, components })
  }

  /** Where a payload differs from GitHub's description; empty if it does not. */
  broken(event: HookEvent, action: string, payload: unknown): string[] {
    const name = hookName(event, action)
    const check =
      this.#compiled.get(name) ?? this.#ajv.compile({ $ref: `${id}${this.#webhooks[name]!.$ref}` })
    this.#compiled.set(name, check)
    return check(payload) ? [] : check.errors!.map((error) => `${error.instancePath} ${error.message}`)
  }
}
