/** What is said beside a field of a form that was sent. */
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

/** What is said where it could not be written down, as on a full disk; a form stays open. */
export const notWritten =
  'Nothing was done: twokey could not store your request. Ask again in a minute. If this persists, ask the operator of twokey: the reason is in the log.'
