import type { AwsSignal } from '../ports/aws-signal.ts'
import { type AwsLocation, accountIn, type Target } from '../release/names.ts'

/** Whether an event happened there. The account of a location without a role is not known. */
export function isThere({ region, account }: AwsSignal, location: AwsLocation): boolean {
  const { roleArn } = location
  return location.region === region && (roleArn === undefined || accountIn(roleArn) === account)
}

/** Whether the service of a target may have changed by this event. */
export function isAbout(signal: AwsSignal, target: Target): boolean {
  switch (signal.of) {
    case 'deployment':
      return isThere(signal, target)
    case 'service':
      return (
        isThere(signal, target) &&
        target.service === signal.service &&
        (signal.cluster === null || target.cluster === signal.cluster)
      )
    case 'family':
      return false
  }
}
