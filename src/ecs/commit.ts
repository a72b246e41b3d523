import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { Carried, Revision } from '../release/observation.ts'
import type { Definition } from './reads.ts'
import { lastPart } from './words.ts'

const label = 'org.opencontainers.image.revision'

/**
 * The commits that a task definition says its images were built from: the tags of the images of the named
 * containers (of all, where none is named); else its own tag or their label `org.opencontainers.image.revision`,
 * or their variable `GIT_SHA`. Each once.
 */
export function commitsOf(
  { definition, tags }: Definition,
  containers: readonly string[],
): readonly string[] {
  const all = definition.containerDefinitions ?? []
  const own = containers.length === 0 ? all : all.filter(({ name }) => containers.includes(name ?? ''))
  const found = each(own.map(({ image }) => commitOfTag(image)))
  return found.length > 0 ? found : each([commitOfDefinition(tags), ...own.flatMap(toldBy)])
}

/**
 * What each named container carries, by the same words as `commitsOf`: the tags of images, or where none names a commit
 * what else is said of the container, or of the task definition.
 */
export function carriedBy(
  { definition, tags }: Definition,
  containers: readonly string[],
): readonly Carried[] {
  const all = definition.containerDefinitions ?? []
  const isTagged = all.some(({ name, image }) => containers.includes(name ?? '') && commitOfTag(image))
  return containers.map((container): Carried => {
    const found = all.find(({ name }) => name === container)
    if (!found) return { container, carries: 'missing' }
    const commit = isTagged ? commitOfTag(found.image) : (toldBy(found)[0] ?? commitOfDefinition(tags))
    return commit === undefined ? { container, carries: 'nothing' } : { container, carries: 'commit', commit }
  })
}

function commitOfTag(image = ''): string | undefined {
  return asCommit(tagOf(image))
}

function toldBy({ dockerLabels, environment }: ContainerDefinition): readonly string[] {
  return each([
    asCommit(dockerLabels?.[label]),
    asCommit(environment?.find(({ name }) => name === 'GIT_SHA')?.value),
  ])
}

function commitOfDefinition(tags: Definition['tags']): string | undefined {
  return asCommit(tags.find(({ key }) => key === label)?.value)
}

/** The revision with its commit, where its images agree on one. */
export function revisionOf(
  arn: string,
  definition: Definition | undefined,
  containers: readonly string[],
): Revision {
  const [commit = null, ...others] = definition ? commitsOf(definition, containers) : []
  return { name: lastPart(arn), arn, commit: others.length === 0 ? commit : null }
}

/** `registry:5000/blog-api:3f2c1ab@sha256:…` → `3f2c1ab` */
function tagOf(image: string): string | undefined {
  return /:([^:/@]+)$/.exec(image.replace(/@.*$/, ''))?.[1]
}

/** A commit's sha, at least 7 digits of it. Short figures without a letter are dates and build numbers. */
function asCommit(text: string | undefined): string | undefined {
  const sha = /^(?:sha-)?([0-9a-f]{7,40})$/.exec(text ?? '')?.[1]
  return sha !== undefined && sha.length < 40 && /^\d+$/.test(sha) ? undefined : sha
}

function each(commits: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(commits.filter((commit) => commit !== undefined))]
}
