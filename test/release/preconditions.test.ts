import { describe, expect, test } from 'vitest'
import type { ActiveDeployment } from '../../src/release/active-deployment.ts'
import type { RequiredChecks } from '../../src/release/checks.ts'
import { looks, nextLook } from '../../src/release/next-look.ts'
import { sentWithinMs } from '../../src/release/preconditions/age.ts'
import {
  evaluate,
  looksOfPreconditions,
  type PreconditionName,
  preconditions,
} from '../../src/release/preconditions/list.ts'
import type { Result } from '../../src/release/preconditions/precondition.ts'
import type { Release } from '../../src/release/release.ts'
import type { Request } from '../../src/release/request.ts'
import type { RolloutTrack } from '../../src/release/tracks.ts'
import { waitingFor } from '../../src/release/waiting-for.ts'
import {
  ana,
  ben,
  chloe,
  deploySubject,
  gateSubject,
  minute,
  policy,
  ReleaseDriver,
  rerunSubject,
  rollbackSubject,
  underway,
} from './driver.ts'
import { commit, image, no, oldCommit, revision, rolloutSighting, start, target, unseen } from './world.ts'

/** A release with all approvals: what was approved is checked before it is sent. */
function ready(part: Partial<Request> = {}, holders: readonly Release[] = []): ReleaseDriver {
  const driver = new ReleaseDriver(part, holders)
  driver.approve(ben)
  driver.approve(chloe)
  expect(driver.release.stage.at).toBe('ready')
  return driver
}

function judged(driver: ReleaseDriver, name: PreconditionName): Result | undefined {
  return evaluate(driver.facts()).find((each) => each.name === name)?.result
}

const polling = { activeMs: 3_000, idleMs: 30_000 }
const rollback = { subject: rollbackSubject() }
const waitingRun = { subject: gateSubject() }
const again = { id: 'r2', subject: rerunSubject() }
const byAuthors = {
  policy: policy({
    authorsMayApprove: false,
    people: [ben, chloe].map((id) => ({ slack: [id], github: id })),
  }),
}
const lock = { environment: 'prod', service: null, by: ben, why: 'incident', since: 0, until: null }
const freeze = { until: Date.UTC(2027, 0, 4), approvals: null, reason: 'the sale' }
const denied = unseen('terminal', 'Slack refuses the token')

/** Another release in progress, which a rollback replaces. @param part of its rollout */
const running = (part: Partial<RolloutTrack> = {}): Release => {
  const { tracks, ...release } = underway().release
  const rollouts = tracks.rollouts.map((track) => ({ ...track, ...part }))
  return { ...release, id: 'r-before', tracks: { ...tracks, rollouts } }
}

type Row = readonly [
  name: PreconditionName,
  title: string,
  driver: () => ReleaseDriver,
  result: Result['is'] | 'does not apply',
  words: string | RegExp | null,
]

/** A driver with this change. */
function but(driver: ReleaseDriver, change: (driver: ReleaseDriver) => void): ReleaseDriver {
  change(driver)
  return driver
}

/** The trouble began this long before the next look. */
function blindFor(
  driver: ReleaseDriver,
  look: keyof ReleaseDriver['world']['trouble'],
  ms: number,
): ReleaseDriver {
  driver.world.trouble = { [look]: denied }
  driver.look()
  driver.now += ms
  return driver
}

