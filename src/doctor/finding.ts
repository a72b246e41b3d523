/** What a check of the setup found about one thing that the config names. */
export type Finding = {
  /** The thing, as people know it: `#deploys`, `blog-api in prod`. */
  readonly about: string
  /** `caution`: it works, with a limit to know. `unavailable`: it could not be read, which may pass by itself. */
  readonly state: 'right' | 'caution' | 'wrong' | 'unavailable'
  /** What was found, without a full stop. May quote text from outside. */
  readonly says: string
  /** What to do, one sentence; null if nothing is to be done, or `says` names it. */
  readonly next: string | null
  /** The channel that it is about; posts may go there if it is right. */
  readonly channel?: string
}

/** The most names in one finding. */
const namesShown = 4

/** Joins problems that are the same, so that one cause is read once: credentials that expired concern every service. */
export function joinedProblems(findings: readonly Finding[]): readonly Finding[] {
  return [...findings.filter((each) => !isProblem(each)), ...joined(findings.filter(isProblem))]
}

/** Whether something has to be fixed, or read again. */
export function isProblem({ state }: Finding): boolean {
  return state === 'wrong' || state === 'unavailable'
}

/** Joins findings that say the same. */
export function joined(findings: readonly Finding[]): readonly Finding[] {
  const groups = Map.groupBy(findings, ({ state, says, next }) => JSON.stringify([state, says, next]))
  return [...groups.values()].map((same) => ({
    ...same[0]!,
    about: namesOf(same.map(({ about }) => about)),
  }))
}

/** `dev`, `dev, prod` or `dev, prod and 7 more`; each name once. */
export function namesOf(names: readonly string[]): string {
  const all = [...new Set(names)]
  const more = all.length - namesShown
  return more > 0 ? `${all.slice(0, namesShown).join(', ')} and ${more} more` : all.join(', ')
}

/** How each state is marked in a table. */
const marks = { right: '✓', caution: '!', wrong: '✗', unavailable: '?' } as const

/** The table of a terminal: one line for each finding, and one for what to do about it. */
export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.min(40, Math.max(0, ...findings.map(({ about }) => about.length)))
  return findings
    .map(({ about, state, says, next }) => {
      const line = `${marks[state]} ${about.padEnd(width)}  ${says}`
      return printable(next === null ? line : `${line}\n  ${' '.repeat(width)}  Next: ${next}`)
    })
    .join('\n')
}

/** Text from outside is printed without terminal control characters. */
export function printable(text: string): string {
  return text.replaceAll(/(?!\n)\p{Cc}/gu, ' ')
}
