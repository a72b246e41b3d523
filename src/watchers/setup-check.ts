import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Finding } from '../doctor/finding.ts'
import type { Clock } from '../ports/clock.ts'
import type { Time } from '../release/names.ts'
import type { SetupNotice } from '../release/notice.ts'
import { Loop } from '../runtime/loop.ts'
import { type Store, strayChain } from '../store/store.ts'

export type SetupCheckDeps = {
  readonly store: Store
  /** What identifies the content of twokey.yml. */
  readonly config: string
  /** Looks at everything that the config names. */
  readonly check: () => Promise<readonly Finding[]>
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** Checks the setup once after the start: what is wrong is logged, and posted in a channel. */
export type SetupCheck = {
  wake(): void
  stop(): Promise<void>
}

/** The last check of the setup; and what was posted about it. */
const checkedBookmark = 'setup checked'
const postedBookmark = 'setup posted'

/** A check at a start. `waitMs`: how long the next start with the same config waits after it. */
type Checked = { readonly at: Time; readonly config: string; readonly waitMs: number }

/** The shortest and the longest time between the checks of two starts, ms. */
const apartMs = { least: 60_000, most: 60 * 60_000 }

/**
 * By how much that time grows from check to check. A twokey that crashes again and again must not use up GitHub's rate limit: it makes
 * four checks in the first hour, and one in each later hour.
 */
const growth = 4

/** How often it is checked again while something could not be read, and the pause between, ms. */
const mostRounds = 5
const againMs = 60_000

/** The most problems in one post, and in its row of the audit log. */
const problemsShown = 5
const problemsAudited = 50

/** Begins with the first `wake`, and ends by itself. */
export function startSetupCheck({ store, config, check, clock, log }: SetupCheckDeps): SetupCheck {
  let rounds = 0
  const stopped = Promise.withResolvers<null>()
  const loop = new Loop({
    round,
    onError: { message: 'the setup could not be checked', backOffMs: againMs },
    log,
  })

  async function round(): Promise<number> {
    if (rounds === 0) {
      const last = lastCheck(await store.bookmark(checkedBookmark))
      const waitMs = last === null ? 0 : untilNext(last, config, clock())
      if (waitMs > 0) {
        log.info(
          { waitMs },
          'the setup was checked a moment ago: it is checked again later; `twokey check --online` checks it now',
        )
        return waitMs
      }
      const checked: Checked = { at: clock(), config, waitMs: waitAfter(last, config, clock()) }
      await store.transact((tx) => tx.setBookmark(checkedBookmark, checked))
    }
    rounds += 1
    // A check may take minutes while the outside is slow: a stop does not wait for it.
    const findings = await Promise.race([check(), stopped.promise])
    if (findings === null) return Number.POSITIVE_INFINITY
    logFindings(log, findings)
    await announceProblems(store, findings, clock())
    const isComplete = findings.every(({ state }) => state !== 'unavailable')
    return isComplete || rounds >= mostRounds ? Number.POSITIVE_INFINITY : againMs
  }

  return {
    wake: () => loop.wake(),
    stop() {
      stopped.resolve(null)
      return loop.stop()
    },
  }
}

/** An older twokey stored the time alone. */
function lastCheck(bookmark: unknown): Checked | null {
  const at = checkedShape.or(z.number().transform((at) => ({ at, config: '', waitMs: apartMs.least })))
  return at.safeParse(bookmark).data ?? null
}

const checkedShape = z.object({ at: z.number(), config: z.string(), waitMs: z.number() })

/** A clock that was set back delays nothing, and another config only by the shortest time. */
function untilNext({ at, config: checked, waitMs }: Checked, config: string, now: Time): number {
  if (at > now) return 0
  return Math.max(0, at + (checked === config ? waitMs : apartMs.least) - now)
}

/** The time grows while twokey starts again and again with the same config. */
function waitAfter(last: Checked | null, config: string, now: Time): number {
  const isAgain =
    last !== null && last.config === config && now >= last.at && now < last.at + last.waitMs + apartMs.most
  return isAgain ? Math.min(last.waitMs * growth, apartMs.most) : apartMs.least
}

function logFindings(log: SetupCheckDeps['log'], findings: readonly Finding[]): void {
  for (const { about, state, says, next } of findings) {
    const detail = next === null ? { about } : { about, next }
    if (state === 'wrong') log.error(detail, `setup: ${about}: ${says}`)
    if (state === 'unavailable') log.warn(detail, `setup: ${about}: ${says}`)
  }
  const inState = (state: Finding['state']) => findings.filter((each) => each.state === state)
  const listed = (state: Finding['state']) => inState(state).map(({ about, says }) => `${about}: ${says}`)
  log.info(
    {
      right: listed('right'),
      caution: listed('caution'),
      wrong: inState('wrong').length,
      unavailable: inState('unavailable').length,
    },
    'the setup was checked',
  )
}

/**
 * Posts all problems in the release channel, or in another channel if that is one of them; nothing if each of them was
 * posted before, by this process or one that crashed.
 */
async function announceProblems(store: Store, findings: readonly Finding[], now: Time): Promise<void> {
  const wrong = findings.filter(({ state }) => state === 'wrong')
  const channel = findings.find((each) => each.channel !== undefined && each.state === 'right')?.channel
  await store.transact(async (tx) => {
    const posted = keysIn(await tx.bookmark(postedBookmark))
    // What could not be read this time was not repaired.
    const kept = findings.every(({ state }) => state !== 'unavailable') ? [] : posted
    const keys = wrong.map(keyOf)
    if (channel === undefined) return
    await tx.setBookmark(postedBookmark, [...new Set([...kept, ...keys])])
    if (keys.every((key) => posted.includes(key))) return
    const problems = wrong.map(({ about, says, next }) => ({ about, says, next }))
    const notice: SetupNotice = {
      notice: 'setup-wrong',
      problems: problems.slice(0, problemsShown),
      more: Math.max(0, problems.length - problemsShown),
    }
    const detail = { problems: problems.slice(0, problemsAudited), of: problems.length }
    const head = await tx.audit(strayChain, [{ actor: 'twokey', what: 'setup wrong', detail }], now)
    await tx.announce(channel, { notice, chain: strayChain, head }, now)
  })
}

function keysIn(bookmark: unknown): readonly string[] {
  return Array.isArray(bookmark) ? bookmark.filter((key) => typeof key === 'string') : []
}

/** The same problem has the same key, though AWS and GitHub name another session, request or commit in it each time. */
function keyOf({ about, says }: Finding): string {
  const same = `${about} ${says}`.replaceAll(/[0-9a-f-]{7,}/gi, '…')
  return createHash('sha256').update(same).digest('hex').slice(0, 16)
}
