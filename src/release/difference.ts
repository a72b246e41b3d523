/** What can differ between two task definitions, in the order in which differences are shown. */
export const differenceParts = [
  'image',
  'digest',
  'container',
  'command',
  'entryPoint',
  'environment',
  'secret',
  'environmentFile',
  'cpu',
  'memory',
  'memoryReservation',
  'healthCheck',
  'port',
  'taskRole',
  'executionRole',
  'log',
  'dependsOn',
  'stopTimeout',
  'essential',
  'user',
  'readonlyRootFilesystem',
  'versionConsistency',
  'volume',
  'mountPoint',
  'runtimePlatform',
  'networkMode',
  'ephemeralStorage',
  'tag',
  'other',
] as const

export type DifferencePart = (typeof differenceParts)[number]

/** One difference. Everything that it quotes is text from outside, without secrets. */
export type DifferenceLine = {
  readonly what: DifferencePart
  /** Null: of the whole task. */
  readonly container: string | null
  /** The one that differs: the name of a variable, a port, a volume, a field of the task definition. */
  readonly key: string | null
  readonly change: 'added' | 'removed' | 'changed'
  /** Null if there is none, and for values that are never shown, as those of variables. */
  readonly from: string | null
  readonly to: string | null
}

/** What a rollback changes besides the code: from the running task definition to the requested one. */
export type Difference =
  /** `total`: the number of differences; `lines` are the first of them. */
  | { readonly known: true; readonly lines: readonly DifferenceLine[]; readonly total: number }
  /** `why`: for people, without a full stop. */
  | { readonly known: false; readonly why: string }
