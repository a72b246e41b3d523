import { describe, expect, it } from 'vitest'
import { checkBlocks } from '../../sandbox/slack/blocks.ts'
import { actions, actionsOf, isAction } from '../../src/release/actions/actions.ts'
import { rollbackRevision } from '../../src/release/actions/roll-back.ts'
import type { Facts } from '../../src/release/facts.ts'
import { sentWithinMs } from '../../src/release/preconditions/age.ts'
import type { Release } from '../../src/release/release.ts'
import type { MigrationSighting } from '../../src/release/sighting.ts'
import type { Awaited, State } from '../../src/release/stage.ts'
import { stateOf } from '../../src/release/state.ts'
import type { Changes, FailedRun, Subject } from '../../src/release/subject.ts'
import { logOf } from '../../src/release/tracks/end-log.ts'
import type { Message } from '../../src/slack/blocks.ts'
import { card } from '../../src/slack/cards/card.ts'
import { directMessage } from '../../src/slack/cards/direct.ts'
import { askedText } from '../../src/slack/cards/gate.ts'
import { releaseLine } from '../../src/slack/cards/overview.ts'
import { type LogTail, threadPost } from '../../src/slack/cards/thread-post.ts'
import { click } from '../release/click.ts'
import { rerunSubject } from '../release/driver.ts'
import { mrkdwnIn, strayMarkup } from './markup.ts'
import {
  after,
  approver,
  backBehind,
  backToAnother,
  DrivenRelease,
  deployOf,
  emergencyOf,
  everyDoubt,
  everyOpenMigration,
  everyOpenRun,
  everyRollback,
  everyState,
  everyThreadPost,
  extremeWords,
  foreignRun,
  freezeOf,
  heldMigration,
  heldRollouts,
  heldRun,
  migration,
  migrationHangs,
  migrationSettled,
  plainWords,
  rollback,
  rolledOutAfterEnd,
  rolledOutLate,
  rollouts,
  run,
} from './releases.ts'

const states = Object.keys(everyState(plainWords)) as State[]

/** Slack accepts the message, with room to spare. */
function expectSendable({ text, blocks }: Message): void {
  expect(checkBlocks(blocks, 'message')).toEqual([])
  expect(JSON.stringify(blocks).length).toBeLessThan(13_000)
  expect(text.length).toBeGreaterThan(0)
  expect(text.length).toBeLessThan(4_000)
}

/** No text from outside mentions, links, fakes a status or runs backwards. */
function expectHarmless(message: Message): void {
  const shown = JSON.stringify({ text: message.text, mrkdwn: mrkdwnOf(message.blocks) })
  expect(shown).not.toMatch(/<!(channel|here|everyone)|<https:\/\/evil|<@U0ELI>|\u202e/)
  expect(shown).not.toMatch(/(?<!\d ):white_check_mark: \*succeeded\*/)
  expect(mrkdwnIn(message).flatMap(strayMarkup)).toEqual([])
}

function mrkdwnOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnOf)
  if (typeof value !== 'object' || value === null) return []
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)]
  return Object.values(value).flatMap(mrkdwnOf)
}

function buttonsOf({ blocks }: Message) {
  return blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.flatMap((each) => (each.type === 'button' ? [each] : [])) : [],
  )
}

/** The text of the blocks, line by line. */
function linesOf(blocks: Message['blocks']): readonly string[] {
  return blocks.flatMap((block) => {
    if (block.type === 'actions') return []
    const rows = block.type === 'rich_text' ? block.elements.flatMap(rowsOf) : mrkdwnOf(block)
    return rows.flatMap((row) => row.split('\n'))
  })
}

function rowsOf(part: unknown): string[] {
  const { type, elements } = part as { type: string; elements: readonly { text?: string }[] }
  if (type === 'rich_text_list') return elements.flatMap(rowsOf)
  return [elements.map(({ text = '' }) => text).join('')]
}

/** A line without bullet and links. */
const bare = (line: string) => line.replace(/^• /, '').replaceAll(/<https?:[^|>]*\|([^>]*)>/g, '$1')

const shownOf = (message: Message) => mrkdwnOf(message.blocks).join('\n')

/** What each deploy’s card shows first: what it does, to what, and its state. */
const firstLines: Readonly<Record<string, string>> = {
  'awaiting approval': ':key: *Deploy blog-api to prod* – awaiting approval',
  waiting: ':hourglass_flowing_sand: *Deploy blog-api to prod* – waiting',
  dispatching: ':outbox_tray: *Deploy blog-api to prod* – dispatching',
  running: ':gear: *Deploy blog-api to prod* – running',
  migrating: ':card_file_box: *Deploy blog-api to prod* – migrating',
  'rolling out': ':truck: *Deploy blog-api to prod* – rolling out',
  baking: ':eyes: *Deploy blog-api to prod* – baking',
  paused: ':double_vertical_bar: *Deploy blog-api to prod* – paused',
  'rolling back': ':warning: *Deploy blog-api to prod* – rolling back',
  succeeded:
    ':white_check_mark: *Deployed blog-api 3f2c1ab to prod* – 2 min · approved by <@U0BEN>, <@U0CHLOE> · serving blog-api:44 (3f2c1ab)',
  failed: ':x: *Deploy of blog-api to prod failed*',
  'rolled back': ':x: *Deploy of blog-api to prod failed – ECS rolled back to :43*',
  'rollback failed': ':rotating_light: *Deploy of blog-api to prod failed, and so did the rollback by ECS*',
  unchanged: ':heavy_minus_sign: *Deploy of blog-api to prod – unchanged*',
  rejected: ':no_entry: *Deploy of blog-api to prod – rejected*',
  cancelled: ':no_entry_sign: *Deploy of blog-api to prod – cancelled*',
  expired: ':alarm_clock: *Deploy of blog-api to prod – expired before it was approved*',
  superseded: ':fast_forward: *Deploy of blog-api to prod – superseded*',
  stopped: ':octagonal_sign: *Deploy of blog-api to prod – stopped*',
  unknown: ':question: *Deploy of blog-api to prod – outcome unknown*',
}

/** What a card says first below its headline: what would change, or what is going on. */
const asking = /^prod runs blog-api:43 \(1111111\) → 3f2c1ab \(main\) · \d commits · requested by <@U0ANA>$/
const secondLines: Readonly<Record<string, RegExp>> = {
  'awaiting approval': asking,
  waiting: asking,
  dispatching: /^GitHub was asked to start the workflow\. Still serving: blog-api:43 \(1111111\)\.$/,
  running: /^The workflow is running\. Still serving: blog-api:43 \(1111111\)\.$/,
  migrating: /^The migration is running\. Still serving: blog-api:43 \(1111111\)\.$/,
  'rolling out': /^ECS is replacing blog-api:43 with blog-api:44\.$/,
  baking: /^Serving: blog-api:44 \(3f2c1ab\)\. ECS can still roll it back\.$/,
  paused:
    /^The rollout waits for a person, with 10 % of production traffic on blog-api:44, 90 % on blog-api:43;/,
  'rolling back': /^ECS is rolling back blog-api:44 to blog-api:43\.$/,
}

/** An attempt with failed jobs. */
const failedRun: FailedRun = {
  id: 123,
  number: 7,
  attempt: 1,
  url: 'https://github.com/myorg/blog-api/actions/runs/123',
  first: { release: 'r-first', kind: 'deploy' },
  failed: { count: 7, names: ['test (1)', 'test (2)'] },
  migration: 'none',
  rolledOut: [],
}

