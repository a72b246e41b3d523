import { expect, test } from 'vitest'
import { imagesIn } from '../../src/aws/ecs/images.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}`

test.each([
  ['a tag means the digest that ECS told', 'blog-api:1', digest('a'), digest('a')],
  ['a tag of which ECS told none', 'blog-api:1', undefined, null],
  ['a name that pins a digest means that one', `blog-api@${digest('b')}`, undefined, digest('b')],
  [
    'a name that pins an index means that one, whichever of its images ECS tells',
    `blog-api:1@${digest('b')}`,
    digest('a'),
    digest('b'),
  ],
])('images in a service revision: %s', (_, image, imageDigest, expected) => {
  const run = { containerImages: [{ containerName: 'api', image, imageDigest }] }
  expect(imagesIn({ containerDefinitions: [{ name: 'api', image }] }, run)).toEqual([
    { container: 'api', image, digest: expected },
  ])
})
