import type { Release } from './release.ts'

/**
 * The largest release that is stored, bytes of its JSON, because it is read and written with each step. Each part has a
 * limit of its own; this is the limit of all together.
 */
export const largestRelease = 256 * 1024

/** Parts of a release, as people know them. */
export type Part = 'inputs' | 'workflow' | 'changes' | 'revision' | 'config'

/** A release that is too large. `part`: its largest part. */
export type Excess = { readonly bytes: number; readonly part: Part; readonly partBytes: number }

/** How large a release is if it is too large to be stored; null: it is not. */
export function excessOf(release: Pick<Release, 'subject'>): Excess | null {
  const bytes = bytesOf(release)
  if (bytes <= largestRelease) return null
  const sizes = Object.entries(partsOf(release.subject)).map(
    ([part, said]) => [part as Part, bytesOf(said)] as const,
  )
  const ofSubject = sizes.reduce((sum, [, size]) => sum + size, 0)
  const [part, partBytes] = [...sizes, ['config', bytes - ofSubject] as const].reduce((most, each) =>
    each[1] > most[1] ? each : most,
  )
  return { bytes, part, partBytes }
}

/** The size, for people, without a full stop. */
export function excessText({ bytes, part, partBytes }: Excess): string {
  return `twokey stores releases of up to ${kib(largestRelease)}, and this one has ${kib(bytes)} (${partText[part]}: ${kib(partBytes)})`
}

const partText: Readonly<Record<Part, string>> = {
  inputs: 'the inputs of the workflow',
  workflow: 'what the workflow runs from elsewhere',
  changes: 'its commits',
  revision: 'the task definition',
  config: 'its settings in twokey.yml',
}

function kib(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`
}

function partsOf(subject: Release['subject']): Partial<Record<Part, unknown>> {
  switch (subject.kind) {
    case 'deploy':
    case 'gate':
    case 'rerun': {
      const { inputs, notes, paths, commit, changes, authorship } = subject
      return { inputs, workflow: [notes, paths], changes: [commit, changes, authorship] }
    }
    case 'rollback':
      return { revision: [subject.images, subject.difference] }
  }
}

function bytesOf(said: unknown): number {
  return new TextEncoder().encode(JSON.stringify(said)).length
}
