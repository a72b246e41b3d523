import type { Logger } from 'pino'
import { troubleOf } from '../engine/observe.ts'
import { announceOnce, nameAtGate, unaskedBookmark } from '../engine/runs-at-gates.ts'
import { noticedRun } from '../engine/watched-workflows.ts'
import type { Clock } from '../ports/clock.ts'
import type { WaitingAtGate } from '../ports/gates.ts'
import type { Time } from '../release/names.ts'
import type { UnaskedNotice } from '../release/notice.ts'
import type { Refusal } from '../release/refusal.ts'
import { notAskedInTime } from '../release/refusals/gates.ts'
import { environmentChain, type Store } from '../store/store.ts'
import type { SharedGate } from './shared-gate.ts'

type Deps = { readonly store: Store; readonly clock: Clock; readonly log: Logger }

/** How long passing trouble may last before it is announced, ms. */
const passingAnnouncedAfterMs = 15 * 60_000

/** Runs that wait at a gate and whose approvals cannot be asked for. Each is announced once, and refused in the end. */
export class UnaskedRuns {
  readonly #deps: Deps
  /** By run and gate: when the first of the tries in a row failed. */
  readonly #failing = new Map<string, Time>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** A try has succeeded. */
  forget(gate: SharedGate, run: WaitingAtGate): void {
    this.#failing.delete(failingName(gate, run))
  }

  /**
   * A try has failed. Trouble that does not pass by itself is announced after the second one, because GitHub may not show
   * a new run completely at first. Returns the refusal of a run that could not be asked about for as long as a card waits
   * for approvals; null: twokey tries again.
   */
  async note(gate: SharedGate, run: WaitingAtGate, error: unknown): Promise<Refusal | null> {
    const { clock, log } = this.#deps
    const { kind, reason } = troubleOf(error)
    const name = failingName(gate, run)
    const since = this.#failing.get(name)
    if (since === undefined) {
      this.#failing.set(name, clock())
      const { repository, environment } = gate
      log.warn(
        { repository, environment, run: run.runId, reason },
        'cannot ask for the approvals of a run that waits at a gate',
      )
      return null
    }
    if (kind === 'terminal' || clock() - since >= passingAnnouncedAfterMs)
      await this.#announce(gate, run, reason)
    const expireAfterMs = Math.min(...gate.serviceEnvironments.map(({ policy }) => policy.expireAfterMs))
    if (clock() - since < expireAfterMs) return null
    const environments = [...new Set(gate.serviceEnvironments.map(({ environment }) => environment))]
    return notAskedInTime({ environment: environments.join(', '), why: reason })
  }

  async #announce(gate: SharedGate, run: WaitingAtGate, why: string): Promise<void> {
    const { store, clock } = this.#deps
    const { workflow, branch } = run
    const [first] = gate.serviceEnvironments
    const serviceEnvironment =
      gate.serviceEnvironments.find((each) => each.workflow === workflow && each.branch === branch) ?? first
    if (!serviceEnvironment) return
    const { environment, channel } = serviceEnvironment
    await announceOnce(store, { bookmark: unaskedBookmark(gate.repository), run }, async (tx) => {
      const chain = environmentChain(environment)
      const noticed = noticedRun(run)
      const detail = { run: noticed, workflow, why }
      const head = await tx.audit(
        chain,
        [{ actor: 'twokey', what: 'could not ask at the gate', detail }],
        clock(),
      )
      const notice: UnaskedNotice = { notice: 'not-asked-at-gate', environment, workflow, run: noticed, why }
      await tx.announce(channel, { notice, chain, head }, clock())
    })
  }
}

function failingName({ repository }: SharedGate, run: WaitingAtGate): string {
  return `${repository}:${nameAtGate(run)}`
}
