import { describe, expect, it } from 'vitest'
import { registry, registryOf, revisions } from '../../sandbox/seed.ts'
import { ecrImage } from '../../src/aws/ecr/image-name.ts'
import { type Account, account, prod, serviceEnvironment, source } from './account.ts'

const image = `${registry}:${revisions[1]!.sha}`
const digestOf = ({ aws }: Account) => aws.world.imageIn('blog-api', { tag: revisions[1]!.sha })!.digest

/** What twokey finds before it asks for a rollback to 42. */
async function inspected({ ecs }: Account) {
  return ecs.inspect({ serviceEnvironment, target: prod, number: 42, source, ranWell: [], serving: null })
}

describe('the images of a rollback', () => {
  it('a revision whose images ECR has is not refused', async () => {
    const here = await account()
    const found = await inspected(here)
    expect(found).toMatchObject({ images: [{ container: 'api', image, digest: digestOf(here) }] })
    expect(found).not.toHaveProperty('imagesUnread')
    expect(here.aws.log.of('DescribeImages').map(({ body }) => body)).toEqual([
      {
        registryId: '123456789012',
        repositoryName: 'blog-api',
        imageIds: [{ imageTag: revisions[1]!.sha }],
        filter: { imageStatus: 'ANY' },
      },
      expect.objectContaining({ imageIds: [{ imageDigest: digestOf(here) }] }),
    ])
  })

  it('an image that was deleted is refused', async () => {
    const here = await account()
    here.aws.world.images.delete(image)
    expect(await inspected(here)).toMatchObject({
      refused: {
        code: 'image_missing',
        sentence: `blog-api:42 cannot run: ECR no longer has the image of its container api, ${image}.`,
      },
    })
  })

  it('an image whose digest is gone is refused, though its tag is there', async () => {
    const here = await account()
    const [ran] = here.aws.world
      .service(prod.cluster, prod.service)!
      .revisions.filter(({ taskDefinition }) => taskDefinition.revision === 42)
    Object.assign(ran!.digests, { api: `sha256:${'0'.repeat(64)}` })
    expect(await inspected(here)).toMatchObject({ refused: { code: 'image_missing' } })
  })

  it('an image that moved to another tag is still there by its digest', async () => {
    const here = await account()
    const before = digestOf(here)
    here.aws.world.retag(image)
    expect(digestOf(here)).not.toBe(before)
    expect(await inspected(here)).toMatchObject({ images: [{ digest: before }] })
  })

  it('an image in the archive is told apart from one that is gone', async () => {
    const here = await account()
    here.aws.world.archived.add(digestOf(here))
    expect(await inspected(here)).toMatchObject({
      refused: { code: 'image_archived', sentence: expect.stringContaining('in the archive of ECR') },
    })
  })

  it('a registry that cannot be read refuses nothing, and the reason is kept', async () => {
    const here = await account()
    here.aws.world.deny('ecr:DescribeImages')
    expect(await inspected(here)).toMatchObject({
      revision: { name: 'blog-api:42' },
      imagesUnread: expect.stringMatching(/AWS refused ecr:DescribeImages.*grant ecr:DescribeImages/),
    })
  })

  it('the images of another account are read with its role', async () => {
    const here = await account()
    const other = { account: '210987654321', region: 'eu-west-1' }
    const world = here.aws.seeded(other)
    const target = { ...prod, region: other.region, roleArn: here.aws.iam.addRole(other, 'twokey') }
    const ask = { serviceEnvironment, target, number: 42, source, ranWell: [], serving: null }
    expect(await here.ecs.inspect(ask)).toHaveProperty('revision')
    world.images.delete(`${registryOf(other)}:${revisions[1]!.sha}`)
    expect(await here.ecs.inspect(ask)).toMatchObject({ refused: { code: 'image_missing' } })
  })
})

const digest = `sha256:${'a'.repeat(64)}`

it.each([
  [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/blog-api:1.2',
    { repository: 'blog-api', id: { imageTag: '1.2' } },
  ],
  [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/blog-api',
    { repository: 'team/blog-api', id: { imageTag: 'latest' } },
  ],
  [`123456789012.dkr.ecr.eu-west-1.amazonaws.com/blog-api@${digest}`, { id: { imageDigest: digest } }],
  [`123456789012.dkr.ecr.eu-west-1.amazonaws.com/blog-api:1.2@${digest}`, { id: { imageDigest: digest } }],
  ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/blog-api:1', { region: 'us-gov-west-1' }],
  ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/blog-api:1', { region: 'cn-north-1' }],
  ['123456789012.dkr-ecr.eu-west-1.on.aws/blog-api:1', { account: '123456789012', region: 'eu-west-1' }],
])('%s is an image in ECR', (name, parts) => {
  expect(ecrImage(name)).toMatchObject(parts)
})

it.each([
  'nginx:1.27',
  'public.ecr.aws/nginx/nginx:1.27',
  'ghcr.io/myorg/blog-api:1',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com/blog-api:1',
])('%s is not an image in a private registry of ECR', (name) => {
  expect(ecrImage(name)).toBeNull()
})
