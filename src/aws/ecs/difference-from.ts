import type { Service } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import type { Difference } from '../../release/difference.ts'
import { type Target, targetName } from '../../release/names.ts'
import type { ContainerImage, Revision } from '../../release/revision.ts'
import { differenceOf, type Run } from './difference.ts'
import { digestsOf, imagesServing } from './images.ts'
import type { Definition, Reads } from './reads.ts'

/** The running task definition to compare with; or why it cannot be determined. */
export type ServingRun =
  | { readonly known: true; readonly run: Run }
  | { readonly known: false; readonly why: string }

type ServingQuery = {
  readonly target: Target
  /** As it was read; undefined if ECS knows no such service. */
  readonly service: Service | undefined
  readonly serving: Revision | null
}

/** Reads what serves now. A failed read does not block a rollback: the result says what is not known. */
export async function servingRun(
  reads: Reads,
  { target, service, serving }: ServingQuery,
): Promise<ServingRun> {
  if (serving === null || service === undefined)
    return { known: false, why: `the running revision of ${targetName(target)} could not be determined` }
  try {
    const found = await reads.definition(serving.arn)
    if (!found) return { known: false, why: `ECS no longer shows ${serving.name}` }
    const digests = digestsOf(await imagesServing(reads, service, found))
    return { known: true, run: { ...found, digests } }
  } catch (error) {
    if (error instanceof Trouble) return { known: false, why: error.message }
    throw error
  }
}

/** The differences between the running task definition and a revision. */
export function differenceFrom(
  serving: ServingRun,
  { images, ...to }: Definition & { readonly images: readonly ContainerImage[] },
): Difference {
  return serving.known ? differenceOf(serving.run, { ...to, digests: digestsOf(images) }) : serving
}
