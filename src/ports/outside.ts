import type { Channels, Ecs, GitHub, People } from './ports.ts'
export type Outside = {
  readonly github: GitHub
  readonly ecs: Ecs
  readonly people: People
  readonly channels: Channels
}
