import type { DescribeImagesRequest, DescribeImagesResponse, ImageIdentifier } from '@aws-sdk/client-ecr'
import { z } from 'zod'
import { AwsError, invalidParameter } from './error.ts'
import { type Operation, operation } from './operation.ts'
import type { World } from './world.ts'

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)

const describeImages = operation<DescribeImagesRequest, DescribeImagesResponse>(
  {
    registryId: z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
    repositoryName: z.string().regex(/^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/),
    imageIds: z
      .array(
        z.strictObject({ imageDigest: digest.optional(), imageTag: z.string().min(1).max(300).optional() }),
      )
      .min(1)
      .max(100)
      .optional(),
    nextToken: z.string().optional(),
    maxResults: z.int().min(1).max(1_000).optional(),
    filter: z
      .strictObject({
        tagStatus: z.enum(['TAGGED', 'UNTAGGED', 'ANY']).optional(),
        imageStatus: z.enum(['ACTIVE', 'ARCHIVED', 'ACTIVATING', 'ANY']).optional(),
      })
      .optional(),
  },
  (world, { registryId = world.site.account, repositoryName, imageIds, filter }) => {
    if (registryId !== world.site.account)
      throw new AwsError(
        'AccessDeniedException',
        `User is not authorized to perform: ecr:DescribeImages on resource: arn:aws:ecr:${world.site.region}:${registryId}:repository/${repositoryName} because no resource-based policy allows the ecr:DescribeImages action`,
      )
    if (imageIds === undefined) throw invalidParameter('The sandbox lists no images: name some in imageIds.')
    if (!world.hasRepository(repositoryName!))
      throw new AwsError(
        'RepositoryNotFoundException',
        `The repository with name '${repositoryName}' does not exist in the registry with id '${registryId}'`,
      )
    const statuses = filter?.imageStatus ?? 'ACTIVE'
    return {
      imageDetails: imageIds.map((id) => {
        const image = imageOf(world, repositoryName!, id)
        const status = image && world.archived.has(image.digest) ? 'ARCHIVED' : 'ACTIVE'
        if (!image || (statuses !== 'ANY' && statuses !== status))
          throw new AwsError(
            'ImageNotFoundException',
            `The image with imageId {imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'} does not exist within the repository with name '${repositoryName}' in the registry with id '${registryId}'`,
          )
        const { tags } = image
        return {
          registryId,
          repositoryName,
          imageDigest: image.digest,
          ...(tags.length > 0 && { imageTags: [...tags] }),
          imageStatus: status,
        }
      }),
    }
  },
)

function imageOf(world: World, repository: string, { imageDigest, imageTag }: ImageIdentifier) {
  return world.imageIn(repository, {
    ...(imageTag !== undefined && { tag: imageTag }),
    ...(imageDigest !== undefined && { digest: imageDigest }),
  })
}

/** ECR: what a check of images needs. */
export const ecrOperations: Readonly<Record<string, Operation>> = { DescribeImages: describeImages }
