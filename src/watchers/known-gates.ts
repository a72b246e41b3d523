import { troubleOf } from '../engine/observe.ts'
import type { Clock } from '../ports/clock.ts'
import type { KnownGate } from '../ports/gates.ts'
import type { GitHub } from '../ports/ports.ts'
import { gateName, type Time } from '../release/names.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'

/** How long a gate is cached, ms; one that could not be read is read again sooner. */
const gateMs = 10 * 60_000
const unreadGateMs = 60_000

type Gated = Pick<ServiceEnvironment, 'repository' | 'githubEnvironment'>

/** What GitHub requires in each environment, as last read. */
export class KnownGates {
  readonly #github: Pick<GitHub, 'protection'>
  readonly #clock: Clock
  readonly #gates = new Map<string, { readonly at: Time; readonly gate: KnownGate }>()

  constructor({ github, clock }: { readonly github: Pick<GitHub, 'protection'>; readonly clock: Clock }) {
    this.#github = github
    this.#clock = clock
  }

  /** Reads the gate, unless it is known well enough. */
  async look({ repository, githubEnvironment }: Gated): Promise<void> {
    const name = gateName({ repository, githubEnvironment })
    const known = this.#gates.get(name)
    const lastsMs = known?.gate.gate === 'unseen' ? unreadGateMs : gateMs
    if (known && this.#clock() - known.at < lastsMs) return
    const gate = await this.#github
      .protection({ repository, environment: githubEnvironment })
      .catch((error: unknown): KnownGate => ({ gate: 'unseen', why: troubleOf(error).reason }))
    this.#gates.set(name, { at: this.#clock(), gate })
  }

  /** Without a request. */
  of(gated: Gated): KnownGate {
    return this.#gates.get(gateName(gated))?.gate ?? { gate: 'unseen', why: 'it was not looked at yet' }
  }
}
