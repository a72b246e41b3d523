import type { PersonId, Time } from '../../release/names.ts'

/** A person, with the name that Slack showed last; null: it was not stored. */
export type Named = { readonly id: PersonId; readonly name: string | null }

export type NameOf = (id: PersonId) => Named

/** `via`: the user group that admitted the approver, or the approver, whom twokey.yml names. */
export type Approved = { readonly by: Named; readonly at: Time; readonly via: string }

/** What a report says of one release, or of something that was started or rolled out outside twokey. */
export type ReportRow = {
  /** Null: started or rolled out outside twokey. */
  readonly release: string | null
  readonly kind: 'deploy' | 'gate' | 'rerun' | 'rollback' | 'outside twokey'
  readonly requestedAt: Time
  readonly endedAt: Time | null
  readonly service: string
  readonly environment: string
  readonly commit: string | null
  /** First line of the commit's message: text from outside. */
  readonly title: string | null
  /** Of a rollback: the task definition revision. */
  readonly revision: string | null
  /** Null: started on GitHub by somebody whose Slack account twokey.yml does not name, or not known. */
  readonly requester: Named | null
  /** GitHub login of who started a run outside twokey. */
  readonly login: string | null
  /** How many approvals the policy required; null: that is not in the audit log. */
  readonly required: number | null
  /** Those that counted; of a release that was not sent, those that it had. */
  readonly approvals: readonly Approved[]
  readonly outcome: string
  /** Who rejected or cancelled it; null: nobody. */
  readonly endedBy: Named | null
  readonly run: string | null
  /** What an auditor should look at, in a few words each. */
  readonly exceptions: readonly string[]
}

/** `Ben (U0BEN)`, or the id alone. */
export function personName({ id, name }: Named): string {
  return name === null ? id : `${plain(name)} (${id})`
}

/** Text from outside on one line, without characters that control a terminal or turn the reading direction. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
