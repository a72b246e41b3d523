import type { Revision } from '../release/observation.ts'
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
  const ofImages = own.map(({ image }) => asCommit(tagOf(image ?? '')))
  const told = own.flatMap(({ dockerLabels, environment }) => [
    asCommit(dockerLabels?.[label]),
    asCommit(environment?.find(({ name }) => name === 'GIT_SHA')?.value),
  ])
  const tagged = asCommit(tags.find(({ key }) => key === label)?.value)
  const found = each(ofImages)
  return found.length > 0 ? found : each([tagged, ...told])
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
