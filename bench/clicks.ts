import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SlackSandbox, startSlack } from '../sandbox/slack/slack.ts'
import { openAuditReader } from '../src/store/audit-reader.ts'
import { allApprove, askForAll, cardIn, crowdGroup, gatherCrowd } from './crowd.ts'
import { percentile, type Row, table } from './figures.ts'
import { openFleet } from './fleet.ts'
import { startProgram } from './processes.ts'

const people = 20
const releases = 50
/** Limit for the change of cards, ms: all share 50 edits a minute. */
const longestMs = 600_000

/** How many cards are clicked one by one, before the rush. */
const alone = 10
/** Time between two of these, ms: Slack takes an edit in 1.2 s. */
const apartMs = 2_000

type Pressed = {
  /** A single click without other load, to the card's change, ms. */
  readonly alone: readonly number[]
  /** In the rush: from each click to its acknowledgement, ms. */
  readonly acks: readonly number[]
  /** From the rush to the first change of each card, ms. */
  readonly changes: readonly number[]
  /** From the rush until each card shows all approvals, ms; null: not measured. */
  readonly truths: readonly number[] | null
}

/** 20 people click Approve on 50 releases at the same time, with Slack's rate limits and without. */
export async function clicks(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const rates of ['off', 'real'] as const) {
    const twokey = await pressedInTwokey(rates)
    const bare = await pressedInBare(rates)
    for (const [what, of] of [
      ['one press alone to the card’s change', 'alone'],
      ['a rush: press to acknowledgement', 'acks'],
      ['a rush: to the card’s first change', 'changes'],
      ['a rush: until the card says all that counts', 'truths'],
    ] as const) {
      const [ours, theirs] = [twokey[of], bare[of]]
      if (ours === null || theirs === null) continue
      for (const share of [0.5, 0.99])
        rows.push({
          what: `${what}, Slack’s limits ${rates === 'off' ? 'off' : 'on'}, p${share * 100}`,
          unit: 'ms',
          twokey: percentile(ours, share),
          baseline: percentile(theirs, share),
          against: 'one row, one ack, an edit a press',
        })
    }
  }
  return rows
}

async function pressedInTwokey(rates: 'real' | 'off'): Promise<Pressed> {
  // Nothing is sent to GitHub, which accepts one dispatch a second: the last approval starts a wait.
  const wait = () => '1h'
  const fleet = await openFleet({ count: releases, required: 2, approvers: [crowdGroup], wait, rates })
  const crowd = gatherCrowd(fleet.sandbox, people)
  const twokey = await startProgram('twokey', fleet.env)
  const { slack } = fleet.sandbox
  try {
    await askForAll(fleet.sandbox, fleet.ships)
    await quiet(slack)
    const channels = fleet.ships.map(({ channel }) => channel)
    const one = await oneByOne(slack, { user: String(crowd[0]), channels })
    await quiet(slack)
    const isTrue = (text: string) => text.includes(': waiting')
    const rush = await rushOf(slack, { people: crowd, channels, isTrue })
    const late = releases * (people - 2) + alone
    await slack.until((workspace) => workspace.ephemerals().length === late, { ms: longestMs })
    await countedRight(String(fleet.env.TWOKEY_DATA_DIR))
    return { alone: one, ...rush }
  } finally {
    await twokey.stop()
    await fleet.close()
  }
}

/** @throws if a release does not have the approvals of exactly two people */
async function countedRight(folder: string): Promise<void> {
  const reader = await openAuditReader({ folder })
  const keys = new Map<string, string[]>()
  for await (const { chain, what, actor } of reader.chains())
    if (what === 'approved') keys.set(chain, [...(keys.get(chain) ?? []), actor])
  await reader.close()
  const right = [...keys.values()].filter((by) => by.length === 2 && new Set(by).size === 2)
  if (right.length !== releases) throw new Error(`${releases - right.length} releases were miscounted`)
}