const rows: readonly Row[] = [
  ['rules', 'the config allows it', () => ready(), 'open', null],
  [
    'rules',
    'the config no longer allows it',
    () =>
      but(ready(), (driver) => {
        driver.currentRules = null
      }),
    'end',
    /twokey.yml was changed/,
  ],

  ['age', 'in time', () => ready(), 'open', null],
  [
    'age',
    'too late',
    () =>
      but(ready(), (driver) => {
        driver.now += sentWithinMs + 1
      }),
    'end',
    /not sent by/,
  ],
  [
    'age',
    'the clock was set back',
    () =>
      but(ready(), (driver) => {
        driver.now -= 2 * minute
      }),
    'end',
    /clock of twokey was set back/,
  ],
  ['age', 'GitHub asked to wait', () => but(ready(), limited), 'waiting', 'GitHub, which asked to wait'],

  ['lock', 'no lock', () => ready(), 'open', null],
  [
    'lock',
    'a deploy in a locked environment',
    () =>
      but(ready(), (driver) => {
        driver.lock = lock
      }),
    'end',
    /locked by <@U0BEN>: incident/,
  ],
  [
    'lock',
    'a rollback in a locked environment',
    () =>
      but(ready(rollback), (driver) => {
        driver.lock = lock
      }),
    'open',
    null,
  ],

  ['requester', 'still a requester', () => ready(), 'open', null],
  [
    'requester',
    'no requester any more',
    () =>
      but(ready(), (driver) => {
        driver.world.requester = no
      }),
    'end',
    /can no longer request/,
  ],
  [
    'requester',
    'could not be read',
    () =>
      but(ready(), (driver) => {
        driver.world.trouble = { requester: denied }
      }),
    'waiting',
    'another check',
  ],
  [
    'requester',
    'could not be read for long',
    () => blindFor(ready(), 'requester', minute),
    'end',
    /could not be checked: Slack refuses the token/,
  ],

  ['channel', 'not shared', () => ready(), 'open', null],
  [
    'channel',
    'shared',
    () =>
      but(ready(), (driver) => {
        driver.world.channel = 'outside'
      }),
    'end',
    /shared with another organization/,
  ],
  [
    'channel',
    'could not be read',
    () =>
      but(ready(), (driver) => {
        driver.world.trouble = { channel: denied }
      }),
    'waiting',
    'another check',
  ],
  [
    'channel',
    'may be shared',
    () => ready({ policy: policy({ externalChannels: 'allowed' }) }),
    'does not apply',
    null,
  ],

  ['freeze', 'no freeze', () => ready(), 'open', null],
  [
    'freeze',
    'frozen',
    () =>
      but(ready(), (driver) => {
        driver.freeze = freeze
      }),
    'end',
    /is frozen until/,
  ],
  [
    'freeze',
    'a rollback in a freeze',
    () =>
      but(ready(rollback), (driver) => {
        driver.freeze = freeze
      }),
    'open',
    null,
  ],

  ['approvals', 'all count', () => ready(), 'open', null],
  [
    'approvals',
    'none required',
    () => new ReleaseDriver({ policy: policy({ required: 0 }), eligible: 0 }),
    'open',
    null,
  ],
  [
    'approvals',
    'somebody may not approve any more',
    () =>
      but(ready(), (driver) => {
        driver.world.people = { [ben]: no }
      }),
    'ask again',
    /1 of 2 approvals are missing/,
  ],
  [
    'approvals',
    'could not be read',
    () =>
      but(ready(), (driver) => {
        driver.world.trouble = { people: denied }
      }),
    'waiting',
    'another check',
  ],

  ['commit', 'as it was approved', () => ready(), 'open', null],
  [
    'commit',
    'no longer on its branch',
    () => but(ready(), (driver) => tip(driver, { commitOnBranch: false })),
    'end',
    /no longer on main/,
  ],
  [
    'commit',
    'the branch moved, and no input takes the commit',
    () => but(ready({ subject: deploySubject({ inputs: [] }) }), (driver) => tip(driver, { sha: oldCommit })),
    'end',
    /main moved to 0dd0c0d/,
  ],
  [
    'commit',
    'the workflow is gone',
    () => but(ready(), (driver) => tip(driver, { githubTree: null })),
    'end',
    /workflow was removed from main/,
  ],
  [
    'commit',
    'another workflow',
    () => but(ready(), (driver) => tip(driver, { githubTree: 'tree-2' })),
    'ask again',
    /the workflow on main changed/,
  ],
  [
    'commit',
    'could not be read',
    () =>
      but(ready(), (driver) => {
        driver.world.trouble = { tip: denied }
      }),
    'waiting',
    'another check',
  ],
  ['failed run', 'its failed attempt is the last one', () => ready(again), 'open', null],
  [
    'failed run',
    'somebody started it again',
    () =>
      but(ready(again), ({ world }) => {
        world.failedRun = { found: 'run', attempt: 2, verdict: 'moving', login: 'ben', createdAt: start }
      }),
    'end',
    /ben. started attempt 2/,
  ],
  [
    'failed run',
    'GitHub no longer has it',
    () =>
      but(ready(again), ({ world }) => {
        world.failedRun = { found: 'none' }
      }),
    'end',
    /no longer has the run/,
  ],
  [
    'failed run',
    'it cannot be read',
    () =>
      but(ready(again), ({ world }) => {
        world.trouble = { failedRun: denied }
      }),
    'waiting',
    'another check',
  ],
  ['failed run', 'a deploy starts its own', () => ready(), 'does not apply', null],
  ['commit', 'a re-run does not depend on the branch’s tip', () => ready(again), 'does not apply', null],
  ['lane', 'a re-run holds it from its request on', () => ready(again), 'open', null],
  [
    'still forward',
    'something was deployed after a re-run was requested',
    () =>
      but(ready(again), ({ world }) => {
        world.changesNow = {
          serving: revision(45),
          changes: { known: true, commits: [], total: 0, direction: 'forward', url: '' },
          authorship: { known: true, logins: [], since: [] },
        }
      }),
    'end',
    /blog-api:45 was deployed after the request/,
  ],
  ['gate', 'the run waits and twokey may open it', () => ready(waitingRun), 'open', null],
  [
    'gate',
    'twokey may not open it',
    () =>
      but(ready(waitingRun), ({ world }) => {
        world.gate = { gate: 'waiting', may: { not: 'the rule is not enabled' } }
      }),
    'waiting',
    /the rule is not enabled/,
  ],
  [
    'gate',
    'it cannot be read',
    () =>
      but(ready(waitingRun), ({ world }) => {
        world.trouble = { gate: denied }
      }),
    'waiting',
    'another check',
  ],
  ['still forward', 'nothing else was deployed meanwhile', () => ready(waitingRun), 'open', null],
  ['still forward', 'a deploy holds its lane, so nothing was', () => ready(), 'does not apply', null],
  ['gate', 'a deploy that twokey dispatches has none', () => ready(), 'does not apply', null],
  [
    'requester',
    'who starts a run on GitHub requests nothing',
    () => ready(waitingRun),
    'does not apply',
    null,
  ],
  ['lane', 'a run waits until it is free', () => ready(waitingRun, [running()]), 'waiting', /r-before/],
  ['commit', 'a rollback has none', () => ready(rollback), 'does not apply', null],

  ['rollback target', 'as it was approved', () => ready(rollback), 'open', null],
  [
    'rollback target',
    'ECS would not take it',
    () =>
      but(ready(rollback), (driver) => {
        driver.world.rollbackTarget = { usable: false, why: 'blog-api:41 is INACTIVE' }
      }),
    'end',
    /is INACTIVE; nothing was sent/,
  ],
  [
    'rollback target',
    'other images',
    () => but(ready(rollback), otherImages),
    'ask again',
    /is not what was approved/,
  ],
  [
    'rollback target',
    'could not be read',
    () =>
      but(ready(rollback), (driver) => {
        driver.world.trouble = { rollbackTarget: denied }
      }),
    'waiting',
    'another check',
  ],
  ['rollback target', 'a deploy has none', () => ready(), 'does not apply', null],

  ['order', 'nothing comes first', () => ready(), 'does not apply', null],
  [
    'order',
    'it succeeded there',
    () =>
      but(ready(), (driver) => {
        driver.requires = ['staging']
      }),
    'open',
    null,
  ],
  [
    'order',
    'it has not succeeded there',
    () => but(ready(), notInStaging),
    'end',
    /successful release in staging first/,
  ],
  [
    'order',
    'it is in progress there',
    () => but(ready(), inProgressInStaging),
    'waiting',
    /3f2c1ab to succeed in staging, where release r-st1 is in progress/,
  ],
  [
    'order',
    'a run that waits may be early: it is in progress there',
    () => but(ready(waitingRun), inProgressInStaging),
    'waiting',
    /3f2c1ab to succeed in staging, where release r-st1 is in progress/,
  ],
  [
    'order',
    'a run that waits may be early: there is nothing of it there yet',
    () => but(ready(waitingRun), notInStaging),
    'waiting',
    /3f2c1ab to succeed in staging, which prod requires first/,
  ],
  [
    'order',
    'a run that waits, of a commit that failed there',
    () =>
      but(ready(waitingRun), (driver) => {
        notInStaging(driver)
        driver.world.lastThere = { release: 'r-st1', outcome: 'failed' }
      }),
    'end',
    /did not succeed there \(release r-st1: failed\)/,
  ],
  [
    'order',
    'could not be read',
    () =>
      but(ready(), (driver) => {
        driver.requires = ['staging']
        driver.world.trouble = { order: denied }
      }),
    'waiting',
    'another check',
  ],

  ['checks', 'they are only shown', () => ready(), 'does not apply', null],
  ['checks', 'they passed', () => but(ready(), (driver) => required(driver, { passed: 1 })), 'open', null],
  [
    'checks',
    'one is pending',
    () => but(ready(), (driver) => required(driver, { pending: { count: 2, names: ['e2e'] } })),
    'waiting',
    /required checks to pass: .e2e. and 1 more/,
  ],
  [
    'checks',
    'none was reported',
    () => but(ready(), (driver) => required(driver, {})),
    'waiting',
    /are none/,
  ],
  [
    'checks',
    'one failed',
    () => but(ready(), (driver) => required(driver, { failed: { count: 1, names: ['e2e'] } })),
    'end',
    /failed: .e2e.; nothing was sent/,
  ],
  [
    'checks',
    'one failed, which more approvals allow',
    () =>
      but(ready(), (driver) => {
        required(driver, { failed: { count: 1, names: ['e2e'] } })
        driver.checks = { redCommit: 3 }
      }),
    'ask again',
    /failed: .e2e./,
  ],
  [
    'checks',
    'could not be read',
    () =>
      but(ready(), (driver) => {
        required(driver, { passed: 1 })
        driver.world.trouble = { checks: denied }
      }),
    'waiting',
    'another check',
  ],

  ['authors', 'authors may approve', () => ready(), 'does not apply', null],
  ['authors', 'what serves is what was compared with', () => ready(byAuthors), 'open', null],
  [
    'authors',
    'something else serves',
    () => but(ready(byAuthors), (driver) => driver.world.serves(revision(43, commit))),
    'end',
    /nobody reviewed/,
  ],
  [
    'authors',
    'could not be read',
    () =>
      but(ready(byAuthors), (driver) => {
        driver.world.trouble = { before: denied }
      }),
    'waiting',
    'another check',
  ],

  ['services', 'each is there', () => ready(), 'open', null],
  [
    'services',
    'one is not there',
    () =>
      but(ready(), (driver) => {
        driver.world.targets = []
      }),
    'end',
    /was not found in ECS/,
  ],
  [
    'services',
    'could not be read',
    () =>
      but(ready(), (driver) => {
        driver.world.trouble = { before: denied }
      }),
    'waiting',
    'another check',
  ],

  ['pending stop', 'nobody asked to stop it', () => ready(), 'open', null],
  [
    'pending stop',
    'somebody did, and is not answered',
    () =>
      but(ready(), (driver) => {
        driver.hasPendingStop = true
      }),
    'waiting',
    /asked to stop it/,
  ],

  ['card', 'its card is posted', () => ready(), 'open', null],
  ['card', 'a rollback whose card is posted', () => ready(rollback), 'open', null],
  [
    'card',
    'its card is not posted yet',
    () =>
      but(ready(), (driver) => {
        driver.hasCard = false
      }),
    'waiting',
    /^its card to be posted in <#C/,
  ],

  ['lane', 'a deploy holds its own', () => ready(), 'open', null],
  ['lane', 'a rollback of a free lane', () => ready(rollback), 'open', null],
  [
    'lane',
    'a rollback behind a release in progress',
    () => ready(rollback, [running()]),
    'waiting',
    'release r-before, which is in progress, to stop',
  ],
  [
    'lane',
    'a rollback that has waited for it long enough',
    () =>
      but(ready(rollback, [running()]), (driver) => {
        driver.look()
        driver.now += minute
      }),
    'open',
    null,
  ],

  ['active deployment', 'CodeDeploy deploys nothing', () => ready(rollback), 'open', null],
  [
    'active deployment',
    'one that the approvals name',
    () => but(ready({ subject: stopping }), deploying()),
    'waiting',
    /^CodeDeploy to stop the deployment d-OTHER of blog-api:44/,
  ],
  [
    'active deployment',
    'one that they do not name',
    () => but(ready(rollback), deploying()),
    'ask again',
    /d-OTHER of blog-api:44 .* began/,
  ],
  [
    'active deployment',
    'one of the release that it replaces',
    () => but(ready(rollback, [running({ binding: 'commit', seen: ofCodeDeploy })]), deploying()),
    'waiting',
    /^CodeDeploy to stop/,
  ],
  [
    'active deployment',
    'one that may be of the release that it replaces',
    () => but(ready(rollback, [running()]), deploying()),
    'waiting',
    /^the end of the deployment d-OTHER/,
  ],
  [
    'active deployment',
    'one that the release that it replaces did not show to be its own in time',
    () =>
      but(ready(rollback, [running()]), (driver) => {
        const stage = { at: 'ready', since: driver.now, placeAskedAt: driver.now - minute } as const
        driver.release = { ...driver.release, stage }
        deploying()(driver)
      }),
    'ask again',
    /began/,
  ],
  [
    'active deployment',
    'one of the same revision',
    () => but(ready(rollback), deploying({ revision: 'blog-api:41' })),
    'waiting',
    /^the end of/,
  ],
  [
    'active deployment',
    'one that CodeDeploy rolls back already',
    () => but(ready(rollback), deploying({ is: 'ending' })),
    'waiting',
    /^the end of/,
  ],
  [
    'active deployment',
    'one that only its stack can cancel',
    () => but(ready(rollback), deploying({ is: 'of CloudFormation' })),
    'waiting',
    /only its stack can cancel/,
  ],
  [
    'active deployment',
    'could not be read',
    () =>
      but(ready(rollback), (driver) => {
        driver.world.trouble = { rollbackTarget: denied }
      }),
    'waiting',
    'another check',
  ],
  ['active deployment', 'a deploy has none', () => ready(), 'does not apply', null],
]

