/** The states in which a release has ended, as its card shows them. */
export const endStates = [
  'succeeded',
  'failed',
  'rolled back',
  'rollback failed',
  'unchanged',
  'rejected',
  'cancelled',
  'expired',
  'superseded',
  'stopped',
  'unknown',
] as const

/** The state of a card of this service environment; undefined for any other text. */
export function stateOf(text: string, serviceEnvironment: string): string | undefined {
  const [first = ''] = text.split('\n')
  return first.startsWith(`${serviceEnvironment}: `) ? first.slice(serviceEnvironment.length + 2) : undefined
}
