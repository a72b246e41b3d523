import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mainCommits } from '../../sandbox/seed.ts'
import type { LocatedRow } from '../../src/store/audit-reader.ts'
import { twokey } from '../cli/twokey.ts'
import { channel, type Harness, openHarness } from './harness.ts'

/** A row as it is exported. */
type Exported = LocatedRow & { readonly time: string }

describe('the audit log of a release, while the bot runs', () => {
  let harness: Harness
  beforeEach(async () => {
    harness = await openHarness()
  })
  afterEach(() => harness.close())

  const exported = async (...words: readonly string[]): Promise<readonly Exported[]> => {
    const { status, out, err } = await twokey(harness.folder, ['audit', 'export', ...words])
    if (status !== 0) throw new Error(err)
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }
  /** The chain ends in the newest card's thread, as a person copies them. */
  const heads = () =>
    (harness.cards().at(-1)?.replies ?? []).flatMap(
      ({ blocks }) => /[\w-]+:\d+:[0-9a-f]{20}/.exec(JSON.stringify(blocks))?.[0] ?? [],
    )
  /** A button click in Slack's format, of a button that Slack shows nobody. */
  const forges = (ts: string, action: string, value: string) =>
    harness.sandbox.slack.as('U0BEN').forges({
      type: 'interactive',
      payload: {
        type: 'block_actions',
        user: { id: 'U0BEN', team_id: 'T0TEAM' },
        team: { id: 'T0TEAM' },
        channel: { id: channel },
        message: { ts },
        trigger_id: `forged-${action}-${ts}`,
        actions: [{ type: 'button', action_id: `twokey:${action}`, block_id: 'b', value }],
      },
    })

  it('writes a row for every click of a deploy, also those that did not count, in order, under the head shown in the thread', async () => {
    await harness.types('U0ANA', '/deploy prod')
    const card = await harness.shows('awaiting approval')
    const id = String(card.metadata?.event_payload.release_id)
    await harness.clicks('U0ANA', 'approve')
    await harness.ephemeral('U0ANA', /may_not_approve|not_an_approver/)
    await forges('1.000001', 'approve', `${id}:0`)
    await harness.ephemeral('U0BEN', /card_mismatch/)
    await forges(card.ts, 'approve', `${id}:7`)
    await harness.ephemeral('U0BEN', /card_outdated/)
    await forges(card.ts, 'explode', `${id}:0`)
    await harness.ephemeral('U0BEN', /button_unknown/)
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0BEN', 'approve')
    await harness.ephemeral('U0BEN', /already_approved/)
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('succeeded')
    await harness.threadPost(/Audit/)

    const [head] = heads()
    const verified = await twokey(harness.folder, ['audit', 'verify', '--head', String(head)])
    expect(verified).toMatchObject({ status: 0, err: '' })

    const rows = await exported('--service', 'blog-api')
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1))
    expect(head).toBe(`${id}:${rows.length}:${rows.at(-1)?.hash.slice(0, 20)}`)
    expect(rows.every((row) => row.chain === id && row.environment === 'prod')).toBe(true)
    const sha = mainCommits.at(-1)?.sha
    const expected: readonly [string, string, object][] = [
      [
        'U0ANA',
        'requested',
        { targets: ['ap-northeast-2:blog-cluster-prod/blog-api'], subject: { commit: { sha } } },
      ],
      ['U0ANA', 'approve refused', {}],
      ['U0BEN', 'approve refused', { code: 'card_mismatch', card: { ts: '1.000001' } }],
      ['U0BEN', 'approve refused', { code: 'card_outdated', round: 7 }],
      ['U0BEN', 'unknown-button refused', { button: 'explode', code: 'button_unknown' }],
      ['U0BEN', 'approved', { via: 'S0DEPLOYERS', missing: 1, commit: sha }],
      ['U0BEN', 'approve refused', { code: 'already_approved' }],
      ['U0CHLOE', 'approved', { missing: 0 }],
      ['twokey', 'keys counted', { required: 2, missing: 0, dismissed: [], policy: { required: 2 } }],
      ['twokey', 'dispatch marked', { commit: sha, inputs: { sha }, before: [{}] }],
      [
        'twokey',
        'end decided',
        { outcome: 'succeeded', migration: { tasks: [{ exitCode: 0 }] }, rollouts: [{}] },
      ],
      ['twokey', 'ended succeeded', {}],
    ]
    const names = new Set(expected.map(([, what]) => what))
    const met = rows.filter(({ what }) => names.has(what))
    expect(met.map(({ actor, what }) => [actor, what])).toEqual(
      expected.map(([actor, what]) => [actor, what]),
    )
    for (const [index, [, , detail]] of expected.entries()) expect(met[index]?.detail).toMatchObject(detail)
    const keys = met.find(({ what }) => what === 'keys counted')?.detail.counted
    expect(keys).toMatchObject([{ by: 'U0BEN' }, { by: 'U0CHLOE' }])
    const decided = met.find(({ what }) => what === 'end decided')?.detail
    expect(decided?.run).toMatchObject({ id: expect.any(Number), verdict: 'succeeded', headSha: sha })
  })

  it('records requests without a release in the chain of their environment, or among the unattributed ones', async () => {
    await harness.types('U0ANA', `/deploy prod blog-api ${mainCommits[3]?.sha}`)
    await harness.ephemeral('U0ANA', /nothing_to_deploy/)
    await harness.types('U0GUS', '/rollback blog-api 42')
    await harness.ephemeral('U0GUS', /not_a_member/)
    await forges('1.000001', 'approve', `r-nothing${'x'.repeat(20_000)}`)
    await harness.ephemeral('U0BEN', /release_unknown/)
    const rows = await exported()
    expect(rows).toMatchObject([
      {
        chain: 'environment:prod',
        actor: 'U0ANA',
        what: 'deploy refused',
        service: 'blog-api',
        environment: 'prod',
        detail: { code: 'nothing_to_deploy', ref: mainCommits[3]?.sha, commit: mainCommits[3]?.sha },
      },
      {
        chain: 'environment:prod',
        actor: 'U0GUS',
        what: 'rollback refused',
        service: 'blog-api',
        detail: { code: 'not_a_member', revision: 42 },
      },
      { chain: 'strays', actor: 'U0BEN', what: 'approve refused', environment: null },
    ])
    expect(JSON.stringify(rows).length).toBeLessThan(8_000)
    const of = async (...words: readonly string[]) => (await exported(...words)).map(({ actor }) => actor)
    expect(await of('--environment', 'prod')).toEqual(['U0ANA', 'U0GUS'])
    expect(await of('--person', 'U0BEN', '--person', 'U0GUS')).toEqual(['U0GUS', 'U0BEN'])
    expect(await of('--until', String(rows[1]?.time))).toEqual(['U0ANA'])
    expect(await of('--since', String(rows[2]?.time))).toEqual(['U0BEN'])
    const other = await twokey(harness.folder, ['audit', 'export', '--service', 'other'])
    expect(other).toMatchObject({ status: 2, out: '' })
    expect(other.err).toBe('The audit log has no service "other". There are: blog-api.\n')
    expect((await twokey(harness.folder, ['audit', 'verify'])).status).toBe(0)
  })

  it('records a retry in the chain of the retried release, also if it is refused', async () => {
    await harness.types('U0ANA', '/deploy prod')
    const first = await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'reject')
    await harness.shows('rejected')
    await harness.clicks('U0ANA', 'retry')
    await harness.sandbox.slack.until(() => harness.cards().length === 2)
    await harness.clicks('U0ELI', 'retry', first)
    await harness.ephemeral('U0ELI', /archives\/C0DEPLOYS\/p\d+\|card>.*\bin_flight\b/s)
    const [old, anew] = harness.cards().map(({ metadata }) => String(metadata?.event_payload.release_id))
    const rows = await exported()
    const of = (chain: string | undefined) => rows.filter((row) => row.chain === chain)
    expect(of(old).slice(-2)).toMatchObject([
      { actor: 'U0ANA', what: 'retry', detail: { as: anew } },
      {
        actor: 'U0ELI',
        what: 'retry refused',
        detail: { code: 'in_flight', commit: mainCommits.at(-1)?.sha },
      },
    ])
    expect(of(old)).toContainEqual(expect.objectContaining({ actor: 'U0BEN', what: 'rejected' }))
    expect(of(anew)[0]).toMatchObject({ actor: 'U0ANA', what: 'requested' })
    await harness.types('U0ELI', '/deploy cancel')
    await harness.ephemeral('U0ELI', /nothing_in_flight/)
    expect((await exported()).at(-1)).toMatchObject({
      chain: 'strays',
      actor: 'U0ELI',
      what: 'cancel refused',
    })
  })

  it('shows the current end of the chain when an end is posted again', async () => {
    harness.sandbox.github.faults.queue(
      'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
      {
        kind: 'reset',
      },
    )
    await harness.approved()
    await harness.shows('unknown')
    await harness.sandbox.slack.until(() => heads().length === 1)
    await harness.clicks('U0BEN', 'look-again')
    await harness.sandbox.slack.until(() => heads().length === 2)
    await harness.clicks('U0BEN', 'settle')
    await harness.sandbox.slack.until(() => heads().length === 3)
    const shown = heads()
    const seqs = shown.map((head) => Number(head.split(':')[1]))
    expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other))
    const { status, out } = await twokey(harness.folder, [
      'audit',
      'verify',
      ...shown.flatMap((head) => ['--head', head]),
    ])
    expect(out).toMatch(/^Intact: .* 3 heads from Slack/)
    expect(status).toBe(0)
  })
})