const other = { target, deploymentId: 'd-OTHER', revision: 'blog-api:44', is: 'stoppable' } as const

const stopping = { ...rollbackSubject(), stops: [other] }

const ofCodeDeploy = rolloutSighting({ arn: other.deploymentId, deploymentId: other.deploymentId })

/** CodeDeploy has a deployment in progress. */
function deploying(part: Partial<ActiveDeployment> = {}): (driver: ReleaseDriver) => void {
  return ({ world }) => world.deploys({ ...other, ...part })
}

function limited(driver: ReleaseDriver): void {
  driver.look()
  driver.answer({ to: 'dispatch', answer: 'limited', until: driver.now + minute, reason: 'a rate limit' })
}

function tip(driver: ReleaseDriver, part: Partial<ReleaseDriver['world']['tip']>): void {
  driver.world.tip = { ...driver.world.tip, ...part }
}

function otherImages({ world }: ReleaseDriver): void {
  const digest = `sha256:${'b'.repeat(64)}`
  if (world.rollbackTarget.usable)
    world.rollbackTarget = { ...world.rollbackTarget, images: [{ ...image, digest }] }
}

/** The current config requires checks, and this is what they came to. */
function required(driver: ReleaseDriver, part: Partial<RequiredChecks>): void {
  const none = { count: 0, names: [] }
  driver.checks = { redCommit: null }
  driver.world.checks = {
    ...driver.world.checks,
    required: { by: 'branch', passed: 0, pending: none, failed: none, ...part },
  }
}

