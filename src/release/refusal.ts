/** An expected "no": why, and what the person can do next. `code` is stable, the words are not. */
export type Refusal = {
  readonly code: RefusalCode
  /** What and why, in one sentence. */
  readonly sentence: string
  /** The next step; a command to copy where there is one, in backticks. */
  readonly next: string
}

export type RefusalCode =
  | 'already_decided'
  | 'already_approved'
  | 'already_ended'
  | 'already_serving'
  | 'branch_unknown'
  | 'cannot_see'
  | 'card_mismatch'
  | 'card_outdated'
  | 'card_not_posted'
  | 'command_too_old'
  | 'different_services'
  | 'environment_unknown'
  | 'identity_unknown'
  | 'in_flight'
  | 'input_missing'
  | 'not_an_approver'
  | 'not_a_member'
  | 'not_allowed'
  | 'not_cancellable'
  | 'not_on_branch'
  | 'not_supported_yet'
  | 'may_not_approve'
  | 'nothing_in_flight'
  | 'nothing_to_deploy'
  | 'policy_unsatisfiable'
  | 'form_not_opened'
  | 'reason_not_taken'
  | 'ref_ambiguous'
  | 'ref_unknown'
  | 'release_unknown'
  | 'revision_inactive'
  | 'revision_never_ran'
  | 'revision_other_family'
  | 'revision_unknown'
  | 'rollback_under_way'
  | 'service_unknown'
  | 'service_not_found'
  | 'several_environments'
  | 'several_services'
  | 'not_understood'
  | 'workflow_disabled'
  | 'workflow_unreadable'
  | 'workflow_without_trigger'

/** Makes a refusal; spelled as a call so that each is found by searching for its code. */
export function refuse(code: RefusalCode, sentence: string, next: string): { readonly refused: Refusal } {
  return { refused: { code, sentence, next } }
}
