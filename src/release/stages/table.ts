import type { Stage } from '../stage.ts'
import { approval } from './approval.ts'
import { ended } from './ended.ts'
import { ready } from './ready.ts'
import { sending } from './sending.ts'
import type { StageRules } from './stage-rules.ts'
import { underway } from './underway.ts'
import { wait } from './wait.ts'

/** The stages of a release, in order. A deploy and a rollback differ in `sending` and `underway`. */
export const stages: Readonly<Record<Stage['at'], StageRules>> = {
  approval,
  wait,
  ready,
  sending,
  underway,
  ended,
}