function notInStaging(driver: ReleaseDriver): void {
  driver.requires = ['staging']
  driver.world.missing = 'staging'
}

function inProgressInStaging(driver: ReleaseDriver): void {
  notInStaging(driver)
  driver.world.lastThere = { release: 'r-st1', outcome: null }
}

describe('a precondition', () => {
  test.each(rows)('%s, %s', (name, _, driver, expected, words) => {
    const result = judged(driver(), name)
    expect(result?.is ?? 'does not apply').toBe(expected)
    if (words !== null && result && 'why' in result) expect(result.why).toMatch(words)
  })

  test('every precondition is in the table above', () => {
    const covered = new Set(rows.map(([name]) => name))
    expect(preconditions.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([])
  })

  test('the first precondition that is not open decides, in this order', () => {
    expect(preconditions.map(({ name }) => name)).toEqual([
      'rules',
      'age',
      'lock',
      'requester',
      'channel',
      'freeze',
      'approvals',
      'commit',
      'failed run',
      'gate',
      'still forward',
      'rollback target',
      'order',
      'authors',
      'services',
      'checks',
      'pending stop',
      'card',
      'lane',
      'active deployment',
    ])
    const driver = ready()
    driver.world.requester = no
    driver.world.people = { [ben]: no }
    driver.world.trouble = { tip: denied }
    const results = Object.fromEntries(evaluate(driver.facts()).map(({ name, result }) => [name, result.is]))
    expect(results).toMatchObject({ requester: 'end', approvals: 'ask again', commit: 'waiting' })
    driver.look()
    expect(driver.reason).toMatch(/can no longer request/)
  })
})

describe('evaluating the preconditions', () => {
  test.each(rows)('a precondition has no effect: %s, %s', (_, __, driver) => {
    const facts = driver().facts()
    const before = JSON.stringify(facts)
    const frozen = deepFrozen(facts)
    const once = JSON.stringify(evaluate(frozen))
    expect(JSON.stringify(evaluate(frozen))).toBe(once)
    expect(JSON.stringify(facts)).toBe(before)
  })

  test('preconditions read the services once, and their commits if authors count', () => {
    const services = (part: Partial<Request>) => {
      const driver = ready(part)
      return looksOfPreconditions(driver.release, driver.config()).filter(({ look }) => look === 'before')
    }
    expect(services({})).toMatchObject([{ commits: 'shown' }])
    expect(services(byAuthors)).toMatchObject([{ commits: 'needed' }])
  })
})

describe('the audit of the preconditions', () => {
  const rowsOf = (driver: ReleaseDriver, what: string) => driver.audit.filter((row) => row.what === what)

  test('one row just before the dispatch has each result, the people by id and their times', () => {
    const driver = ready()
    const [benAt, chloeAt] = driver.release.approvals.map(({ at }) => at)
    driver.look()
    expect(rowsOf(driver, 'preconditions')).toEqual([
      {
        actor: 'twokey',
        what: 'preconditions',
        detail: {
          rules: { is: 'open' },
          age: { is: 'open', until: driver.now + minute },
          lock: { is: 'open' },
          requester: { is: 'open', by: ana, via: 'S0DEPLOYERS' },
          channel: { is: 'open', channel: 'C0DEPLOYS' },
          freeze: { is: 'open' },
          approvals: {
            is: 'open',
            required: 2,
            missing: 0,
            dismissed: [],
            counted: [
              { by: ben, at: benAt, via: 'S0DEPLOYERS' },
              { by: chloe, at: chloeAt, via: 'S0DEPLOYERS' },
            ],
          },
          commit: { is: 'open', tip: commit },
          services: { is: 'open', found: ['blog-cluster-prod/blog-api'] },
          'pending stop': { is: 'open' },
          card: { is: 'open' },
          lane: { is: 'open', holders: [] },
        },
      },
    ])
    const whats = driver.audit.map(({ what }) => what)
    expect(whats.indexOf('preconditions')).toBeLessThan(whats.indexOf('dispatch marked'))
  })

  test('without a card in the channel nothing is sent, until the release is too old', () => {
    const driver = ready()
    driver.hasCard = false
    driver.look()
    expect(driver.effectsOf('dispatch')).toEqual([])
    expect((nextLook(driver.release, driver.now, polling) ?? 0) - driver.now).toBe(500)
    driver.watch(29 * minute)
    expect(driver.effectsOf('dispatch')).toEqual([])
    expect((nextLook(driver.release, driver.now, polling) ?? 0) - driver.now).toBe(polling.activeMs)
    driver.watch(2 * minute)
    expect(driver.outcome).toBe('expired')
    expect(driver.reason).toContain('its card could not be posted in Slack')
    expect(driver.effectsOf('dispatch')).toEqual([])
  })

  test('no row of preconditions is written if nothing is sent', () => {
    const driver = ready()
    driver.world.requester = no
    driver.look()
    expect(rowsOf(driver, 'preconditions')).toEqual([])
  })

  test('a row is written each time the release waits for something else, however often it is checked', () => {
    const driver = ready()
    driver.world.trouble = { tip: unseen('passing', 'GitHub answered 502') }
    driver.watch(minute / 2)
    driver.world.trouble = { tip: unseen('passing', 'GitHub answered 503') }
    driver.watch(minute / 2)
    expect(rowsOf(driver, 'waiting')).toMatchObject([
      { actor: 'twokey', detail: { precondition: 'commit', look: 'tip', reason: 'GitHub answered 502' } },
    ])
    driver.world.trouble = {}
    driver.hasPendingStop = true
    driver.watch(minute / 2)
    expect(rowsOf(driver, 'waiting').map(({ detail }) => detail.precondition)).toEqual([
      'commit',
      'pending stop',
    ])
    driver.hasPendingStop = false
    driver.look()
    expect(rowsOf(driver, 'preconditions')).toHaveLength(1)
  })
})

describe('the cause for which a release waits', () => {
  test('a release waits for its approvals, then the wait, then the first precondition that is not open, then nothing', () => {
    const driver = new ReleaseDriver({ waitMs: minute })
    expect(waitingFor(driver.release)).toEqual({ why: '2 approvals' })
    driver.approve(ben)
    expect(waitingFor(driver.release)).toEqual({ why: '1 more approval' })
    driver.approve(chloe)
    expect(waitingFor(driver.release)).toEqual({ why: 'the wait timer', until: driver.now + minute })
    driver.world.trouble = { requester: unseen('passing', 'Slack did not answer') }
    driver.later(minute)
    expect(waitingFor(driver.release)).toEqual({ why: 'the final checks' })
    driver.later(1_000)
    expect(waitingFor(driver.release)).toMatchObject({
      why: 'another check',
      look: 'requester',
      since: driver.now,
      reason: 'Slack did not answer',
    })
    driver.world.trouble = {}
    driver.look()
    expect(waitingFor(driver.release)).toBeNull()
  })

  test('a release also waits for the lock while no approval counts', () => {
    const driver = new ReleaseDriver()
    driver.lock = lock
    driver.look()
    expect(waitingFor(driver.release)?.why).toBe('the lock of prod to be removed, and 2 approvals')
  })

  test('a release waits until the time that GitHub’s rate limit names', () => {
    const driver = ready()
    limited(driver)
    expect(waitingFor(driver.release)).toMatchObject({ until: driver.now + minute })
    driver.look()
    expect(waitingFor(driver.release)).toMatchObject({
      why: 'GitHub, which asked to wait',
      until: driver.now + minute,
    })
  })
})

/** A frozen value: writing to it throws. */
function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    for (const each of Object.values(value)) deepFrozen(each)
  }
  return value
}

