import { describe, expect } from 'vitest'
import { services } from '../../sandbox/seed.ts'
import { silent, speaking } from '../workflows/evidence.ts'
import { deploysBesideHands, heldAt, letGo, put, rollsOutByHand } from './by-hand.ts'
import { auditOf } from './chains.ts'
import { type Harness, scenario } from './harness.ts'

const { cluster, service } = services.prod
const jobLogs = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs'

/** A step at the end prints this. */
const printing = (line: string) =>
  silent.replace(
    '      - name: Smoke test\n',
    () => `      - name: Report
        run: ${line}

      - name: Smoke test
`,
  )

const endOf = async (harness: Harness) =>
  (await auditOf(harness.folder)).find(({ what }) => what === 'end decided')?.detail

describe.concurrent('two rollouts in the time of the run, of which neither names the release or its commit', () => {
  scenario(
    'ends by the rollout that the run’s log names alone, and says that the log decided',
    async ({ harness }) => {
      await deploysBesideHands(harness, speaking(), 'Render')
      letGo(harness)
      const card = await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:45')
      expect(card.text).toContain('run’s log')
      expect(await endOf(harness)).toMatchObject({ rollouts: [{ decidedBy: 'log', evidence: 'time' }] })
    },
  )

  scenario(
    'ends unknown if the log names neither rollout, with both named and linked',
    async ({ harness }) => {
      await deploysBesideHands(harness, silent, 'Render')
      letGo(harness)
      const card = await harness.shows('unknown')
      const shown = JSON.stringify(card.blocks)
      for (const fact of ['blog-api:44', 'blog-api:45']) expect(shown).toContain(fact)
      expect(shown).toContain(`/clusters/${cluster}/services/${service}/deployments`)
      expect(harness.sandbox.github.log.of(jobLogs).length).toBeGreaterThan(0)
    },
  )

  scenario(
    'ends unknown if the log’s last step prints what another person rolled out',
    async ({ harness }) => {
      const query = `aws ecs describe-services --cluster ${cluster} --services ${service} --query 'services[0].taskDefinition'`
      put(harness, printing(query))
      harness.sandbox.github.world.next = { holdAt: 'Report' }
      await harness.approved()
      await heldAt(harness, 'Report')
      const arn = await rollsOutByHand(harness)
      // The step runs a minute later.
      const rollout = harness.sandbox.aws.world.service(cluster, service)!.rollouts[0]!
      Object.assign(rollout, { createdAt: rollout.createdAt - 60_000 })
      letGo(harness)
      expect(await harness.ends()).toBe('unknown')
      expect(await endOf(harness)).toMatchObject({ runLog: { log: { names: [{ name: arn }] } } })
    },
  )

  scenario(
    'ends unknown if the log names another release’s revision besides its own',
    async ({ harness }) => {
      await deploysBesideHands(harness, speaking('Not the task definition blog-api:41 but'), 'Render')
      letGo(harness)
      expect(await harness.ends()).toBe('unknown')
    },
  )

  scenario(
    'ends unknown if the log is longer than twokey reads, and the card says so',
    async ({ harness }) => {
      await deploysBesideHands(harness, speaking(), 'Smoke test')
      const { jobs } = harness.sandbox.github.world.repository().runs.at(-1)!.attempts.at(-1)!
      const line = `${new Date().toISOString()} ${'npm warn deprecated '.repeat(50)}`
      jobs.at(-1)!.log.unshift(...Array.from({ length: 50_000 }, () => line))
      letGo(harness)
      const card = await harness.shows('unknown')
      expect(card.text).toContain('too large')
    },
  )

  scenario(
    'ends unknown with GitHub’s words if GitHub refuses the log, which Look again then reads',
    async ({ harness }) => {
      await deploysBesideHands(harness, speaking(), 'Render')
      const fault = { kind: 'answer', status: 410, body: { message: 'Gone' } } as const
      harness.sandbox.github.faults.queue(jobLogs, fault, { times: 1_000 })
      letGo(harness)
      const card = await harness.shows('unknown')
      expect(card.text).toContain('Gone')
      harness.sandbox.github.faults.clear()
      await harness.clicks('U0ANA', 'look-again')
      await harness.shows('succeeded')
    },
  )
})
