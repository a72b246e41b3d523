import type { Sandbox } from '../sandbox/sandbox.ts'
import { slack as seed } from '../sandbox/seed.ts'
import type { SlackSandbox } from '../sandbox/slack/slack.ts'
import type { Ship } from './fleet.ts'

/** The user group that contains the whole crowd. */
export const crowdGroup = 'S0CROWD'

/** Creates this many people who may approve, in every channel. */
export function gatherCrowd({ slack }: Pick<Sandbox, 'slack'>, count: number): readonly string[] {
  const { users, channels, groups } = slack.workspace
  const people = Array.from({ length: count }, (_, index) => `U0CROWD${String(index).padStart(2, '0')}`)
  for (const id of people) {
    users.set(id, { id, name: id, team: seed.team, kind: 'member', deleted: false, stranger: false })
    for (const { members } of channels.values()) members.add(id)
  }
  groups.set(crowdGroup, { id: crowdGroup, handle: 'crowd', members: [...people], disabled: false })
  return people
}

/** Requests a deploy of each, and waits until all cards wait for approvals. */
export async function askForAll({ slack }: Sandbox, ships: readonly Ship[]): Promise<void> {
  for (const { service, channel } of ships)
    await slack.as('U0ANA').types(channel, `/deploy prod-${service} ${service}`)
  await slack.until(() => ships.every(({ channel }) => cardIn(slack, channel)?.text.includes('0 of 2')), {
    ms: 120_000,
  })
}

/** The card of the only release of a channel. */
export function cardIn({ workspace }: SlackSandbox, channel: string) {
  return workspace.messages(channel).at(0)
}

/** All people click Approve on all cards at the same time; returns how long each waited for its acknowledgement, ms. */
export async function allApprove(
  slack: SlackSandbox,
  { people, channels }: { people: readonly string[]; channels: readonly string[] },
): Promise<readonly number[]> {
  const presses = channels.flatMap((channel, at) =>
    people.map((user, by) => ({ channel, user, turn: (by * 7 + at * 13) % people.length })),
  )
  const outcomes = await Promise.all(
    presses
      .toSorted((one, other) => one.turn - other.turn)
      .map(({ channel, user }) => {
        const { ts = '' } = cardIn(slack, channel) ?? {}
        return slack.as(user).clicks({ channel, ts, actionId: 'twokey:approve' })
      }),
  )
  return outcomes.map((seen) => {
    if (seen.outcome !== 'acknowledged') throw new Error(`a click was not acknowledged: ${seen.outcome}`)
    return seen.afterMs
  })
}