describe('the card', () => {
  it.each(states)('begins the card’s text with the state %s', (state) => {
    const { release } = everyState(plainWords)[state]!
    expect(stateOf(release)).toBe(state)
    const shown = card(release)
    expectSendable(shown)
    expect(shown.text.split('\n')[0]).toBe(`blog-api prod: ${state}`)
    const [first, second] = shownOf(shown).split('\n')
    expect(first).toBe(firstLines[state])
    expect(second).toMatch(secondLines[state] ?? /^Deploy of 3f2c1ab \(main\), requested by <@U0ANA>/)
    expect(`${first} ${second}`).toMatch(/blog-api:4[34]/)
    expect(shown.metadata).toEqual({
      event_type: 'twokey_release',
      event_payload: { release_id: 'r-abc123' },
    })
  })

  it.each([
    ['awaiting approval', ':rewind: *Roll back blog-api in prod to :42* – awaiting approval'],
    ['dispatching', ':outbox_tray: *Roll back blog-api in prod to :42* – dispatching'],
    ['rolling out', ':rewind: *Roll back blog-api in prod to :42* – rolling out'],
    ['succeeded', /^:white_check_mark: \*Rolled back blog-api in prod to :42\* – .*serving blog-api:42/],
    ['failed', ':x: *Rollback of blog-api in prod to :42 failed*'],
  ] as const)('tells a rollback from a deploy in its first line when %s', (state, line) => {
    const [first] = shownOf(card(everyRollback(plainWords)[state]!.release)).split('\n')
    if (typeof line === 'string') expect(first).toBe(line)
    else expect(first).toMatch(line)
  })

  it('shows in the first line that the migration failed while the run continues', () => {
    const driven = everyState(plainWords).migrating!.look({
      run: run('moving', plainWords),
      migration: migration('failed', plainWords),
    })
    const message = card(driven.release)
    expect(shownOf(message)).toMatch(
      /^:warning: \*Deploy blog-api to prod\* – migration failed, waiting for the run to end\n/,
    )
    expect(message.text).toMatch(/^blog-api prod: migrating\nMigration failed, waiting for the run to end/)
  })

  it('a list says what a release waits for, beside its state', () => {
    const { release } = new DrivenRelease().dispatched()
    expect(releaseLine(release)).toMatch(/^:gear: blog-api prod: running · /)
    expect(releaseLine(release)).not.toContain('re-run')
    const again = { ...release, subject: rerunSubject() }
    expect(releaseLine(again)).toMatch(/ · re-run of /)
    const live = new DrivenRelease()
      .dispatched()
      .look({ run: run('moving', plainWords), rollouts: rollouts('succeeded', plainWords) })
    expect(releaseLine(live.release)).toMatch(
      /^:eyes: blog-api prod: baking \(live, waiting for the run to end\) · /,
    )
  })

  it('shows that a release is not being sent while it waits for a precondition', () => {
    const { release } = everyState(plainWords).waiting!
    const waiting = { precondition: 'commit', why: 'the checks of 3f2c1ab to pass' } as const
    const message = card({ ...release, stage: { at: 'ready', since: 0, waiting } as never })
    expect(message.text).toMatch(/^blog-api prod: dispatching\nWaiting to be sent\.\n/)
    expect(shownOf(message)).toMatch(/– waiting to be sent\n/)
    expect(shownOf(message)).toContain(
      ':white_circle: *Dispatch* waiting · the release expires if it is not sent by',
    )
  })

  it.each<[string, (dispatched: DrivenRelease) => DrivenRelease, string]>([
    [
      'that the migration is over while the run continues',
      (dispatched) =>
        dispatched.look({ run: run('moving', plainWords), migration: migration('succeeded', plainWords) }),
      'migration succeeded, waiting for the rollout',
    ],
    [
      'that the new version is live while the run continues',
      (dispatched) =>
        dispatched.look({ run: run('moving', plainWords), rollouts: rollouts('succeeded', plainWords) }),
      'live, waiting for the run to end',
    ],
    [
      'that the run has ended while twokey still looks for its rollout',
      (dispatched) => dispatched.look({ run: run('succeeded', plainWords) }),
      'run ended, checking what it deployed',
    ],
    [
      'that GitHub keeps the run waiting',
      (dispatched) => dispatched.look({ run: heldRun(plainWords, 'gate') }),
      'run is waiting on GitHub',
    ],
  ])('shows in the first line and in the notification %s', (_, happens, words) => {
    const message = card(happens(new DrivenRelease().dispatched()).release)
    expect(shownOf(message).split('\n')[0]).toBe(`:gear: *Deploy blog-api to prod* – ${words}`)
    expect(message.text.split('\n')[1]).toBe(`${words[0]!.toUpperCase()}${words.slice(1)}.`)
  })

  it.each(states)('shows only the possible actions when %s, each button with its target', (state) => {
    const { release } = everyState(plainWords)[state]!
    const buttons = buttonsOf(card(release))
    expect(buttons.map(({ action_id }) => action_id)).toEqual(
      actionsOf(release).map((action) => `twokey:${action}`),
    )
    for (const { action_id } of buttons) expect(isAction(action_id?.slice('twokey:'.length) ?? '')).toBe(true)
    expect(buttons.filter(({ style }) => style === 'primary').length).toBeLessThanOrEqual(1)
    for (const button of buttons) {
      expect(button.value).toMatch(/^r-abc123:\d+$/)
      expect(button.accessibility_label).toContain('blog-api')
      const asksFirst = [
        'twokey:cancel',
        'twokey:re-run',
        'twokey:continue',
        'twokey:stop-rollout',
        'twokey:roll-back',
        'twokey:settle',
      ].includes(button.action_id ?? '')
      expect(button.confirm !== undefined).toBe(asksFirst)
      if (button.confirm) expect(JSON.stringify(button.confirm)).toContain('blog-api in prod')
    }
  })

  it.each(states)('shows the same card when %s, whatever the words from outside', (state) => {
    const shown = card(everyState(extremeWords)[state]!.release)
    expectSendable(shown)
    expectHarmless(shown)
    expect(shown.text.split('\n')[0]).toBe(`blog-api prod: ${state}`)
  })

  it('shows a release of extreme size within Slack’s limits', () => {
    const many = Array.from({ length: 40 }, (_, id) => ({
      cluster: 'c'.repeat(255),
      service: `${'s'.repeat(250)}${id}`,
    }))
    const { release } = new DrivenRelease({
      service: 's'.repeat(300),
      environment: '<!channel>'.repeat(30),
      targets: many,
      subject: deployOf(extremeWords, 2_000),
      policy: {
        ...new DrivenRelease().release.policy,
        approvers: Array.from({ length: 300 }, (_, id) => `S0GROUP${id}`),
      },
    })
    const shown = card(release)
    expectSendable(shown)
    expectHarmless(shown)
    expect(shownOf(shown)).toMatch(/and 1999 more by .{1,80} and others/)
  })

  it('lists the first of many jobs and targets, and counts the others', () => {
    const targets = Array.from({ length: 40 }, (_, at) => ({
      cluster: `cluster-${'c'.repeat(200)}`,
      service: `${at}-${'s'.repeat(200)}`,
    }))
    const driven = new DrivenRelease({ targets, subject: deployOf(extremeWords, 2_000) })
    const { release } = driven.approvedBy('U0BEN', 'U0CHLOE')
    const busy = everyState(extremeWords)['rolling back']!.release
    const [rollout] = busy.tracks.rollouts
    const run = busy.tracks.run!
    const job = run.seen!.jobs[1]!
    const jobs = Array.from({ length: 60 }, (_, at) => ({ ...job, name: `${at} ${job.name}` }))
    const shown = card({
      ...busy,
      targets: release.targets,
      tracks: {
        ...busy.tracks,
        run: { ...run, seen: { ...run.seen!, jobs } },
        rollouts: targets.map((target) => ({ ...rollout!, target })),
      },
    })
    expectSendable(shown)
    expectHarmless(shown)
    expect(shownOf(shown)).toContain('and 55 more jobs')
    expect(shownOf(shown)).toContain('and 35 more targets')
  })

  it('gives the jobs of a matrix a line of their own, if there are too many to list', () => {
    const { release } = everyState(plainWords).failed!
    const run = release.tracks.run!
    const job = (name: string, part: object) => ({
      ...run.seen!.jobs[0]!,
      name,
      url: '',
      step: null,
      ...part,
    })
    const jobs = [
      ...Array.from({ length: 40 }, (_, at) =>
        job(`ci / test (shard ${at + 1}, linux)`, { verdict: 'succeeded' }),
      ),
      ...Array.from({ length: 12 }, (_, at) =>
        job(`ci / test (shard ${at + 41}, linux)`, { verdict: 'failed', step: 'Run tests' }),
      ),
      ...['api', 'web', 'worker'].map((name) => job(`build (${name})`, { verdict: 'failed', step: name })),
      ...Array.from({ length: 5 }, (_, at) => job(`deploy ${at}`, { verdict: 'failed' })),
    ]
    const shown = shownOf(
      card({ ...release, tracks: { ...release.tracks, run: { ...run, seen: { ...run.seen!, jobs } } } }),
    )
    expect(shown).toContain('40 of 60 jobs done')
    expect(shown.split('\n').filter((line) => line.startsWith('• '))).toEqual([
      '• ci / test: 12 jobs failed (shard 41, linux; shard 42, linux; shard 43, linux and 9 more) at “Run tests”',
      '• build: 3 jobs failed (api; web; worker)',
      expect.stringContaining('• deploy 0: failed'),
      expect.stringContaining('• deploy 1: failed'),
      expect.stringContaining('• deploy 2: failed'),
      '• … and 2 more jobs',
    ])
  })

  it('names who must act and who has acted, and shows the approved workflow', () => {
    const shown = shownOf(card(everyState(plainWords)['awaiting approval']!.release))
    expect(shown).toContain('*Approvals* 1 of 2 · <@U0BEN> <!date^')
    expect(shown).toContain(
      '*Needs 1 more approval* from <!subteam^S0DEPLOYERS> or <@U0APPROVER>, not from <@U0ANA>. Expires <!date^',
    )
    expect(shown).toContain('deploy.yml of 3f2c1ab, `.github` tree 7ee0000')
    expect(shown).toContain(
      '<https://github.com/myorg/blog-api/compare/1111111...3f2c1ab?a=1&amp;b=2|Compare>',
    )
  })

  it.each([...states, ...Object.keys(everyRollback(plainWords)).map((state) => `a rollback ${state}`)])(
    'the card’s text repeats its blocks for screen readers: %s',
    (name) => {
      const driven =
        everyState(plainWords)[name] ?? everyRollback(plainWords)[name.slice('a rollback '.length)]
      const { release } = driven!
      const lock = { environment: 'prod', service: null, by: 'U0DAI', why: 'x', since: 0, until: null }
      for (const { text, blocks } of [card(release), card({ ...release, lock })]) {
        expect(text).not.toMatch(/https?:/)
        const [first, ...lines] = linesOf(blocks.slice(0, -1))
        const [, words = '', known = ''] = /\*(.*)\*(?: – (.*))?$/.exec(first!) ?? []
        expect(text).toContain(release.stage.at === 'ended' ? words : known)
        expect(text).toContain(known)
        for (const line of lines) expect(text.split('\n').map(bare)).toContain(bare(line))
      }
    },
  )

  it('styles only buttons with a confirmation as dangerous', () => {
    const all = [...Object.values(everyState(plainWords)), ...Object.values(everyRollback(plainWords))]
    for (const button of all.flatMap(({ release }) => buttonsOf(card(release))))
      if (button.style === 'danger') expect(button.confirm).toBeDefined()
  })

  it('names the people whose approval the policy does not count', () => {
    const missing = (differs: object) => {
      const { release } = new DrivenRelease()
      const shown = shownOf(card({ ...release, policy: { ...release.policy, ...differs } }))
      return /\*Needs ([^\n]*)\. Expires/.exec(shown)?.[1]
    }
    const from = '2 approvals* from <!subteam^S0DEPLOYERS> or <@U0APPROVER>'
    expect(missing({ requesterMayApprove: true })).toBe(from)
    expect(missing({})).toBe(`${from}, not from <@U0ANA>`)
    expect(missing({ authorsMayApprove: false })).toBe(
      `${from}, not from <@U0ANA> or an author of the commits being deployed`,
    )
  })

  it('names what cannot be read', () => {
    const unseen = { seen: false, kind: 'passing', reason: 'GitHub answered 502' } as const
    const { release } = [1, 2].reduce(
      (driven) => driven.look({ run: unseen, rollouts: unseen }, 60_000),
      everyState(plainWords).running!,
    )
    expect(shownOf(card(release))).toMatch(/The run could not be read.*GitHub answered 502/)
    expect(shownOf(card(release))).toMatch(/The rollout could not be read/)
  })

  it('shows in its first lines that it is an emergency, why, and who acknowledged it', () => {
    const driven = emergencyOf(plainWords)
    const lines = () => shownOf(card(driven.release)).split('\n')
    expect(lines()[1]).toMatch(/\*EMERGENCY\* with 2 approvals instead of 3\. \*Why:\* /)
    expect(shownOf(card(driven.release))).toMatch(/Frozen until <!date\^\d+.*exempt/)
    expect(card(driven.release).text.split('\n')[1]).toContain('EMERGENCY')
    driven.dispatchRefused(plainWords)
    expect(lines()[2]).toContain('<!subteam^S0DEPLOYERS>')
    expect(buttonsOf(card(driven.release))[0]).toMatchObject({
      action_id: 'twokey:acknowledge',
      style: 'primary',
    })
    driven.on(click('acknowledge', { id: 'U0APPROVER', standing: { eligible: true, via: 'U0APPROVER' } }))
    expect(lines()[2]).toMatch(/Acknowledged by <@U0APPROVER> <!date/)
    expect(buttonsOf(card(driven.release))).not.toContainEqual(
      expect.objectContaining({ action_id: 'twokey:acknowledge' }),
    )
  })

  it('an emergency that needs as many approvals as usual says so', () => {
    const { release } = emergencyOf(plainWords)
    const { policy: usual } = release
    expect(shownOf(card({ ...release, emergency: { ...release.emergency!, usual } }))).toContain(
      '*EMERGENCY* with 2 approvals, as usual. ',
    )
  })

  it('shows the same emergency card, whatever its reason says', () => {
    for (const driven of [
      emergencyOf(extremeWords),
      emergencyOf(extremeWords).dispatchRefused(extremeWords),
    ]) {
      expectSendable(card(driven.release))
      expectHarmless(card(driven.release))
    }
  })

  it('shows how many approvals a freeze requires, and until when', () => {
    const policy = { ...new DrivenRelease().release.policy, required: 1 }
    const shown = shownOf(card(new DrivenRelease({ policy }, freezeOf(plainWords, 2)).release))
    expect(shown).toMatch(/Frozen until <!date\^\d+[^\n]*: 2 approvals instead of 1\./)
  })

  it('shows the state of run, migration and rollout', () => {
    const shown = shownOf(card(everyState(plainWords)['rolling out']!.release))
    expect(shown).toContain('exit code 0 · 42 s')
    expect(shown).toContain('▰▱▱▱ 1 of 4 tasks running blog-api:44 · 3 starting')
    expect(shown).toContain('at “Roll out”')
  })

  it('tells the approvals to continue a paused rollout from those of the deploy', () => {
    const { release } = everyState(plainWords).paused!
    const { pause } = release
    if (!pause) throw new Error('it is paused')
    const by = { by: 'U0BEN', at: release.requestedAt, via: 'S0DEPLOYERS' }
    const lines = linesOf(card({ ...release, pause: { ...pause, approvals: [by] } }).blocks)
    const approvals = lines.filter((line) => line.includes('*Approvals'))
    expect(approvals[0]).toMatch(/^:white_check_mark: \*Approvals to deploy\* 2 of 2 · <@U0BEN>/)
    expect(approvals[1]).toMatch(/^:large_blue_circle: \*Approvals to continue\* 1 of 2 · <@U0BEN>/)
    expect(approvals).toHaveLength(2)
  })

  it('counts the serving revisions if the rollouts of several targets do not do the same', () => {
    const { release } = everyState(plainWords)['rolling out']!
    const [track] = release.tracks.rollouts
    if (!track?.seen) throw new Error('it has a rollout')
    const live = {
      ...track,
      serving: track.seen.revision,
      seen: { ...track.seen, verdict: 'succeeded' as const },
    }
    const of = (...rollouts: Release['tracks']['rollouts']) =>
      linesOf(card({ ...release, tracks: { ...release.tracks, rollouts } }).blocks)
    expect(of(track, track)).toContain('ECS is replacing blog-api:43 with blog-api:44.')
    expect(of(track, live)).toContain(
      'Serving: blog-api:43 → blog-api:44 on 1 target, blog-api:44 (3f2c1ab) on 1 target.',
    )
  })

  it('names the stage of a rollout as its controller does in small print only', () => {
    const { release } = everyState(plainWords).paused!
    const [track] = release.tracks.rollouts
    if (!track?.seen) throw new Error('it has a rollout')
    const seen = { ...track.seen, stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT' }
    const lines = linesOf(
      card({ ...release, tracks: { ...release.tracks, rollouts: [{ ...track, seen }] } }).blocks,
    )
    const named = lines.flatMap((line, at) => (line.includes(seen.stage) ? [at] : []))
    expect(named).toEqual([lines.length - 1])
    expect(lines.at(-1)).toContain(' · ECS stage PRE_PRODUCTION_TRAFFIC_SHIFT')
  })

  it('shows at the end what is serving and what to do', () => {
    const shown = shownOf(card(everyState(plainWords)['rolled back']!.release))
    expect(shown).toContain('ECS rolled back to :43*')
    expect(shown).toContain('· serving blog-api:43 (1111111)')
    expect(shown).toContain('*Next:*')
  })

  it('folds to a few lines if all went well, with the commits and links to what it no longer lists', () => {
    const { release } = everyState(plainWords).succeeded!
    const message = card(release)
    const bareLines = linesOf(message.blocks).map(bare)
    expect(bareLines).toHaveLength(10)
    expect(bareLines.slice(3, 8).every((line) => /^[0-9a-f]{7} /.test(line))).toBe(true)
    expect(bareLines.at(-1)).toMatch(/ · release r-abc123 · Run 123 · Migration · Rollout$/)
    expect(shownOf(message)).not.toMatch(/\*Approvals\*|\*Wait\*|took/)
  })

  it.each(['failed', 'rolled back', 'rollback failed', 'stopped', 'unknown'])(
    'does not fold when %s, and shows the commits',
    (state) => {
      const message = card(everyState(plainWords)[state]!.release)
      expect(shownOf(message)).toMatch(/\*Approvals\* 2 of 2/)
      expect(linesOf(message.blocks).filter((line) => /^[0-9a-f]{7} /.test(line))).toHaveLength(5)
    },
  )

  it('keeps what is in doubt on the folded card of a success', () => {
    const { release } = everyState(plainWords).succeeded!
    const { migration: track, ...tracks } = release.tracks
    const [seen] = rolledOutAfterEnd(plainWords, 'own').release.tracks.afterEnd!.rollouts
    const shown = shownOf(
      card({
        ...release,
        tracks: {
          ...tracks,
          migration: { ...track, binding: 'absent', tasks: [] },
          afterEnd: { checked: 'yes', rollouts: [seen!] },
        },
      }),
    )
    expect(shown).toMatch(/\*Migration\* none was seen/)
    expect(shown).toMatch(/Rollout after the end/)
  })

  it('shows no duration if nothing was sent, and no wait that is over', () => {
    expect(shownOf(card(everyState(plainWords).rejected!.release))).not.toContain('took')
    const shown = shownOf(card({ ...everyState(plainWords).failed!.release, waitMs: 300_000 }))
    expect(shown).not.toContain('*Wait*')
    expect(shown).toContain('took')
  })

  it.each([
    ['rolled back', /migration was applied and is not undone: blog-api:43 now runs on the new schema/],
    [
      'failed',
      /migration may have been applied in part\.[\s\S]*Next:\* check the database, then see the log/,
    ],
  ] as const)(
    'says in which state the database is if the deploy %s, on the card and in the channel',
    (state, words) => {
      const driven = everyState(plainWords)[state]!
      const end = driven.told.find(({ story: { tell } }) => tell === 'ended')!
      for (const text of [
        shownOf(card(driven.release)),
        card(driven.release).text,
        threadPost(driven.release, end, null).text,
      ]) {
        expect(text).toMatch(words)
        expect(text).toMatch(
          /Fix it, push, then `\/deploy prod blog-api` – or press Retry or Re-run failed jobs, with new approvals\. Running the same commit again helps only if the cause was outside the code/,
        )
      }
    },
  )

  it('mentions the database only if a migration ran and the deploy did not succeed', () => {
    const { release } = new DrivenRelease({ migration: null })
      .dispatched()
      .look({ run: run('failed', plainWords) }, 90_000)
    for (const each of [release, everyState(plainWords).succeeded!.release])
      expect(shownOf(card(each))).not.toMatch(/database|schema/)
  })

  it('a card says that a migration may have been applied if whether a run started is unknown', () => {
    const { release } = everyState(plainWords).unknown!
    const lost = { ...release, tracks: { ...release.tracks, run: null } }
    expect(shownOf(card({ ...lost, tracks: new DrivenRelease().release.tracks }))).toMatch(
      /If a run started, its migration may have been applied[\s\S]*look at [^\n]*, and check the database, then press Look again/,
    )
  })

  it('a card that a person has settled does not say that nothing is left to do if the database is unclear', () => {
    const { release } = everyState(plainWords).unknown!
    const settled = { ...release, stage: { ...release.stage, settledBy: 'U0BEN' } as Release['stage'] }
    const { tracks } = new DrivenRelease().release
    expect(shownOf(card({ ...settled, tracks }))).toMatch(
      /If a run started, its migration may have been applied[\s\S]*\*Next:\* check the database\./,
    )
    const shown = shownOf(card({ ...settled, tracks, migration: null }))
    expect(shown).toContain('<@U0BEN> has settled it')
    expect(shown).not.toContain('*Next:*')
  })

  it.each([
    ['failed', /Its migration failed and may have been applied in part/],
    ['succeeded', /Its migration was applied and stays/],
  ] as const)('a rollback says how far the replaced deploy had migrated: %s', (migration, words) => {
    const { release } = backBehind(plainWords)
    const behind = release.behind.map((each) => ({ ...each, migration }))
    expect(shownOf(card({ ...release, behind }))).toMatch(words)
  })

  it('a card says that the older code may run on the newer schema after its deploy', () => {
    const { release } = everyState(plainWords).succeeded!
    const deploy = deployOf(plainWords)
    const size = { files: 1, isCut: false, additions: 1, deletions: 1, migrations: 1, workflows: 0 }
    const back = { ...deploy, changes: { ...deploy.changes, direction: 'back', size } as Changes }
    expect(shownOf(card({ ...release, subject: back }))).toMatch(
      /The removed commits contained 1 migration\. If it was applied, 3f2c1ab now runs on the newer schema\./,
    )
    expect(shownOf(card(release))).not.toContain('removed commits')
  })

  it.each(['rolled back', 'rollback failed'] as const)(
    'a card says that the database is as it was, and leads to another revision, if a rollback ends as %s',
    (state) => {
      const { release } = everyRollback(plainWords)[state]!
      const shown = shownOf(card({ ...release, migration: new DrivenRelease().release.migration }))
      expect(shown).toMatch(/did not change the database.* if blog-api:42 could not run/)
      expect(shown).toContain('`/rollback blog-api prod`')
    },
  )

  it.each([
    ['push', 'pushed by <@U0ANA>', /<@U0ANA> pushed 3f2c1ab/],
    [
      'schedule',
      'started by a schedule that <@U0ANA> last changed',
      /A scheduled run wants to deploy 3f2c1ab/,
    ],
    ['workflow_dispatch', 'started on GitHub by <@U0ANA>', /<@U0ANA> started a run of 3f2c1ab/],
    ['release', 'published as a GitHub release by <@U0ANA>', /<@U0ANA> published a release of 3f2c1ab/],
    [
      'repository_dispatch',
      'started on GitHub by <@U0ANA> (repository_dispatch)',
      /<@U0ANA> started a run of 3f2c1ab .*on GitHub \(repository_dispatch\)/,
    ],
  ])('a card says how a run that waits was started: %s', (event, words, sentence) => {
    const { release } = new DrivenRelease()
    const { kind: _, ...shipped } = deployOf(plainWords)
    const waiting = {
      id: 123,
      number: 7,
      attempt: 1,
      url: 'https://github.com/myorg/blog-api/actions/runs/123',
    }
    const subject = { ...shipped, kind: 'gate', run: { ...waiting, event, login: 'ana' } } as const
    const shown = shownOf(card({ ...release, subject }))
    const [, what] = shown.split('\n')
    expect(what).toMatch(/→ 3f2c1ab \(main\) · \d commits · /)
    expect(what!.split(' · ').at(-1)).toBe(words)
    expect(what!.match(/3f2c1ab/g)).toHaveLength(1)
    expect(askedText({ ...release, subject })).toMatch(sentence)
    expect(shown).toMatch(/Workflow run #7.* waits on GitHub for the environment/)
  })

  it('a card links the newer run for which GitHub cancelled one at its gate', () => {
    const { release } = new DrivenRelease()
    const newer = {
      id: 124,
      number: 8,
      url: 'https://github.com/myorg/blog-api/actions/runs/124',
      group: 'ship',
    }
    const stage = {
      at: 'ended',
      since: release.requestedAt,
      outcome: 'superseded',
      reason: 'GitHub cancelled the run',
      settledBy: null,
    } as const
    const gate = { is: 'closed', reviewedAt: null, newer } as const
    const shown = shownOf(card({ ...release, stage, tracks: { ...release.tracks, gate } }))
    expect(shown).toContain(`follow <${newer.url}|workflow run #8>`)
  })

  it('a card of a run that started on an approval after the end says so', () => {
    const { release } = new DrivenRelease()
    const stage = {
      at: 'ended',
      since: release.requestedAt,
      outcome: 'rejected',
      reason: 'rejected by <@U0BEN>',
      settledBy: null,
    } as const
    const gate = { is: 'passed', reviewedAt: 1, approvedAt: 1, isUnwanted: true } as const
    expect(shownOf(card({ ...release, stage, tracks: { ...release.tracks, gate } }))).toMatch(
      /applied an earlier approval after this end/,
    )
  })

  it('a direct message says that a push wants to be deployed, and which jobs a re-run wants', () => {
    const { release } = new DrivenRelease()
    const { kind: _, ...shipped } = deployOf(plainWords)
    const run = { id: 123, attempt: 1, url: 'https://github.com/myorg/blog-api/actions/runs/123' }
    const asked = (subject: Subject) =>
      directMessage(
        { ...release, subject },
        { direct: 'approval', to: 'U0BEN' },
        { card: { channel: 'C0DEPLOYS', ts: '1.1' }, workspace: undefined },
      ).text
    expect(asked({ ...shipped, kind: 'gate', run: { ...run, event: 'push', login: 'ana' } })).toContain(
      'wants to deploy 3f2c1ab (main).',
    )
    expect(asked({ ...shipped, kind: 'rerun', run: failedRun })).toContain(
      'wants to re-run the failed jobs of 3f2c1ab (main).',
    )
  })

  it.each([
    ['failed', /The migration of attempt 1 failed and may have been applied in part.* Check the database/],
    ['unknown', /It is not known whether the migration of attempt 1 was applied/],
    ['succeeded', /The migration of attempt 1 was applied/],
    ['none', /Next.* failed jobs → migration task → rollout/],
  ] as const)(
    'the card of a re-run names its jobs, and what a migration that is %s left',
    (migration, words) => {
      const { release } = new DrivenRelease()
      const { kind: _, ...shipped } = deployOf(plainWords)
      const subject = { ...shipped, kind: 'rerun', run: { ...failedRun, migration } } as const
      const message = card({ ...release, subject })
      expectSendable(message)
      expect(shownOf(message)).toMatch(
        /Workflow run #7>: attempt 2 runs 7 failed jobs \(test \(1\), test \(2\) and 5 more\) again, and the jobs after them/,
      )
      expect(shownOf(message)).toMatch(words)
    },
  )

  it('Approve asks once more if commits are removed, or the commit failed here', () => {
    const { release } = new DrivenRelease()
    const deploy = deployOf(plainWords)
    const changes = { ...deploy.changes, direction: 'back' } as Changes
    const setbacks = { total: 1, latest: [] } as unknown as NonNullable<Facts['setbacks']>
    expect(actions.approve.confirm?.(release)).toBeNull()
    expect(actions.approve.confirm?.({ ...release, subject: { ...deploy, changes } })?.text).toMatch(
      /removes commits/,
    )
    expect(actions.approve.confirm?.({ ...release, facts: { setbacks } })?.text).toMatch(/failed/)
  })

  it('warns that a rollback does not undo migrations', () => {
    const { release } = everyRollback(plainWords).succeeded!
    expect(shownOf(card({ ...release, migration: new DrivenRelease().release.migration }))).toContain(
      'This rollback did not change the database: migrations that were applied before it stay',
    )
  })

  it('leads from unknown to Look again and Settle, with links to what there is to see', () => {
    const shown = shownOf(card(everyState(plainWords).unknown!.release))
    expect(shown).toContain(
      '<https://github.com/myorg/blog-api/actions/workflows/deploy.yml?query=branch%3Amain|the runs of deploy.yml on main>',
    )
    expect(shown).toMatch(/services\/blog-api\/deployments\?region=eu-central-1\|blog-api in ECS>/)
    expect(shown).toMatch(/then press Look again\. .* presses Settle/)
  })

  it('shows titles as text that Slack does not parse', () => {
    const { blocks } = card(everyState(extremeWords)['awaiting approval']!.release)
    const titles = blocks.filter(({ type }) => type === 'rich_text')
    expect(JSON.stringify(titles)).toContain('<!channel> :white_check_mark: *succeeded*')
    expect(mrkdwnOf(blocks).join()).not.toContain('succeeded')
  })

  it('a card says so if twokey could not read what the environment runs', () => {
    const { release } = everyState(plainWords)['awaiting approval']!
    const rollouts = release.tracks.rollouts.map((track) => ({ ...track, serving: null, before: null }))
    const unread = { ...release, servingBefore: null, tracks: { ...release.tracks, rollouts } }
    expect(shownOf(card(unread)).split('\n')[1]).toMatch(
      /^prod runs a revision that twokey could not read → 3f2c1ab/,
    )
  })

  it('names the revision of a rollback', () => {
    const shown = shownOf(card(everyRollback(plainWords)['awaiting approval']!.release))
    expect(shown.split('\n')[1]).toContain('prod runs blog-api:43 (1111111) → blog-api:42 (2222222)')
  })

  it('shows what a rollback replaces until that release has ended', () => {
    const driven = backBehind(plainWords)
    const asked = threadPost(driven.release, driven.told[0]!, null)
    for (const text of [shownOf(card(driven.release)), card(driven.release).text, asked.text])
      expect(text).toMatch(/replaces release r-def456 of <@U0ANA>/i)
    expect(asked.text).toContain('(deploy of 3f2c1ab, running)')
    driven.approvedBy('U0BEN').freed(after)
    const shown = shownOf(card(driven.release))
    expect(shown).toContain('prod runs blog-api:44 (3f2c1ab) →')
    expect(shown).not.toContain('r-def456')
    expect(shown).toContain('*Approvals* 1 of 2')
    const { text } = threadPost(driven.release, driven.told.at(-1)!, null)
    expect(text).toMatch(/blog-api:44 \(3f2c1ab\) is serving now instead of blog-api:43/)
    expect(text).toContain('after <@U0BEN> approved')
  })

  it.each(Object.keys(everyRollback(plainWords)))(
    'shows the same card for a rollback that is %s, whatever the words from outside',
    (state) => {
      for (const words of [plainWords, extremeWords]) {
        const { release } = everyRollback(words)[state]!
        expect(stateOf(release)).toBe(state)
        const shown = card(release)
        expectSendable(shown)
        expectHarmless(shown)
        expect(shown.text.split('\n')[0]).toBe(`blog-api prod: ${state}`)
        expect(shownOf(shown)).not.toMatch(/Migration|Run /)
      }
    },
  )

  it('does not report a refusal by ECS for a rollback that another replaced before ECS showed its update', () => {
    const driven = everyRollback(plainWords)
      .dispatching!.on({ on: 'supersede', by: { id: 'r-def456', requester: 'U0CHLOE', subject: rollback } })
      .look({ rollouts: rollouts('succeeded', plainWords) }, 60_000)
    expect(stateOf(driven.release)).toBe('superseded')
    expect(shownOf(card(driven.release))).toContain('*Rollout* superseded')
    expect(shownOf(card(driven.release))).not.toContain('did not take')
  })

  it('names both digests and how to roll back after a rollback to another image than approved', () => {
    for (const words of [plainWords, extremeWords]) {
      const { release } = backToAnother(words)
      const shown = card(release)
      expectSendable(shown)
      expectHarmless(shown)
      expect(stateOf(release)).toBe('failed')
      expect(shown.text).toMatch(/runs sha256:eeeeeeeeeeee, but sha256:[0-9a-f]{12} was approved/)
      expect(shown.text).toContain(`press Roll back to return to ${rollbackRevision(release)}`)
      expect(shownOf(shown)).toContain('not the approved image')
      expect(actionsOf(release)).toEqual(['retry', 'roll-back'])
    }
  })

  it('reports another image than approved while ECS is still rolling it out', () => {
    for (const words of [plainWords, extremeWords]) {
      const { release, told } = backToAnother(words, 'moving')
      const shown = card(release)
      expectSendable(shown)
      expectHarmless(shown)
      expect(stateOf(release)).toBe('rolling out')
      expect(shown.text).toMatch(/runs sha256:eeeeeeeeeeee, but sha256:[0-9a-f]{12} was approved/)
      expect(actionsOf(release)).toEqual(['stop-rollout'])
      const post = threadPost(release, told.find((each) => each.story.tell === 'unapproved')!, null)
      expect(post.text).toContain(`press Roll back on the card to return to ${rollbackRevision(release)}`)
      expect(post.text).toContain('S0DEPLOYERS')
    }
  })

  it('reports a run on another workflow than approved during the run, and after a person settled it', () => {
    for (const words of [plainWords, extremeWords]) {
      const settled = foreignRun(words)
        .look({}, 4_000_000)
        .on(click('settle', approver('U0BEN')))
      for (const { release } of [foreignRun(words), settled]) {
        const shown = card(release)
        expectSendable(shown)
        expectHarmless(shown)
        expect(shown.text).toContain('The run started on eeeeeee, which is not what was approved.')
        expect(mrkdwnOf(shown.blocks).join('\n')).toMatch(/Run 123.*not what was approved/)
      }
    }
  })

  it('reports that a rollout is matched by time only, on its line and at the end', () => {
    const seen = rollouts('succeeded', plainWords)
    if (!seen?.seen) throw new Error('these rollouts are seen')
    const silent = seen.value.map((each) => ({
      ...each,
      rollouts: each.rollouts.map((rollout) => ({ ...rollout, releaseTag: null })),
    }))
    const shown = { seen: true, value: silent } as const
    const { release } = new DrivenRelease({ migration: null })
      .dispatched()
      .look({ run: run('succeeded', plainWords), rollouts: shown })
      .look({ rollouts: shown })
    expect(stateOf(release)).toBe('succeeded')
    const [first, ...lines] = mrkdwnOf(card(release).blocks)
    expect(first).toContain('matched by time only')
    expect(lines.join('\n')).toMatch(/Rollout.*matched by time only/)
  })

  it('lists the steps in order, each with its state, and the steps to come', () => {
    const { release } = everyState(plainWords).migrating!
    const steps = mrkdwnOf(card(release).blocks)
      .find((text) => text.includes('*Approvals*'))!
      .replaceAll(/<[^|>]*\|([^>]*)>/g, '$1')
    expect(steps.split('\n').map((line) => line.split(' · ')[0])).toEqual([
      ':white_check_mark: *Approvals* 2 of 2',
      ':large_blue_circle: *Run 123* running',
      '• deploy: running at “Roll out”',
      ':large_blue_circle: *Migration* running',
      ':white_circle: *Next* rollout',
    ])
  })

  it('names a run by the number that GitHub shows to people, with its id in the address alone', () => {
    const seen = run('moving', plainWords)
    if (!seen?.seen || seen.value.found !== 'one') throw new Error('this run is seen')
    const numbered = { ...seen.value.run, number: 48 }
    const driven = new DrivenRelease()
      .dispatched()
      .look({ run: { seen: true, value: { found: 'one', run: numbered } } })
    const shown = mrkdwnOf(card(driven.release).blocks).join('\n')
    expect(shown).toMatch(/\*<https:[^|>]+\|Workflow run #48>\* running/)
    expect(shown).not.toMatch(/Run 123/i)
  })

  it('shows what delays a run, since when and until when, while the run is in progress', () => {
    const driven = new DrivenRelease().dispatched().look({ run: heldRun(plainWords, 'gate') })
    expect(card(driven.release).text).toMatch(
      /Run 123.* waiting · .*since .*unable to place a task.*, until /,
    )
    const ended = driven.look({ run: run('failed', plainWords) })
    expect(card(ended.release).text).not.toContain('unable to place a task')
  })

  it('shows that ECS has not started a migration yet', () => {
    const { release } = new DrivenRelease()
      .dispatched()
      .look({ run: run('moving', plainWords), migration: heldMigration(plainWords) })
    expect(card(release).text).toMatch(/Migration\|?.* starting · .*unable to place a task/)
  })

  it('shows what delays a rollout while it is in progress', () => {
    const moving = { run: run('moving', plainWords), rollouts: heldRollouts(plainWords) } as const
    const driven = new DrivenRelease().dispatched().look(moving)
    expect(card(driven.release).text).toContain('unable to place a task')
    const ended = driven.look({
      run: run('failed', plainWords),
      rollouts: rollouts('rolled back', plainWords),
    })
    expect(card(ended.release).text).not.toContain('unable to place a task')
  })

  it('lists at most three of several migrations, failures first', () => {
    const task = (verdict: MigrationSighting['verdict'], name: string) => {
      const shown = migration(verdict, plainWords)
      const [sighting] = shown?.seen ? shown.value : []
      return { ...sighting!, taskArn: `${sighting!.taskArn}/${name}` }
    }
    const exited = (name: string) => task('succeeded', name)
    const failed = task('failed', 'failed')
    const lines = (...value: readonly MigrationSighting[]) => {
      const seen = { run: run('moving', plainWords), migration: { seen: true, value } } as const
      const { release } = new DrivenRelease().dispatched().look(seen)
      return mrkdwnOf(card(release).blocks)
        .flatMap((text) => text.split('\n'))
        .slice(1)
        .filter((line) => /migration/i.test(line) && !line.includes('*Next*'))
    }
    const three = lines(exited('a'), exited('b'), failed)
    expect(three).toHaveLength(3)
    expect(three[0]).toMatch(/failed · exit code 3/)
    const many = lines(exited('a'), exited('b'), exited('c'), failed, exited('d'))
    expect(many.slice(0, 1)).toEqual(three.slice(0, 1))
    expect(many).toHaveLength(4)
    expect(many[3]).toBe('… and 2 more migrations')
  })

  describe('tasks that may belong to another release', () => {
    const doubts = everyDoubt(plainWords)
    const shown = (doubt: keyof typeof doubts) =>
      shownOf(card(doubts[doubt].release)).replaceAll(/<[^|>]*\|([^>]*)>/g, '$1')

    it('names each of several tasks with its exit code and what started it, on the card and at the end', () => {
      const { release, told } = doubts.several
      const end = shownOf(threadPost(release, told.at(-1)!, null))
      expect(stateOf(release)).toBe('unknown')
      for (const text of [shownOf(card(release)), end])
        for (const words of [
          '0a1b0a1b',
          '4e5f4e5f',
          'exit code 3',
          'exit code 0',
          'started by GitHub-Actions',
          'push by dana',
          '/actions/runs/122',
        ])
          expect(text).toContain(words)
      expect(shown('several')).toContain('deploy-&lt;sha&gt;-&lt;release_id&gt;')
    })

    it('names a schedule’s task if no other was found', () => {
      expect(shown('a schedule’s alone')).toContain('none was seen')
      expect(shown('a schedule’s alone')).toMatch(
        /not counted: task 0a1b0a1b: failed · exit code 3 · started by a schedule/,
      )
    })

    it('names a failed task besides the release’s own, and none that a schedule started', () => {
      expect(shown('beside its own')).toMatch(
        /not counted: task 0a1b0a1b: failed · exit code 3 · started by dana/,
      )
      expect(shown('beside its own')).not.toMatch(/4e5f4e5f|6a6b6a6b/)
    })

    it.each(Object.keys(doubts) as (keyof typeof doubts)[])(
      'shows the longest words within Slack’s limits: %s',
      (doubt) => {
        const { release, told } = everyDoubt({ ...plainWords, migration: 'x'.repeat(400) })[doubt]
        for (const message of [card(release), ...told.map((each) => threadPost(release, each, null))])
          expectSendable(message)
      },
    )
  })

  it('shows the duration of a run by GitHub’s times, however late twokey saw its end', () => {
    const { release } = new DrivenRelease()
      .dispatched()
      .look({ run: run('succeeded', plainWords) }, 3_600_000)
    const track = release.tracks.run!
    const seen = track.seen!
    const told = { ...track, seen: { ...seen, endedAt: seen.startedAt! + 42_000 } }
    const shown = shownOf(card({ ...release, tracks: { ...release.tracks, run: told } }))
    expect(shown.split('\n').find((line) => line.includes(`Run ${track.id}`))).toContain('42 s')
  })

  it('shows no steps to come if none are known', () => {
    const ahead = (driven: DrivenRelease) => /\*Next\* (.*)/.exec(shownOf(card(driven.release)))?.[1]
    expect(ahead(new DrivenRelease({ waitMs: 300_000 }))).toBe(
      'wait 5 min → workflow → migration task → rollout',
    )
    expect(ahead(new DrivenRelease({ migration: null }))).toBe('workflow → rollout')
    expect(ahead(everyState(plainWords)['rolling back']!)).toBeUndefined()
    expect(ahead(everyState(plainWords).failed!)).toBeUndefined()
  })

  it('names every target of an approval, and each whose rollout has not begun', () => {
    const targets = ['blog-api', 'blog-worker'].map((service) => ({ cluster: 'blog', service }))
    const { release } = new DrivenRelease({ targets })
    expect(shownOf(card(release))).toMatch(/2 rollouts \(blog-api, blog-worker\)/)
    const moving = everyState(plainWords)['rolling out']!.release
    const [first] = moving.tracks.rollouts
    const [, second] = release.tracks.rollouts
    const rollouts = [{ ...first!, target: targets[0]! }, second!]
    const half = { ...moving, targets, tracks: { ...moving.tracks, rollouts } }
    const shown = bare(shownOf(card(half)))
    expect(shown).toMatch(/\*Rollout of blog-api\* rolling out/)
    expect(shown).toMatch(/\*Rollout of blog-worker\* ahead/)
  })

  it('does not mention approvals if none are required', () => {
    const { release } = new DrivenRelease()
    const { release: free } = new DrivenRelease({ policy: { ...release.policy, required: 0 } })
    expect(stateOf(free)).toBe('dispatching')
    expect(shownOf(card(free))).not.toContain('was approved')
  })

  it('suggests what to do next after every end but a good one', () => {
    for (const { release } of Object.values(everyState(plainWords))) {
      const { stage } = release
      if (stage.at === 'ended')
        expect(card(release).text.includes('*Next:*')).toBe(stage.outcome !== 'succeeded')
    }
  })

  it('refers to the thread only if the thread has the log', () => {
    for (const { release } of [
      ...Object.values(everyState(plainWords)),
      ...Object.values(everyRollback(plainWords)),
    ])
      if (/in the thread/.test(card(release).text)) expect(logOf(release)).not.toBeNull()
    const refused = new DrivenRelease().dispatchRefused(plainWords).release
    expect(stateOf(refused)).toBe('failed')
    expect(card(refused).text).not.toContain('in the thread')
    expect(card(refused).text).toContain('fix the cause above, then press Retry')
  })

  it('the card of an expired release says what expired, and what to do', () => {
    const late = new DrivenRelease().approvedBy('U0BEN', 'U0CHLOE').look({}, sentWithinMs + 60_000).release
    expect(stateOf(late)).toBe('expired')
    expect(card(late).text).toContain('expired before it was sent')
    expect(card(late).text).toContain('press Retry to request the same release again')
    const { text } = card(everyState(plainWords).expired!.release)
    expect(text).toMatch(/The request for approvals ended .* with 0 of 2 approvals; nothing was sent/)
    expect(text).toContain('find out when the approvers have time')
  })

  it('shows in one line what the release waits for', () => {
    const { release } = new DrivenRelease().limited(plainWords)
    const { stage } = release
    if (stage.at !== 'ready') throw new Error(stage.at)
    const trouble = { since: stage.since, reason: 'GitHub answered 502 <!channel>' }
    const waits = (waiting: Omit<Awaited, 'precondition'>) =>
      shownOf(
        card({
          ...release,
          blind: { tip: { ...trouble, times: 3, kind: 'passing', lost: false } },
          stage: { ...stage, waiting: { precondition: 'any', ...waiting } },
        }),
      )
        .split('\n')
        .filter((line) => /Waiting for|could not be read/.test(line))
    const [unread, ...more] = waits({ why: 'another check', look: 'tip', ...trouble })
    expect(more).toEqual([])
    expect(unread).toMatch(
      /^\*Waiting for:\* another check\. The branch could not be read since <!date\^.*: GitHub/,
    )
    expect(unread).not.toContain('<!channel>')
    expect(waits({ why: 'release r-k3v9, which is in progress, to stop' })[0]).toBe(
      '*Waiting for:* release r-k3v9, which is in progress, to stop.',
    )
  })

  it('shows until when GitHub’s rate limit delays the release', () => {
    const { release } = new DrivenRelease().limited(plainWords)
    expect(stateOf(release)).toBe('dispatching')
    expect(shownOf(card(release))).toMatch(/GitHub, which asked to wait until <!date\^/)
    expect(actionsOf(release)).toEqual(['reject', 'cancel'])
  })

  it('mentions Roll back only if the card has that button', () => {
    const all = [...Object.values(everyState(plainWords)), ...Object.values(everyRollback(plainWords))]
    for (const { release } of all)
      expect(/or Roll back/.test(card(release).text) && !actionsOf(release).includes('roll-back')).toBe(false)
  })

  describe('the card of a release that ended while its run is in progress', () => {
    const cards = (name: string) => {
      const { release } = everyOpenRun(plainWords)[name]!
      const message = card(release)
      return {
        message,
        shown: shownOf(message),
        buttons: buttonsOf(message).map(({ action_id }) => action_id),
      }
    }

    it('explains that the run blocks other deploys, with Cancel and without Retry', () => {
      const { message, shown, buttons } = cards('run in progress')
      expect(buttons).toEqual(['twokey:cancel', 'twokey:roll-back'])
      for (const text of [shown, message.text]) {
        expect(text).toMatch(/run is still in progress.*no other deploy of blog-api to prod can start/)
        expect(text).toContain('press Roll back, or Retry once the run has ended')
      }
      expect(shown).toMatch(/Run 123[^\n]*running/)
      expect(shown).not.toContain('still running when last seen')
    })

    it('names who requested to cancel the run, and no longer offers Cancel', () => {
      const { shown, buttons } = cards('run being cancelled')
      expect(shown).toContain('<@U0BEN> asked to cancel the run')
      expect(buttons).toEqual(['twokey:roll-back'])
    })

    it('explains that the run cannot be read, why, and what Settle does', () => {
      const { shown, buttons } = cards('run unavailable')
      expect(buttons).toEqual(['twokey:cancel', 'twokey:settle', 'twokey:roll-back'])
      expect(shown).toMatch(/may still be in progress.*press Settle/)
      expect(shown).toContain('The run could not be read')
    })

    it('offers Settle if the run takes longer than configured', () => {
      const { shown, buttons } = cards('run late')
      expect(buttons).toEqual(['twokey:cancel', 'twokey:settle', 'twokey:roll-back'])
      expect(shown).toMatch(/If nothing from it is running, press Settle/)
    })

    it.each([
      ['settled', []],
      ['run ended', ['twokey:re-run']],
    ])('offers Retry and blocks nothing: %s', (name, rerun) => {
      const { shown, buttons } = cards(name)
      expect(buttons).toEqual(['twokey:retry', ...rerun, 'twokey:roll-back'])
      expect(shown).not.toMatch(/can start|in progress/)
      expect(shown.includes('<@U0BEN> has settled it')).toBe(name === 'settled')
    })

    it.each([
      ['the release’s own version', 'own', /It is the version of this release/, true],
      ['what is matched by time only', 'time', /matched by time only/, false],
    ] as const)('shows and posts what is rolled out after it: %s', (_, evidence, words, mentions) => {
      const { release, told } = rolledOutAfterEnd(plainWords, evidence)
      const { text } = threadPost(release, told.at(-1)!, null)
      expect(text).toMatch(words)
      expect(text).toMatch(
        evidence === 'own' ? /blog-api:44[^;]* over blog-api:4/ : /blog-api:45[^;]* over blog-api:4/,
      )
      expect([text.includes('S0DEPLOYERS'), text.includes('Cancel on the card')]).toEqual([mentions, true])
      expect(shownOf(card(release))).toMatch(/Rollout after the end.*rolling out/)
    })

    it.each([
      ['succeeded', false],
      ['rolled back', true],
    ] as const)('shows and posts a rollout that began after its run: %s', (verdict, isBad) => {
      const { release, told } = rolledOutLate(plainWords, verdict)
      const { text } = threadPost(release, told.at(-1)!, null)
      for (const fact of ['blog-api prod', 'unchanged', 'blog-api:44', verdict]) expect(text).toContain(fact)
      expect([told.at(-1)!.where, text.includes('S0DEPLOYERS')]).toEqual([
        isBad ? 'channel' : 'thread',
        isBad,
      ])
      expect(shownOf(card(release))).toMatch(new RegExp(`Rollout after the end.*${verdict}`))
      expect(shownOf(card(release))).toContain('before you press Retry')
    })

    it('stays within Slack’s limits and harmless with the wildest words after the end', () => {
      for (const words of [plainWords, extremeWords])
        for (const { release } of [
          ...Object.values(everyOpenRun(words)),
          rolledOutAfterEnd(words, 'own'),
          rolledOutAfterEnd(words, 'time'),
          rolledOutLate(words, 'rolled back'),
        ]) {
          expectSendable(card(release))
          expectHarmless(card(release))
        }
    })
  })

  describe('the card of a release that ended while its migration runs', () => {
    it.each([
      ['running', /migration is still running.*no other deploy of blog-api to prod can start/, []],
      ['late', /stop the task in ECS, or press Settle/, ['twokey:settle']],
      ['unavailable', /cannot read the task.*press Settle/, ['twokey:settle']],
    ] as const)(
      'says that the migration blocks other deploys, and what people can do: %s',
      (name, words, settle) => {
        const message = card(everyOpenMigration(plainWords)[name].release)
        for (const text of [shownOf(message), message.text]) expect(text).toMatch(words)
        expect(shownOf(message)).toMatch(/Migration[^\n]*running/)
        expect(buttonsOf(message).map(({ action_id }) => action_id)).toEqual(settle)
      },
    )

    it('stays within Slack’s limits and harmless with the wildest words during the migration', () => {
      for (const words of [plainWords, extremeWords])
        for (const { release } of Object.values(everyOpenMigration(words))) {
          expectSendable(card(release))
          expectHarmless(card(release))
        }
    })
  })

  describe('the card of a deploy whose migration continues long after its run', () => {
    it('offers Settle for the migration, and says what it does', () => {
      const message = card(migrationHangs(plainWords).release)
      const settle = buttonsOf(message).find(({ action_id }) => action_id === 'twokey:settle')
      expect(settle?.confirm?.text.text).toMatch(/the migration for blog-api in prod is no longer running/)
    })

    it('names the person who settled the migration', () => {
      const shown = shownOf(card(migrationSettled(plainWords).release))
      expect(shown).toMatch(/Migration[^\n]*settled[^\n]*<@U0BEN>/)
    })
  })

  it('counts clicks that did not count, and names nobody for them', () => {
    const { release } = new DrivenRelease()
    const discounted = ['U0ELI', 'U0GUS'].map((by) => ({
      by,
      why: `<@${by}> is none of the approvers`,
      at: 0,
    }))
    const shown = shownOf(card({ ...release, discounted }))
    expect(shown).toContain('2 clicks did not count (see the thread)')
    expect(shown).not.toMatch(/U0ELI|U0GUS/)
    expect(shownOf(card({ ...release, discounted: discounted.slice(1) }))).toContain('1 click did not count')
  })

  it('names in the thread the person whose click did not count, once, and why', () => {
    const { release } = new DrivenRelease()
    const posted = (by: string, why: string) =>
      threadPost(release, { key: 'k', where: 'thread', story: { tell: 'discounted', by, why } }, null).text
    expect(posted('U0ANA', 'the <!channel> may not approve')).toBe(
      'Not counted: <@U0ANA>, the &lt;!channel&gt; may not approve.',
    )
    expect(posted('U0ELI', '<@U0ELI> is none of the approvers').match(/<@U0ELI>/g)).toHaveLength(1)
  })

  it('posts little in the thread of a good deploy, and mentions nobody for their own request', () => {
    const driven = everyState(plainWords).succeeded!
    expect(driven.told.map(({ story: { tell } }) => tell)).toEqual([
      'asked',
      'approved',
      'migration',
      'ended',
    ])
    expect(threadPost(driven.release, driven.told[0]!, null).text).not.toContain('<@')
    expect(threadPost(driven.release, driven.told[1]!, null).text).toBe('<@U0CHLOE> approved (2 of 2).')
  })

  it('shows the requested ref only if it says more than the commit', () => {
    const deploy = deployOf(plainWords)
    if (deploy.kind !== 'deploy') throw new Error('no deploy')
    const { sha } = deploy.commit
    const shown = (ref: string) =>
      card(new DrivenRelease({ subject: { ...deploy, ref } }).release).text.includes('requested as')
    expect([sha, sha.slice(0, 7), sha.toUpperCase(), 'v1.4.2'].map(shown)).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  it('shows that the emergency requires no approvals, not the service environment', () => {
    const policy = { ...emergencyOf(plainWords).release.policy, required: 0 }
    const { release } = emergencyOf(plainWords)
    expect(shownOf(card({ ...release, policy }))).toContain('No approvals required in an emergency')
  })

  it('suggests Retry only after the lock that ended a deploy is removed', () => {
    const { release } = everyState(plainWords).cancelled!
    const lock = { environment: 'prod', service: 'blog-api', by: 'U0DAI', why: 'x', since: 0, until: null }
    expect(card({ ...release, lock }).text).toContain('/deploy unlock prod blog-api')
    expect(card(release).text).not.toContain('unlock')
  })

  it('counts what is serving if the targets differ', () => {
    const targets = ['one', 'two', 'three'].map((service) => ({ cluster: 'blog', service }))
    const { release } = new DrivenRelease({ targets })
    const serving = (name: string) => ({ name, arn: name, commit: null })
    const [one, two, three] = release.tracks.rollouts
    const rollouts = [
      { ...one!, serving: serving('blog-api:44') },
      { ...two!, serving: serving('blog-api:43') },
      { ...three!, serving: serving('blog-api:43') },
    ]
    expect(card({ ...release, tracks: { ...release.tracks, rollouts } }).text).toContain(
      'prod runs blog-api:44 on 1 target, blog-api:43 on 2 targets → 3f2c1ab (main)',
    )
  })

  it('mentions the person who rejected, and nobody whom their words name', () => {
    const by = { id: 'U0BEN', standing: { eligible: true, via: 'S0DEPLOYERS' } } as const
    const why = 'ask <@U0ELI> <!channel> :white_check_mark: *succeeded*'
    const { release } = new DrivenRelease().on(click('reject', by)).on({ on: 'explain', by, why })
    const shown = shownOf(card(release))
    expect(shown).toContain('Rejected by <@U0BEN>.')
    expect(shown).toContain('*Why:* ask &lt;@U0ELI&gt; &lt;!channel&gt;')
    expect(shown).not.toContain(':white_check_mark:')
  })
})

describe('posts in the thread', () => {
  const log: LogTail = {
    read: true,
    lines: ['```', '<!channel>', ...Array.from({ length: 500 }, () => 'x'.repeat(5_000))],
  }

  for (const [name, words] of [
    ['plain', plainWords],
    ['extreme', extremeWords],
  ] as const) {
    const told = everyThreadPost(words).flatMap((driven) => driven.told.map((each) => ({ driven, each })))

    it(`every kind of post exists in ${name} words`, () => {
      expect(new Set(told.map(({ each }) => each.story.tell))).toEqual(
        new Set([
          'asked',
          'emergency',
          'passes-lock',
          'freed',
          'frozen',
          'acknowledged',
          'unacknowledged',
          'approved',
          'discounted',
          'dismissed',
          'voided',
          'run',
          'run-held',
          'run-ended',
          'run-ended-early',
          'rolled-out-after-end',
          'rolled-out-late',
          'more-rolled-out-late',
          'gate-opened-late',
          'gate-opened-outside',
          'gate-reviewed',
          'given-up',
          'started-again',
          'migration',
          'migration-after-end',
          'rollout',
          'migration-held',
          'rollout-held',
          'rollout-still',
          'paused',
          'continuing',
          'not-continued',
          'stopping',
          'not-stopped',
          'not-rolled-back',
          'rolling-back',
          'unapproved',
          'foreign-head',
          'was-down',
          'cancelling',
          'superseding',
          'limited',
          'blind',
          'late',
          'settled',
          'run-settled',
          'migration-settled',
          'explained',
          'ended',
        ]),
      )
    })

    it(`posts stay short and harmless in ${name} words, with and without a log`, () => {
      for (const { driven, each } of told)
        for (const tail of [null, log, { read: false, why: words.reason } as const]) {
          const post = threadPost(driven.release, each, each.story.tell === 'ended' ? tail : null)
          expectSendable(post)
          expectHarmless(post)
          expect(post.metadata).toEqual({
            event_type: 'twokey_story',
            event_payload: { release_id: 'r-abc123', key: each.key },
          })
        }
    })
  }

  it('posts a bad end to the channel with cause, what is serving, the log’s end and who must act', () => {
    const driven = everyState(plainWords).failed!
    const end = driven.told.find(({ story: { tell } }) => tell === 'ended')!
    const post = threadPost(driven.release, end, { read: true, lines: ['first', 'last'] })
    expect(end.where).toBe('channel')
    expect(post.text).toContain('blog-api prod: failed')
    expect(post.text).toContain('exit code 3, 42 s')
    expect(post.text.match(/api exited 3/g)).toHaveLength(1)
    expect(post.text).toContain('<@U0ANA>, <!subteam^S0ONCALL>')
    expect(post.blocks.at(-1)).toMatchObject({
      elements: [{ type: 'rich_text_preformatted', elements: [{ text: 'first\nlast' }] }],
    })
  })

  it('a post about the end suggests what to do next only while the card does', () => {
    for (const driven of [
      ...Object.values(everyState(plainWords)),
      ...Object.values(everyRollback(plainWords)),
    ]) {
      const end = driven.told.find(({ story: { tell } }) => tell === 'ended')
      if (!end) continue
      const next = /^\*Next:\* .*$/m.exec(card(driven.release).text)?.[0]
      const { text } = threadPost(driven.release, end, null)
      expect(bare(/^\*Next:\* .*$/m.exec(text)?.[0] ?? '')).toBe(next ?? '')
    }
    const driven = everyState(plainWords).unknown!
    const end = driven.told.find(({ story: { tell } }) => tell === 'ended')!
    expect(threadPost(driven.release, end, null).text).toMatch(/Last seen serving: blog-api:43/)
    const settled = driven.on(click('settle', approver('U0BEN'))).release
    expect(threadPost(settled, end, null).text).not.toContain('*Next:*')
  })

  it('a post that is read away from its card names the service environment', () => {
    const away = ['voided', 'unacknowledged', 'passes-lock', 'frozen', 'emergency', 'ended']
    const told = everyThreadPost(plainWords).flatMap((driven) =>
      driven.told.map((each) => ({ driven, each })),
    )
    for (const { driven, each } of told)
      if (away.includes(each.story.tell))
        expect(threadPost(driven.release, each, null).text).toMatch(/blog-api(?: in)? prod/)
  })

  it('a post about a good end mentions nobody', () => {
    const driven = everyState(plainWords).succeeded!
    const end = driven.told.find(({ story: { tell } }) => tell === 'ended')!
    expect(threadPost(driven.release, end, null).text).not.toMatch(/<@|<!subteam/)
  })

  it('a post asks the approvers again when the approvals are void', () => {
    const voided = everyThreadPost(plainWords)
      .flatMap((driven) => driven.told.map((each) => threadPost(driven.release, each, null)))
      .find(({ text }) => text.includes('void'))
    expect(voided?.text).toContain('<!subteam^S0DEPLOYERS>')
  })
})
