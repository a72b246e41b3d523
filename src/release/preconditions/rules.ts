import { always, end, type Facts, noLooks, open, type Precondition, type Result } from './precondition.ts'

/** The config still allows this release there. */
export const rules = {
  name: 'rules',
  appliesTo: always,
  looks: noLooks,
  judge: ({ context }: Facts): Result =>
    context.currentRules === null
      ? end('failed', 'twokey.yml was changed and no longer allows this release; nothing was sent')
      : open(),
} satisfies Precondition
