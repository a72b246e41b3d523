import type { RevisionLocation } from '@aws-sdk/client-codedeploy'
import { z } from 'zod'
import { AwsError } from '../error.ts'
import { inner, text } from '../operation.ts'

/** Where a revision is; for ECS it is the AppSpec itself. */
export const revisionLocation: z.ZodType<RevisionLocation> = z.strictObject({
  revisionType: z.enum(['AppSpecContent', 'S3', 'GitHub', 'String']).optional(),
  appSpecContent: z.strictObject({ content: text.optional(), sha256: text.optional() }).optional(),
  string: inner<object>(),
  s3Location: inner<object>(),
  gitHubLocation: inner<object>(),
})

/** @throws {AwsError} unless it names an AppSpec by its hash */
export function sha256Of(revision: RevisionLocation | undefined): string {
  const { revisionType, appSpecContent } = appSpec(revision)
  if (revisionType !== 'AppSpecContent' || appSpecContent?.sha256 === undefined)
    throw new AwsError('InvalidRevisionException', 'The sha256 of the AppSpec content is required.')
  return appSpecContent.sha256
}

/** @throws {AwsError} unless it has the content of an AppSpec */
export function contentOf(revision: RevisionLocation | undefined): {
  readonly content: string
  readonly sha256: string | undefined
} {
  const { content, sha256 } = appSpec(revision).appSpecContent ?? {}
  if (content === undefined)
    throw new AwsError('InvalidRevisionException', 'The AppSpec content is required.')
  return { content, sha256 }
}

function appSpec(revision: RevisionLocation | undefined): RevisionLocation {
  if (revision === undefined) throw new AwsError('RevisionRequiredException', 'Revision is required.')
  if (revision.revisionType !== 'AppSpecContent')
    throw new AwsError('InvalidRevisionException', 'The sandbox has AppSpec content only.')
  return revision
}
