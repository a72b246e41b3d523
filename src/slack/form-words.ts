/** Errors shown beside a field of a submitted form. */
export const fieldErrors = {
  service: 'Choose a service.',
  environment: 'Choose an environment.',
  noRef: 'Choose a version from the list. Text that is only typed does not count.',
  ref: 'That is not a branch, tag or commit. Choose a version from the list.',
  otherBranch:
    'This was the newest commit of a branch that does not deploy there. Check the chosen version and submit again, or close the form and type /deploy.',
  revision: 'Choose a revision.',
  reason: 'Enter a reason, in a few words.',
} as const

/** Shown if the request could not be stored, as on a full disk. A form stays open. */
export const notWritten =
  'Nothing was done: twokey could not store your request. Try again in a minute. If this persists, ask the operator of twokey: the reason is in the log.'
