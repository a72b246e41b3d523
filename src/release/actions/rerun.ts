import { failedRunOf } from '../failed-run.ts'
import { nothingToRerun } from '../refusals/reruns.ts'
import type { Release } from '../release.ts'
import type { FailedRun } from '../subject.ts'
import { type Confirm, type RequestingButton, serviceEnvironmentText } from './action.ts'

export const rerun: RequestingButton = {
  label: 'Re-run failed jobs',
  confirm,
  isOffered: (release) => failedRunOf(release) !== null,
  whoMay: 'as by command',
  request(release) {
    const run = failedRunOf(release)
    return run === null ? { refused: nothingToRerun(release) } : { request: 'rerun', run }
  },
}

function confirm(release: Release): Confirm | null {
  const run = failedRunOf(release)
  if (run === null) return null
  return {
    title: 'Re-run failed jobs?',
    text: `This requests attempt ${run.attempt + 1} of the run for ${serviceEnvironmentText(release)}, with its own approvals. GitHub runs the failed jobs and those after them, with the same commit, workflow and inputs.${migrationWarning(run)}`,
    yes: 'Request it',
  }
}

function migrationWarning({ migration }: FailedRun): string {
  switch (migration) {
    case 'failed':
      return ' The migration failed and may have been applied in part: check the database first.'
    case 'unknown':
      return ' It is not known whether the migration was applied: check the database first.'
    case 'succeeded':
    case 'none':
      return ''
  }
}
