const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** The longest duration supported for a timer: 30 days, in ms. */
const maxMs = 720 * unitMs.h

/** Parses `250ms`, `5s`, `10m` or `2h` to ms; `undefined` for anything else, and for more than 720h. */
export function durationMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,10})(ms|s|m|h)$/.exec(text) ?? []
  if (!amount || !unit) return undefined
  const ms = Number(amount) * unitMs[unit as keyof typeof unitMs]
  return ms <= maxMs ? ms : undefined
}