async function pressedInBare(rates: 'real' | 'off'): Promise<Pressed> {
  const slack = await startSlack({ rates, ackMs: longestMs })
  const { workspace } = slack
  const everybody = workspace.channels.get('C0DEPLOYS')
  if (!everybody) throw new Error('the seed has no channel')
  const channels = Array.from({ length: releases }, (_, index) => `C0BARE${String(index).padStart(3, '0')}`)
  for (const id of channels) workspace.channels.set(id, { ...everybody, id, name: id.toLowerCase() })
  const crowd = gatherCrowd({ slack }, people)
  const { userId: user } = workspace.app
  for (const channel of channels)
    workspace.post({ channel, user, text: 'not pressed yet', blocks: [buttons] })
  const folder = mkdtempSync(join(tmpdir(), 'twokey-bench-'))
  const bare = await startProgram('bare', { ...slack.env, STORE_FILE: join(folder, 'bare.db'), EDIT: 'yes' })
  try {
    const one = await oneByOne(slack, { user: String(crowd[0]), channels })
    await quiet(slack)
    // With the limits, one edit per click would take a quarter of an hour.
    const isTrue = rates === 'off' ? (text: string) => text.endsWith(`press ${people}`) : null
    return { alone: one, ...(await rushOf(slack, { people: crowd, channels, isTrue })) }
  } finally {
    await bare.stop()
    await slack.close()
    rmSync(folder, { recursive: true })
  }
}

const buttons = {
  type: 'actions',
  block_id: 'keys',
  elements: [
    {
      type: 'button',
      action_id: 'twokey:approve',
      value: 'r',
      text: { type: 'plain_text', text: 'Approve', emoji: true },
    },
  ],
}

/** One person clicks on a card, then on the next; each once the previous one has changed. */
async function oneByOne(
  slack: SlackSandbox,
  { user, channels }: { readonly user: string; readonly channels: readonly string[] },
): Promise<readonly number[]> {
  const times: number[] = []
  for (const channel of channels.slice(0, alone)) {
    const { ts = '', text } = cardIn(slack, channel) ?? {}
    const began = performance.now()
    await slack.as(user).clicks({ channel, ts, actionId: 'twokey:approve' })
    await slack.until(() => cardIn(slack, channel)?.text !== text, { ms: longestMs })
    times.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, apartMs))
  }
  return times
}

type Crowd = {
  readonly people: readonly string[]
  readonly channels: readonly string[]
  /** Whether a card shows all approvals; null: not measured. */
  readonly isTrue: ((text: string) => boolean) | null
}

async function rushOf(slack: SlackSandbox, { isTrue, ...who }: Crowd): Promise<Omit<Pressed, 'alone'>> {
  const textOf = (channel: string) => cardIn(slack, channel)?.text ?? ''
  const before = new Map(who.channels.map((channel) => [channel, textOf(channel)]))
  const began = performance.now()
  const whenEach = async (isSo: (channel: string) => boolean) => {
    const left = new Set(who.channels)
    const times: number[] = []
    const look = () => {
      for (const channel of left) {
        if (!isSo(channel)) continue
        times.push(performance.now() - began)
        left.delete(channel)
      }
      return left.size === 0
    }
    await slack.until(look, { ms: longestMs })
    return times
  }
  const [acks, changes, truths] = await Promise.all([
    allApprove(slack, who),
    whenEach((channel) => textOf(channel) !== before.get(channel)),
    isTrue && whenEach((channel) => isTrue(textOf(channel))),
  ])
  return { acks, changes, truths }
}

/** Waits until nothing has been sent to Slack for a while, so that edits are within the rate limit again. */
async function quiet({ log }: SlackSandbox): Promise<void> {
  for (let seen = -1; seen !== log.exchanges.length; ) {
    seen = log.exchanges.length
    await new Promise((resolve) => setTimeout(resolve, 8_000))
  }
}

if (import.meta.main) console.log(table([await clicks()]))
