import { WebClient } from '@slack/web-api'
import { expect, test } from 'vitest'
import { observe } from '../../src/engine/observe.ts'
import { type Channels, type Ecs, type GitHub, type People, Trouble } from '../../src/ports/ports.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { slackChannels } from '../../src/slack/channels.ts'
import { slackPeople } from '../../src/slack/identity.ts'
import { slackLogger } from '../../src/slack/log.ts'
import type { Store } from '../../src/store/store.ts'
import { ana, ben } from '../release/driver.ts'
import { revision, start, target, World, yes } from '../release/world.ts'
import { channel, log, openSlack } from '../slack/harness.ts'

/** The outside services, of which only these parts answer. */
function outside(parts: { readonly ecs: Partial<Ecs>; readonly people: Partial<People> }) {
  return {
    outside: {
      github: {} as GitHub,
      ecs: { now: () => start, ...parts.ecs } as Ecs,
      people: parts.people as People,
      channels: {} as Channels,
    },
    store: {} as Store,
    settings: {} as Settings,
    clock: Date.now,
  }
}

const source = { repository: 'myorg/blog-api', containers: ['api'] }
const before = { look: 'before', targets: [target], source, commits: 'shown' } as const
const people = { look: 'people', ids: [ben], lists: [[ben]] } as const
const requester = { look: 'requester', id: ana, requesters: 'everyone' } as const

test('people are read last, once everything that may be slow has answered', async () => {
  const told: string[] = []
  let answer = () => {}
  const slow = new Promise<void>((resolve) => {
    answer = resolve
  })
  const needs = outside({
    ecs: {
      before: async () => {
        await slow
        told.push('ecs')
        return []
      },
    },
    people: {
      standing: async ({ user }) => {
        told.push(user)
        return yes
      },
      requester: async ({ user }) => {
        told.push(user)
        return yes
      },
    },
  })
  const seen = observe([people, requester, before], 'something', needs)
  await new Promise((resolve) => setImmediate(resolve))
  expect(told).toEqual([])
  answer()
  expect(await seen).toMatchObject({
    people: { value: { [ben]: yes } },
    before: { value: { at: start, targets: [] } },
  })
  expect(told).toEqual(['ecs', ben, ana])
})

test('a person whose role cannot be determined has none', async () => {
  const standing = { eligible: false, why: 'group_unknown', sentence: 'Slack did not tell' } as const
  const needs = outside({
    ecs: {
      before: async () => {
        throw new Trouble('terminal', 'no such cluster')
      },
    },
    people: { standing: async () => standing },
  })
  expect(await observe([people, before], 'something', needs)).toEqual({
    people: { seen: false, kind: 'passing', reason: 'Slack did not tell' },
    before: { seen: false, kind: 'terminal', reason: 'no such cluster' },
  })
})

test.each(['before', 'people'] as const)(
  'a fresh read is too old to send anything if %s took long',
  async (slow) => {
    let now = 0
    const takes = (which: typeof slow) => {
      if (which === slow) now += 15_001
    }
    const needs = {
      ...outside({
        ecs: {
          before: async () => {
            takes('before')
            return []
          },
        },
        people: {
          standing: async () => {
            takes('people')
            return yes
          },
          requester: async () => yes,
        },
      }),
      clock: () => now,
    }
    const old = { seen: false, kind: 'passing' }
    expect(await observe([before, people, requester], 'something', needs)).toMatchObject({
      before: old,
      people: old,
      requester: old,
    })
  },
)

test('the services are read after everything that does not have to be fresh', async () => {
  const told: string[] = []
  const needs = outside({
    ecs: {
      rollbackTarget: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        told.push('rollback target')
        return { usable: false, why: 'gone' }
      },
      before: async () => {
        told.push('before')
        return []
      },
    },
    people: {},
  })
  const rollback = {
    look: 'rollbackTarget',
    targets: [target],
    revision: revision(41),
    images: [],
    source,
  } as const
  await observe([before, rollback], 'something', needs)
  expect(told).toEqual(['rollback target', 'before'])
})

test('people are read again only if everything else was read, so that Slack is spared', async () => {
  const ages: unknown[] = []
  const asked = (sees: () => Promise<[]>) =>
    outside({
      ecs: { before: sees },
      people: {
        standing: async (_who, _lists, maxAge) => {
          ages.push(maxAge)
          return yes
        },
      },
    })
  await observe(
    [people, before],
    'something',
    asked(async () => []),
  )
  const blind = async (): Promise<[]> => {
    throw new Trouble('passing', 'ECS did not answer')
  }
  await observe([people, before], 'something', asked(blind))
  expect(ages).toEqual(['second', 'minute'])
})

