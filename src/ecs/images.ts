import type { Service, ServiceRevision, TaskDefinition } from '@aws-sdk/client-ecs'
import type { ContainerImage } from '../release/revision.ts'
import type { Definition, Reads } from './reads.ts'
import { untold } from './trouble.ts'

/**
 * The containers of a task definition with what their images meant in this service revision. What ECS adds to them by
 * itself (the proxy of Service Connect, the agent of GuardDuty) is not of the task definition, and is left out.
 */
export function imagesIn(
  { containerDefinitions = [] }: TaskDefinition,
  run: ServiceRevision | undefined,
): readonly ContainerImage[] {
  return containerDefinitions.map(({ name: container = '', image = '' }) => {
    const told = run?.containerImages?.find(({ containerName }) => containerName === container)
    // A name that pins a digest means that one for good. What ECS tells may be of an image of its index.
    return { container, image, digest: pinned(image) ?? told?.imageDigest ?? null }
  })
}

/** Whether ECS tells what any of its images meant. */
export function tellsDigests({ containerImages = [] }: ServiceRevision): boolean {
  return containerImages.some(({ imageDigest }) => imageDigest !== undefined)
}

/** `blog-api@sha256:…` means one image for good. */
function pinned(image: string): string | null {
  return /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? null
}

/** The digests of these, by container. */
export function digestsOf(images: readonly ContainerImage[]): ReadonlyMap<string, string> {
  return new Map(images.flatMap(({ container, digest }) => (digest === null ? [] : [[container, digest]])))
}

/** What this revision, which serves, runs of: by the service's own revisions, which need no list. */
export async function imagesServing(
  reads: Reads,
  service: Service,
  { definition }: Definition,
): Promise<readonly ContainerImage[]> {
  const current = service.currentServiceRevisions ?? []
  const runs = await Promise.all(
    current.flatMap(({ arn }) => (arn ? [untold(reads.serviceRevisionNow(arn))] : [])),
  )
  return imagesIn(
    definition,
    runs.find((run) => run?.taskDefinition === definition.taskDefinitionArn),
  )
}
