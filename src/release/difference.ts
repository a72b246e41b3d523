/** What can differ between two task definitions, in the order in which people are told. */
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

/** One thing that differs. All that it quotes is text from outside, without secrets. */
export type DifferenceLine = {
  readonly what: DifferencePart
  /** Null: of the whole task. */
  readonly container: string | null
  /** Which of several: a variable's name, a port, a volume, a field of the task definition. */
  readonly key: string | null
  readonly change: 'added' | 'removed' | 'changed'
  /** Null where there is none, and where values are never shown, as those of variables. */
  readonly from: string | null
  readonly to: string | null
}

/** What a rollback changes beside the code: between the task definition that serves and the one asked for. */
export type Difference =
  /** `total`: of which `lines` are the first. */
  | { readonly known: true; readonly lines: readonly DifferenceLine[]; readonly total: number }
  /** `why`: for people, without a full stop. */
  | { readonly known: false; readonly why: string }