test('people are read again if only the tasks before the dispatch could not be listed', async () => {
  const ages: unknown[] = []
  const needs = outside({
    ecs: {
      tasksBefore: async () => {
        throw new Trouble('terminal', 'grant ecs:ListTasks')
      },
    },
    people: {
      standing: async (_who, _lists, maxAge) => {
        ages.push(maxAge)
        return yes
      },
    },
  })
  const tasks = { look: 'tasksBefore', cluster: 'blog-cluster-prod', family: 'blog-api-migrate' } as const
  const { tasksBefore } = await observe([people, tasks], 'something', needs)
  expect(tasksBefore).toEqual({ seen: false, kind: 'terminal', reason: 'grant ecs:ListTasks' })
  expect(ages).toEqual(['second'])
})

test('fifty releases that are about to be sent read each account, group and channel once', async () => {
  const slack = await openSlack()
  const web = new WebClient(slack.env.SLACK_BOT_TOKEN, {
    slackApiUrl: slack.env.SLACK_API_URL,
    retryConfig: { retries: 0 },
    logger: slackLogger(log),
  })
  const now = () => 5_000
  const { outside: others, ...needs } = outside({ ecs: {}, people: {} })
  const asked = {
    ...needs,
    outside: {
      ...others,
      people: slackPeople({ web, now, team: 'T0TEAM', enterprise: null, workspaces: [] }),
      channels: slackChannels(web, now),
    },
  }
  const looks = [
    { look: 'people', ids: ['U0BEN', 'U0CHLOE'], lists: [['S0DEPLOYERS'], ['S0DEPLOYERS', 'U0APPROVER']] },
    { look: 'requester', id: 'U0ANA', requesters: 'everyone' },
    { look: 'channel', channel },
  ] as const
  const seen = await Promise.all(Array.from({ length: 50 }, () => observe(looks, 'something', asked)))
  expect(seen[49]).toMatchObject({
    people: { value: { U0BEN: { eligible: true }, U0CHLOE: { eligible: true } } },
    requester: { value: { eligible: true } },
    channel: { value: 'inside' },
  })
  const read = (method: string, key: string) =>
    slack.log.of(method).map(({ body }) => (body as Readonly<Record<string, unknown>>)[key])
  expect(read('users.info', 'user').sort()).toEqual(['U0ANA', 'U0BEN', 'U0CHLOE'])
  expect(read('usergroups.users.list', 'usergroup')).toEqual(['S0DEPLOYERS'])
  expect(read('conversations.info', 'channel')).toEqual([channel])
})

test('an unknown running commit delays the dispatch if it decides what is sent', async () => {
  const reason = 'GitHub has not answered'
  const world = new World([target], [])
  const [sighting] = world.targets
  const serving = { ...revision(42), unknown: { because: 'unread', reason } } as const
  const needs = outside({ ecs: { before: async () => [{ ...sighting!, serving }] }, people: {} })
  const needed = await observe([{ ...before, commits: 'needed' }], 'something', needs)
  expect(needed).toEqual({ before: { seen: false, kind: 'passing', reason } })
  expect(await observe([before], 'something', needs)).toMatchObject({ before: { seen: true } })
})

test('all looks are made at once if nothing was missed at the last ones', async () => {
  const begun: string[] = []
  let answer = () => {}
  const slow = new Promise<void>((resolve) => {
    answer = resolve
  })
  const needs = outside({
    ecs: {
      before: async () => {
        begun.push('ecs')
        await slow
        return []
      },
    },
    people: {
      standing: async (_who, _lists, maxAge) => {
        begun.push(`people, at most a ${maxAge} old`)
        return yes
      },
    },
  })
  const seen = observe([people, before], 'nothing', needs)
  await new Promise((resolve) => setImmediate(resolve))
  expect(begun.toSorted()).toEqual(['ecs', 'people, at most a second old'])
  answer()
  expect(await seen).toMatchObject({ people: { seen: true }, before: { seen: true } })
})

test('the looks that have to be fresh are made again if one took long', async () => {
  let now = 0
  let asked = 0
  const needs = {
    ...outside({
      ecs: {
        tasksBefore: async () => {
          now += 5_000
          return []
        },
        before: async () => [],
      },
      people: {
        standing: async () => {
          asked += 1
          return yes
        },
      },
    }),
    clock: () => now,
  }
  const tasks = { look: 'tasksBefore', cluster: 'blog', family: 'migrate' } as const
  expect(await observe([tasks, people, before], 'nothing', needs)).toMatchObject({ people: { seen: true } })
  expect(asked).toBe(2)
})
