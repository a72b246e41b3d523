import type { Service, ServiceRevision, TaskDefinition } from '@aws-sdk/client-ecs'
import type { ContainerImage } from '../../release/revision.ts'
import type { Definition, Reads } from './reads.ts'
import { unlessDenied } from './trouble.ts'

/**
 * The containers of a task definition with the digests that their images resolved to in this service revision.
 * Containers that ECS adds itself (the proxy of Service Connect, the agent of GuardDuty) are left out.
 */
export function imagesIn(
  { containerDefinitions = [] }: TaskDefinition,
  run: ServiceRevision | undefined,
): readonly ContainerImage[] {
  return containerDefinitions.map(({ name: container = '', image = '' }) => {
    const reported = run?.containerImages?.find(({ containerName }) => containerName === container)
    // A digest in the image name is final. ECS may report the digest of one image of a multi-platform index.
    return { container, image, digest: pinned(image) ?? reported?.imageDigest ?? null }
  })
}

/** Whether ECS reports the digest of any of its images. */
export function reportsDigests({ containerImages = [] }: ServiceRevision): boolean {
  return containerImages.some(({ imageDigest }) => imageDigest !== undefined)
}

/** The digest in a name such as `blog-api@sha256:…`. */
function pinned(image: string): string | null {
  return /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? null
}

/** The digests by container. */
export function digestsOf(images: readonly ContainerImage[]): ReadonlyMap<string, string> {
  return new Map(images.flatMap(({ container, digest }) => (digest === null ? [] : [[container, digest]])))
}

/** The images of this serving revision, read from the service's own revisions, which need no list. */
export async function imagesServing(
  reads: Reads,
  service: Service,
  { definition }: Definition,
): Promise<readonly ContainerImage[]> {
  const current = service.currentServiceRevisions ?? []
  const runs = await Promise.all(
    current.flatMap(({ arn }) => (arn ? [unlessDenied(reads.serviceRevisionNow(arn))] : [])),
  )
  return imagesIn(
    definition,
    runs.find((run) => run?.taskDefinition === definition.taskDefinitionArn),
  )
}
