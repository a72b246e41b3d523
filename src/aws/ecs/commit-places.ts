import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { CommitFrom } from '../../release/commit-source.ts'
import { tagOf } from './commit-words.ts'

/** Label of an image, or tag of a task definition: https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export const revisionLabel = 'org.opencontainers.image.revision'

/** `key`: if the variable holds a list, the one entry that counts. */
type CommitSource = { readonly label: string } | { readonly env: string; readonly key?: string }

/**
 * Where teams record the commit of a container besides its image tag, the most reliable first: labels and variables for
 * a commit before those for a version, which is a commit in many teams. DD_ and com.datadoghq: Datadog's unified
 * service tagging and source code integration. OTEL_RESOURCE_ATTRIBUTES: OpenTelemetry's semantic conventions.
 * SOURCE_VERSION, HEROKU_SLUG_COMMIT: used by Sentry's clients as the release. APP_REVISION: AppSignal's.
 */
const usual: readonly CommitSource[] = [
  { label: revisionLabel },
  { env: 'GIT_SHA' },
  { env: 'GIT_COMMIT' },
  { env: 'GIT_COMMIT_SHA' },
  { env: 'GIT_REVISION' },
  { env: 'COMMIT_SHA' },
  { env: 'GITHUB_SHA' },
  { env: 'SOURCE_COMMIT' },
  { env: 'SOURCE_VERSION' },
  { env: 'HEROKU_SLUG_COMMIT' },
  { env: 'APP_REVISION' },
  { env: 'HONEYBADGER_REVISION' },
  { env: 'DD_GIT_COMMIT_SHA' },
  { env: 'DD_TAGS', key: 'git.commit.sha' },
  { env: 'OTEL_RESOURCE_ATTRIBUTES', key: 'vcs.ref.head.revision' },
  { env: 'DD_VERSION' },
  { label: 'com.datadoghq.tags.version' },
  { env: 'SENTRY_RELEASE' },
  { env: 'OTEL_RESOURCE_ATTRIBUTES', key: 'service.version' },
  { env: 'APP_VERSION' },
  { env: 'RELEASE_VERSION' },
]

/** Texts that may contain the commit of a container, the most reliable first; if the config names a source, only that one. */
export function textsOf(
  container: ContainerDefinition,
  commitFrom: CommitFrom | undefined,
): readonly string[] {
  const texts = commitFrom
    ? sourcesOf(commitFrom).map((place) => readSource(container, place))
    : [tagOf(container.image ?? ''), ...usual.map((place) => readSource(container, place))]
  return texts.flatMap((text) => text || [])
}

/** The whole variable, or the entries that count if it holds a list. */
function sourcesOf(commitFrom: CommitFrom): readonly CommitSource[] {
  const lists = usual.filter((place) => 'env' in commitFrom && 'key' in place && place.env === commitFrom.env)
  return lists.length > 0 ? lists : [commitFrom]
}

/**
 * Why the source that the config names yields no commit, without a full stop.
 * @param name of the container in its revision
 */
export function whyNoCommit(
  container: ContainerDefinition,
  { commitFrom, name, repository }: { commitFrom: CommitFrom; name: string; repository: string },
): string {
  const place = 'env' in commitFrom ? `variable ${commitFrom.env}` : `label ${commitFrom.label}`
  if (textsOf(container, commitFrom).length > 0)
    return `the ${place} of ${name} carries no commit of ${repository}`
  const isSecret = 'env' in commitFrom && container.secrets?.some((secret) => secret.name === commitFrom.env)
  return isSecret
    ? `the ${place} of ${name} is a secret, which twokey does not read`
    : `${name} has no ${place}, which \`commitFrom\` uses`
}

function readSource(
  { dockerLabels, environment }: ContainerDefinition,
  place: CommitSource,
): string | undefined {
  if ('label' in place) return dockerLabels?.[place.label]
  // If a variable is defined twice, the container gets the last value.
  const value = environment?.findLast(({ name }) => name === place.env)?.value
  return place.key === undefined ? value : valueIn(value ?? '', place.key)
}

/** Reads lists such as `service.name=blog-api,service.version=3f2c1ab` or `git.commit.sha:3f2c1ab env:prod`. */
function valueIn(list: string, key: string): string | undefined {
  const entry = list.split(/[\s,]+/).find((each) => each.startsWith(`${key}=`) || each.startsWith(`${key}:`))
  return entry?.slice(key.length + 1)
}
