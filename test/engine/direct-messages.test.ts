import { expect, test } from 'vitest'
import { approversToAsk } from '../../src/engine/direct-messages.ts'
import type { DirectChoice } from '../../src/messages/direct.ts'
import type { People } from '../../src/ports/ports.ts'
import type { Policy } from '../../src/release/policy/approval.ts'
import type { Settings } from '../../src/settings/settings.ts'
import type { Store } from '../../src/store/store.ts'
import { ana, ben, chloe, policy, ReleaseDriver } from '../release/driver.ts'

const people = [
  { slack: [ana, 'W0ANA'], github: 'ana' },
  { slack: [ben, 'W0BEN'], github: 'dana' },
  { slack: [chloe], github: 'chloe' },
]

type Case = {
  readonly policy?: Partial<Policy>
  readonly choices?: Readonly<Record<string, DirectChoice>>
  readonly byConfig?: boolean
  readonly approvedBy?: string
}

/** Whom to ask, where everybody whom the list names is a member. */
function toAsk({ policy: part, choices = {}, byConfig = true, approvedBy }: Case) {
  const driver = new ReleaseDriver({ policy: policy({ required: 2, people, ...part }) })
  if (approvedBy !== undefined) driver.approve(approvedBy)
  const eligibleApprovers: People['eligibleApprovers'] = async (list, { enough, voter }) => {
    const persons = new Map<string, string>()
    for (const account of list) {
      const person = persons.size < enough ? voter(account) : null
      if (person !== null && !persons.has(person)) persons.set(person, account)
    }
    const accounts = [...persons.values()]
    return { persons: accounts.length, accounts, groups: [], looked: list.length, candidates: list.length }
  }
  const deps = {
    store: { direct: { choices: async () => new Map(Object.entries(choices)) } },
    people: { eligibleApprovers },
    settings: { directMessages: { approvers: byConfig, requester: false } },
  } as unknown as { store: Store; people: People; settings: Settings }
  return approversToAsk(deps, driver.release)
}

const crowd = Array.from({ length: 12 }, (_, index) => `U0MANY${index}`)

test.each<readonly [string, Case, readonly string[]]>([
  [
    'one account of each person, and never the requester',
    { policy: { approvers: [ana, 'W0ANA', 'W0BEN', ben, chloe], requesterMayApprove: true } },
    ['W0BEN', chloe],
  ],
  [
    'no author who may not approve',
    { policy: { approvers: ['W0BEN', ben, chloe], authorsMayApprove: false } },
    [chloe],
  ],
  ['nobody who has approved already', { policy: { approvers: [ben, chloe] }, approvedBy: ben }, [chloe]],
  ['ten of twelve', { policy: { approvers: crowd } }, crowd.slice(0, 10)],
  [
    'first those who want it, nobody who does not',
    { policy: { approvers: crowd }, choices: { U0MANY11: 'on', U0MANY0: 'off' } },
    ['U0MANY11', ...crowd.slice(1, 10)],
  ],
  [
    'only those who want it if twokey.yml asks nobody',
    { policy: { approvers: [ben, chloe] }, choices: { [chloe]: 'on', U0ELI: 'on' }, byConfig: false },
    [chloe],
  ],
  [
    'one message to a person who wants it in two accounts',
    { policy: { approvers: [ben, 'W0BEN', chloe] }, choices: { [ben]: 'on', W0BEN: 'on' } },
    [ben, chloe],
  ],
  [
    'ten of those who want it',
    { policy: { approvers: crowd }, choices: Object.fromEntries(crowd.map((id) => [id, 'on'])) },
    crowd.slice(0, 10),
  ],
])('direct messages ask %s', async (_, about, expected) => {
  expect(await toAsk(about)).toEqual(expected)
})
