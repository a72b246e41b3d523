import {
  ECR,
  type ImageIdentifier,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr'
import { Trouble } from '../../ports/ports.ts'
import type { ContainerImage } from '../../release/revision.ts'
import type { Account } from '../accounts/access.ts'
import { namingAction } from '../ecs/trouble.ts'
import { type EcrImage, ecrImage } from './image-name.ts'

/** Reads whether an image can be pulled. Throws `Trouble`. */
export type ReadImage = (image: EcrImage, id: ImageIdentifier) => Promise<'present' | 'missing' | 'archived'>

/** Reads images with the credentials of an account. Only ACTIVE images are listed unless others are asked for. */
export function imagesOf({ reading }: Account): ReadImage {
  const ecr = reading.prepare(new ECR({ ...reading.settings, maxAttempts: 3 }))
  return async ({ account: registryId, repository: repositoryName }, id) => {
    const ask = { registryId, repositoryName, imageIds: [id], filter: { imageStatus: 'ANY' as const } }
    try {
      const { imageDetails = [] } = await namingAction('ecr:DescribeImages', ecr.describeImages(ask))
      return imageDetails.some(({ imageStatus = 'ACTIVE' }) => imageStatus === 'ACTIVE')
        ? 'present'
        : 'archived'
    } catch (error) {
      const cause = error instanceof Trouble ? error.cause : null
      if (cause instanceof ImageNotFoundException || cause instanceof RepositoryNotFoundException)
        return 'missing'
      throw error
    }
  }
}

/** An image that a revision needs and that cannot be pulled. `digest`: of what ran, if its tag is still there. */
export type LostImage = ContainerImage & { readonly is: 'missing' | 'archived' }

/** `unread`: why some could not be checked; null: all were, or they are in other registries. */
export type StoredImages = { readonly lost: readonly LostImage[]; readonly unread: string | null }

/**
 * Looks for images in ECR: by the name that ECS would pull, and by the digest that ran. Other registries are not read.
 * @param readIn the reads of a region
 */
export async function storedImages(
  readIn: (region: string) => ReadImage,
  images: readonly ContainerImage[],
): Promise<StoredImages> {
  const read = await Promise.all(images.map((image) => stateOf(readIn, image)))
  const lost = read.flatMap((each) => (each !== null && 'is' in each ? [each] : []))
  const unread = read.flatMap((each) => (each !== null && 'unread' in each ? [each.unread] : []))
  return { lost, unread: unread[0] ?? null }
}

async function stateOf(
  readIn: (region: string) => ReadImage,
  image: ContainerImage,
): Promise<LostImage | { readonly unread: string } | null> {
  const stored = ecrImage(image.image)
  if (stored === null) return null
  const read = readIn(stored.region)
  const ids = [stored.id, ...(image.digest === null ? [] : [{ imageDigest: image.digest }])]
  try {
    for (const id of ids) {
      const is = await read(stored, id)
      if (is !== 'present') return { ...image, is }
    }
    return null
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { unread: error.message }
  }
}
