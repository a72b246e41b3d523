/** Errors shown beside a field of a submitted form. */
export const fieldErrors = {
  service: 'Choose a service.',
  environment: 'Choose an environment.',
  noRef: 'Choose what is to be deployed. What is only typed is not chosen.',
  ref: 'That is no branch, tag or commit. Choose what is to be deployed.',
  otherBranch:
    'This was the newest commit of another branch than ships there. Check what is chosen now and submit it again, or close the form and type /deploy.',
  revision: 'Choose a revision.',
  reason: 'Enter a reason, in a few words.',
} as const

/** Shown if the request could not be stored, as on a full disk. A form stays open. */
export const notWritten =
  'Nothing was done: twokey could not store your request. Ask again in a minute. If this persists, ask the operator of twokey: the reason is in the log.'
