/** One line of the report: twokey and a baseline of the same run. */
export type Row = {
  readonly what: string
  readonly unit: 'ms' | 'MB'
  readonly twokey: number
  readonly baseline: number
  /** What the baseline does. */
  readonly against: string
  /** The lower limit: a bare acknowledgement. */
  readonly floor?: number
  /** The ratio to the baseline must not exceed it. */
  readonly goal?: number
}

/**
 * The value that this share of all values does not exceed.
 * @param share 0.5 is the median
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (found === undefined) throw new Error('there is nothing to take a percentile of')
  return found
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The runs as one Markdown table: the median of several runs, with minimum and maximum in brackets. */
export function table(runs: readonly (readonly Row[])[]): string {
  const [first = []] = runs
  const lines = first.map((row, at) =>
    line(
      row,
      runs.map((rows) => rows[at]).filter((each) => each !== undefined),
    ),
  )
  return [
    '| measure | twokey | baseline | floor | ratio | goal |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n')
}

function line({ what, unit, against, goal }: Row, rows: readonly Row[]): string {
  const twokey = spread(rows.map((row) => row.twokey))
  const baseline = spread(rows.map((row) => row.baseline))
  const floors = rows.map((row) => row.floor).filter((floor) => floor !== undefined)
  const floor = floors.length === 0 ? '–' : `${spread(floors)} ${unit}`
  const ratio = spread(rows.map((row) => row.twokey / row.baseline))
  return `| ${what} | ${twokey} ${unit} | ${baseline} ${unit}, ${against} | ${floor} | ${ratio} | ${goal === undefined ? '–' : `≤ ${goal}`} |`
}

function spread(values: readonly number[]): string {
  const middle = figure(median(values))
  return values.length === 1
    ? middle
    : `${middle} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
