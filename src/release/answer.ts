import type { GateVerdict } from './effects.ts'
import type { Target, Time } from './names.ts'
import type { ShownAnswer } from './shown-on-github.ts'
import type { SteerAnswer } from './steer.ts'

/** The answer to an effect. */
export type Answer =
  | { readonly to: 'dispatch'; readonly answer: 'run'; readonly runId: number; readonly url: string }
  /** 204: accepted, without an id. */
  | { readonly to: 'dispatch'; readonly answer: 'accepted' }
  /** Nothing was started, which is proven: 403, 404, 422, or no connection. */
  | { readonly to: 'dispatch'; readonly answer: 'refused'; readonly reason: string }
  /**
   * The dispatch was not sent, because it was stopped or its last check had become too old. It may be sent after
   * another check, under a new mark.
   */
  | { readonly to: 'dispatch'; readonly answer: 'held back'; readonly reason: string }
  /**
   * Nothing was started, which is proven, because of a rate limit that ends. It may be sent again then, under a new
   * mark.
   */
  | { readonly to: 'dispatch'; readonly answer: 'limited'; readonly until: Time; readonly reason: string }
  /**
   * Nothing was started, which is proven: an older server refuses `return_run_details`. It may be sent again without
   * it, under a new mark.
   */
  | { readonly to: 'dispatch'; readonly answer: 'details refused'; readonly reason: string }
  /** It may have been performed, so a look decides. */
  | { readonly to: 'dispatch'; readonly answer: 'unclear'; readonly reason: string }
  /**
   * The answer to a re-run, which names no attempt: a look finds it. `refused` and `limited`: nothing was started, which is
   * proven. `held back`: it was not sent. `unclear`: it may have been.
   */
  | {
      readonly to: 'rerun'
      readonly answer: 'accepted' | 'refused' | 'held back' | 'unclear'
      readonly reason: string
    }
  | { readonly to: 'rerun'; readonly answer: 'limited'; readonly until: Time; readonly reason: string }
  | {
      readonly to: 'update'
      readonly target: Target
      readonly answer: 'accepted'
      readonly deploymentId: string
    }
  /** Nothing was sent, because the revision is serving already: this deployment of CodeDeploy brought it. */
  | {
      readonly to: 'update'
      readonly target: Target
      readonly answer: 'unneeded'
      readonly deploymentId: string
    }
  | { readonly to: 'update'; readonly target: Target; readonly answer: 'refused'; readonly reason: string }
  | { readonly to: 'update'; readonly target: Target; readonly answer: 'unclear'; readonly reason: string }
  | SteerAnswer
  | { readonly to: 'cancel-run'; readonly answer: 'accepted' | 'ended' | 'unclear'; readonly reason: string }
  /** `taken`: GitHub has it. `refused`: it will not take it from twokey. `held back`: it was not sent. `unclear`: a look decides. */
  | {
      readonly to: 'review-gate'
      readonly verdict: GateVerdict
      readonly answer: 'taken' | 'refused' | 'held back' | 'unclear'
      readonly reason: string
    }
  | ShownAnswer
