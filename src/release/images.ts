import type { ContainerImage } from './release.ts'

/** The images of several targets, each once and in one order. */
export function eachOnce(images: readonly ContainerImage[]): readonly ContainerImage[] {
  const named = new Map(images.map((image) => [nameOf(image), image]))
  return [...named].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, image]) => image)
}

/** What is not as it was approved, in a few words; null where all is. */
export function otherImage(
  approved: readonly ContainerImage[],
  now: readonly ContainerImage[],
): string | null {
  const added = now.find((image) => !holds(approved, image))
  const lost = approved.find((image) => !holds(now, image))
  const other = added ?? lost
  if (other === undefined) return null
  if (approved.length === 0) return 'what its images are was not read when it was asked for'
  const was = lost ?? approved.find(({ container }) => container === other.container)
  return `the image of ${other.container} was ${digestWords(was)} and is ${digestWords(added)} since`
}

function holds(images: readonly ContainerImage[], image: ContainerImage): boolean {
  return images.some((each) => nameOf(each) === nameOf(image))
}

function nameOf({ container, image, digest }: ContainerImage): string {
  return JSON.stringify([container, image, digest])
}

/** `sha256:` and the first twelve of its figures. */
function digestWords(image: ContainerImage | undefined): string {
  if (image === undefined) return 'another'
  return image.digest === null ? 'of a digest that ECS does not tell' : image.digest.slice(0, 19)
}
