/**
 * What twokey.yml names and ECS did not have when a deploy was requested. Nothing is refused for it, since the run may
 * register what is missing; what could not be read is not missing.
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
  /** No target is meant to run a task definition with such containers. */
  | {
      readonly missing: 'containers'
      readonly containers: readonly string[]
      readonly in: readonly DefinedContainers[]
    }

/** The names of the containers that a task definition has; `definition` as in `blog-api:42`. */
export type DefinedContainers = { readonly definition: string; readonly has: readonly string[] }
