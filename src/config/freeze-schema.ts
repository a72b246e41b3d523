import { z } from 'zod'
import { localTime, weeklyWindow } from './freeze.ts'
import { text } from './values.ts'

const dayAndTime = z
  .string()
  .refine((value) => localTime(value) !== undefined)
  .transform(localTime)
  .meta({ allowed: 'a day and a time, such as 2026-12-20 00:00' })

/** The schema of an entry of `freezes`. */
export const freezeSchema = z
  .strictObject({
    weekly: z
      .string()
      .refine((value) => weeklyWindow(value) !== undefined)
      .transform(weeklyWindow)
      .describe('Every week, from the first time to the second; two equal times mean the whole week.')
      .meta({ allowed: 'two days with times, such as Fri 16:00 – Mon 08:00' })
      .optional(),
    from: dayAndTime.describe('Instead of `weekly`: when it begins.').optional(),
    to: dayAndTime.describe('When it ends.').optional(),
    timezone: z
      .string()
      .describe('The time zone of these times. Daylight saving time is applied.')
      .meta({ allowed: 'the name of a time zone, such as Europe/Paris' }),
    approvals: z
      .int()
      .min(1)
      .describe('How many approvals a deploy needs during the freeze, if more than usual.')
      .meta({ allowed: 'a whole number, 1 or greater', defaultText: 'deploys are blocked' })
      .optional(),
    reason: text(/^\S(.{0,298}\S)?$/, 'a sentence')
      .describe('The reason, shown when a deploy is refused.')
      .meta({ defaultText: 'none' })
      .optional(),
  })
  .describe('A time without deploys.')