describe('a wait that the store alone decides', () => {
  const waits: readonly (readonly [string, () => ReleaseDriver, (driver: ReleaseDriver) => void])[] = [
    [
      'its card',
      () => but(ready(), (driver) => Object.assign(driver, { hasCard: false })),
      (driver) => Object.assign(driver, { hasCard: true }),
    ],
    [
      'the answer to a stop',
      () => but(ready(), (driver) => Object.assign(driver, { hasPendingStop: true })),
      (driver) => Object.assign(driver, { hasPendingStop: false }),
    ],
    [
      'GitHub’s rate limit',
      () =>
        but(ready(), (driver) => {
          driver.look()
          driver.answer({ to: 'dispatch', answer: 'limited', until: driver.now + minute, reason: '403' })
        }),
      (driver) => Object.assign(driver, { now: driver.now + minute }),
    ],
    [
      'the release that a rollback replaces',
      () => ready(rollback, [running()]),
      (driver) => Object.assign(driver, { holders: [] }),
    ],
  ]
  const asked = (driver: ReleaseDriver) => looks(driver.release, driver.config()).map(({ look }) => look)
  const isSent = ({ release }: ReleaseDriver) => release.stage.at === 'sending'

  test.each(waits)(
    'reads nothing outside while it waits for %s, and everything at once afterwards',
    (_, wait, over) => {
      const driver = wait()
      const all = asked(driver)
      expect(all).toContain('people')
      driver.lookWithoutEffects()
      for (let times = 0; times < 3; times += 1) {
        expect(asked(driver)).toEqual([])
        driver.lookWithoutEffects()
      }
      over(driver)
      driver.lookWithoutEffects()
      expect(isSent(driver)).toBe(false)
      expect(nextLook(driver.release, driver.now, polling)).toBe(driver.now)
      expect(asked(driver)).toEqual(all)
      driver.lookWithoutEffects()
      expect(isSent(driver)).toBe(true)
    },
  )

  test.each(waits)('counts the approvals again after the wait for %s', (_, wait, over) => {
    const driver = wait()
    driver.lookWithoutEffects()
    driver.world.people = { [ben]: no }
    over(driver)
    driver.watch(minute)
    expect([isSent(driver), driver.state]).toEqual([false, 'awaiting approval'])
  })

  test('stops no other release before the approvals were counted after the wait for the card', () => {
    const driver = ready(rollback, [running()])
    driver.hasCard = false
    driver.look()
    driver.world.people = { [ben]: no }
    driver.hasCard = true
    driver.watch(minute)
    expect(driver.effectsOf('supersede')).toEqual([])
    expect(driver.state).toBe('awaiting approval')
  })

  test('a lock cancels the release without a look', () => {
    const driver = ready()
    driver.hasCard = false
    driver.look()
    driver.lock = lock
    expect(asked(driver)).toEqual([])
    driver.lookWithoutEffects()
    expect(driver.outcome).toBe('cancelled')
  })
})
