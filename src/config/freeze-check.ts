import { isTimeZone, localTime, timeZones } from './freeze.ts'
import { serviceEnvironmentEntries } from './layers.ts'
import { type Finding, foundText, nearest, type Path } from './problems.ts'
import type { Draft } from './schema.ts'

type DraftFreezes = NonNullable<NonNullable<Draft['environments']>[string]>['freezes']
type DraftFreeze = NonNullable<NonNullable<DraftFreezes>[number]>

/** Freezes without a valid time: no time zone, an end before the start, or both kinds of time. */
export function freezeFindings(draft: Draft): readonly Finding[] {
  return freezesOf(draft).flatMap(({ path, freeze }) => [
    ...unknownZone(freeze, path),
    ...unclearTime(freeze, path),
  ])
}

/** Each freeze in the file, with its path. */
function freezesOf(draft: Draft): readonly { readonly path: Path; readonly freeze: DraftFreeze }[] {
  const lists = [
    ...Object.entries(draft.environments ?? {}).map(([name, environment]) => ({
      path: ['environments', name],
      freezes: environment?.freezes,
    })),
    ...serviceEnvironmentEntries(draft).map(({ path, own }) => ({ path, freezes: own.freezes })),
  ]
  return lists.flatMap(({ path, freezes = [] }) =>
    freezes.flatMap((freeze, index) => (freeze ? [{ path: [...path, 'freezes', index], freeze }] : [])),
  )
}

function unknownZone({ timezone }: DraftFreeze, path: Path): readonly Finding[] {
  if (timezone === undefined || isTimeZone(timezone)) return []
  return [
    {
      path: [...path, 'timezone'],
      found: foundText(timezone),
      allowed: 'the name of a time zone, such as Europe/Paris',
      message: `There is no time zone with this name.${nearest(timezone, timeZones())}`,
    },
  ]
}

function unclearTime(freeze: DraftFreeze, path: Path): readonly Finding[] {
  const { weekly, from, to } = freeze
  const dated = 'from' in freeze || 'to' in freeze
  const allowed = 'either weekly, or from and to'
  if ('weekly' in freeze && dated)
    return [{ path, allowed, message: 'A freeze is either weekly or one-time. For both, write two entries.' }]
  if ('weekly' in freeze && weekly === undefined) return []
  if (weekly === undefined && !('from' in freeze && 'to' in freeze))
    return [{ path, allowed, message: 'Set both `from` and `to`.' }]
  const [begins, ends] = [localTime(from ?? ''), localTime(to ?? '')]
  if (begins === undefined || ends === undefined || begins < ends) return []
  return [
    {
      path: [...path, 'to'],
      allowed: `a time after ${from}`,
      message: 'It ends before it begins.',
    },
  ]
}
