import type { ContainerImage } from './revision.ts'

/** The images of several targets, each once and sorted. */
export function eachOnce(images: readonly ContainerImage[]): readonly ContainerImage[] {
  const named = new Map(images.map((image) => [nameOf(image), image]))
  return [...named].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, image]) => image)
}

/** What differs from what was approved, in a few words; null: nothing does. */
export function otherImage(
  approved: readonly ContainerImage[],
  now: readonly ContainerImage[],
): string | null {
  const added = now.find((image) => !holds(approved, image))
  const lost = approved.find((image) => !holds(now, image))
  const other = added ?? lost
  if (other === undefined) return null
  if (approved.length === 0) return 'its images could not be read when the release was requested'
  const was = lost ?? approved.find(({ container }) => container === other.container)
  return `the image of ${other.container} changed: it was ${digestText(was)}, now it is ${digestText(added)}`
}

/**
 * An unapproved image that a container runs, in a few words; null: none is known. A digest counts only if ECS also
 * showed one for that container at the request. With several targets each of their digests was approved.
 */
export function unapprovedImage(
  approved: readonly ContainerImage[],
  running: readonly ContainerImage[],
): string | null {
  if (approved.length === 0) return null
  const lost = approved.find(({ container }) => !running.some((each) => each.container === container))
  if (lost) return `${lost.container} was approved and is not in it`
  for (const { container, image, digest } of running) {
    const same = approved.filter((each) => each.container === container && each.image === image)
    if (same.length === 0) return `${container} runs ${image}, which was not approved`
    const digests = digestsOf(same)
    if (digest !== null && digests.length > 0 && !digests.includes(digest))
      return `${container} runs ${short(digest)}, but ${digests.map(short).join(' or ')} was approved`
  }
  return null
}

/** Why the running images could not be compared with the approved ones, a few words per container. Empty if all were compared. */
export function notCompared(
  approved: readonly ContainerImage[],
  running: readonly ContainerImage[],
): readonly string[] {
  const containers = [...new Set([...approved, ...running].map(({ container }) => container))]
  return containers.flatMap((name) => {
    const of = ({ container }: ContainerImage) => container === name
    if (digestsOf(running.filter(of)).length === 0) return `ECS does not report an image digest for ${name}`
    return digestsOf(approved.filter(of)).length === 0
      ? `the image digest of ${name} was not known when it was approved`
      : []
  })
}

function digestsOf(images: readonly ContainerImage[]): readonly string[] {
  return images.flatMap(({ digest }) => digest ?? [])
}

function holds(images: readonly ContainerImage[], image: ContainerImage): boolean {
  return images.some((each) => nameOf(each) === nameOf(image))
}

function nameOf({ container, image, digest }: ContainerImage): string {
  return JSON.stringify([container, image, digest])
}

function digestText(image: ContainerImage | undefined): string {
  if (image === undefined) return 'another'
  return image.digest === null ? 'with a digest that ECS does not report' : short(image.digest)
}

/** `sha256:` and the first twelve digits. */
function short(digest: string): string {
  return digest.slice(0, 19)
}
