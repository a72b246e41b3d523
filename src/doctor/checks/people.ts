import type { Check } from '../diagnosis.ts'
import { judgeAccount, judgeChannel, judgeGroup, judgePolicy } from '../judge.ts'
import { whenRead } from '../seen.ts'
import { fromFinding } from './from-finding.ts'

export const gitHubAccount: Check = {
  id: 'github-account',
  label: 'Account on GitHub',
  why: 'Without its permissions twokey cannot dispatch the workflow, or cannot read what became of it.',
  judge: ({ account }) =>
    whenRead('GitHub', account, 'GITHUB_TOKEN, a valid token', (seen) => [
      fromFinding({ about: 'GitHub', ...judgeAccount(seen) }, 'Set another GITHUB_TOKEN.'),
    ]),
}

export const channel: Check = {
  id: 'channel',
  label: 'Channel in Slack',
  why: 'twokey sends nothing before the card is in the channel.',
  judge: ({ channels }) =>
    channels.flatMap(({ named, seen }) =>
      whenRead(
        named.id,
        seen,
        'SLACK_BOT_TOKEN with the scope channels:read (groups:read for private channels)',
        (value) => [
          fromFinding(
            { about: named.id, ...judgeChannel(named, value) },
            'Correct the channel in twokey.yml.',
          ),
        ],
      ),
    ),
}

export const approverGroup: Check = {
  id: 'approver-group',
  label: 'User groups of approvers',
  why: 'Nobody of an empty group can approve.',
  judge: ({ groups }) =>
    groups.flatMap(({ id, seen }) =>
      whenRead(`user group ${id}`, seen, 'SLACK_BOT_TOKEN with the scope usergroups:read', (value) => [
        fromFinding(
          { about: `user group ${id}`, ...judgeGroup(id, value) },
          'Correct the group in twokey.yml.',
        ),
      ]),
    ),
}

export const enoughApprovers: Check = {
  id: 'enough-approvers',
  label: 'Enough approvers',
  why: 'A request that too few people may approve waits until it expires.',
  judge: ({ policies }) =>
    policies.flatMap(({ named, seen }) =>
      whenRead(named.of, seen, 'SLACK_BOT_TOKEN with the scopes users:read and usergroups:read', (value) => [
        fromFinding({ about: named.of, ...judgePolicy(named, value) }, 'Add approvers to twokey.yml.'),
      ]),
    ),
}
