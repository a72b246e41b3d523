import { controllerOf, controllersText } from '../../release/controller.ts'
import { type Target, targetName } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'
import type { Revision } from '../../release/revision.ts'
import type { SteerPost } from '../../release/steer.ts'
import { inCode, outside, reason } from '../escape.ts'
import { capital, count, date, mention, mentions, target } from '../mrkdwn.ts'
import { blockedText } from './hindrance.ts'
import { waitsText } from './pause.ts'
import { previousRevision } from './serving.ts'
import { rolloutText } from './tracks.ts'

/** The post about a rollout that is blocked, waits or stands still, or about what people did with one in progress. */
export function steerLines(release: Release, post: SteerPost): readonly string[] {
  const { tracks } = release
  const controllers = controllersText(tracks.rollouts)
  switch (post.tell) {
    case 'rollout-held':
      return [
        `:hourglass_flowing_sand: Rollout of ${target(post.target)}: ${rolloutText(post.rollout)}.`,
        `Since ${date(post.since, '{time}')}: ${blockedText(post.rollout)}.`,
      ]
    case 'rollout-still':
      return [
        `:hourglass_flowing_sand: The rollout of ${target(post.target)} has not moved since ${date(post.since, '{time}')}: ${rolloutText(post.rollout)} (${outside(post.rollout.reason, 150)}). ${controllerOf(post.rollout)} reports no cause.`,
      ]
    case 'paused':
      return [
        `:double_vertical_bar: The rollout of ${target(post.target)} ${waitsText(post.rollout, previousOf(release, post.target))}`,
        `Continue needs ${count(post.required, 'click')} on the card; Roll back needs one. ${mentions(post.mention)}`,
      ]
    case 'continuing':
      return [`Approved by ${mentions(post.by)}: twokey asks ${controllers} to continue the rollout.`]
    case 'not-continued':
      return [
        `:warning: The rollout was not continued: ${outside(post.reason, 300)}. Press Continue to try again; it needs new approvals.`,
      ]
    case 'not-stopped':
      return [
        `:warning: CodeDeploy did not stop the deployment ${inCode(post.deployment)} of ${target(post.target)}: ${outside(post.reason, 300)}. The rollback waits until it has ended.`,
      ]
    case 'stopping':
      return [
        `:rewind: ${mention(post.by)} pressed Roll back: twokey asks ${controllers} to roll back at once.`,
      ]
    case 'rolling-back':
      return [`:rewind: ${capital(reason(post.rollout.reason, 300))} (${target(post.target)}).`]
    case 'not-rolled-back':
      return [
        `:warning: ${controllerText(tracks, post.target)} did not roll back the rollout of ${target(post.target)}: ${outside(post.reason, 300)}. Roll back on the card now requests a rollback with its own approvals.`,
      ]
  }
}

function previousOf(release: Release, of: Target): Revision | null {
  const track = release.tracks.rollouts.find((each) => targetName(each.target) === targetName(of))
  return track === undefined ? null : previousRevision(release, track)
}

function controllerText({ rollouts }: Release['tracks'], of: Target): string {
  return controllersText(rollouts.filter((track) => targetName(track.target) === targetName(of)))
}
