/**
 * Things that twokey.yml names and ECS did not have at the request of a deploy. None refuses the deploy, because the
 * run may register what is missing. Something that could not be read does not count as missing.
 */
export type Missing =
  /** No revision of the migration's family is active. */
  | { readonly missing: 'migration family'; readonly family: string }
  /** The newest active revision of the migration's family has no such container. */
  | {
      readonly missing: 'migration container'
      readonly container: string
      readonly in: DefinedContainers
    }
  /** The task definition of no target has such containers. */
  | {
      readonly missing: 'containers'
      readonly containers: readonly string[]
      readonly in: readonly DefinedContainers[]
    }

/** The container names of a task definition; `definition` as in `blog-api:42`. */
export type DefinedContainers = { readonly definition: string; readonly has: readonly string[] }
