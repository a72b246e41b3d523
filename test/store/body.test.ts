import { expect, test } from 'vitest'
import { columnsOf, releaseOf } from '../../src/store/body.ts'
import { askedBack } from './cast.ts'

test('a rollback that the first twokey wrote has no images, and says why its difference is not known', () => {
  const first = JSON.parse(columnsOf(askedBack('r1')).body)
  for (const later of ['discounted', 'emergency', 'freeze', 'lock', 'voided', 'behind']) delete first[later]
  const { repository, revision } = first.subject
  const body = JSON.stringify({ ...first, subject: { kind: 'rollback', repository, revision } })
  expect(releaseOf({ body, body_version: 1 })).toEqual({
    ...askedBack('r1'),
    subject: {
      kind: 'rollback',
      repository,
      revision,
      images: [],
      difference: { known: false, why: expect.stringMatching(/./) },
    },
  })
})

test('a release that the second wrote stands behind none that it knows of', () => {
  const { behind: _, ...second } = JSON.parse(columnsOf(askedBack('r1')).body)
  expect(releaseOf({ body: JSON.stringify(second), body_version: 2 })).toEqual(askedBack('r1'))
})

test('what is written now is read as it was written', () => {
  expect(releaseOf(columnsOf(askedBack('r1')))).toEqual(askedBack('r1'))
})
