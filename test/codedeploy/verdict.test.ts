import type { DeploymentInfo, ECSTarget } from '@aws-sdk/client-codedeploy'
import { describe, expect, it } from 'vitest'
import { type CodeDeployFacts, codeDeployVerdict } from '../../src/aws/codedeploy/verdict.ts'

const at = (seconds: number) => new Date(Date.parse('2026-11-23T10:00:00Z') + seconds * 1000)
const now = at(600).getTime()

const info = (over: object): DeploymentInfo => ({
  deploymentId: 'd-OWN000000',
  createTime: at(0),
  startTime: at(5),
  autoRollbackConfiguration: { enabled: false },
  ...over,
})

const blue = { revision: 'blog-api:43', isOwn: false, isSteady: true, running: 2, desired: 2 }
const green = { revision: 'blog-api:44', isOwn: true, isSteady: true, running: 2, desired: 2 }

function judged(over: object, more: Partial<CodeDeployFacts> = {}) {
  return codeDeployVerdict({
    deployment: info(over),
    rollback: undefined,
    target: undefined,
    primary: blue,
    revision: 'blog-api:44',
    alarms: [],
    isFollowed: false,
    now,
    settleMs: 60_000,
    ...more,
  })
}

const longAgo = { completeTime: at(60) }
const justNow = { completeTime: at(595) }
const rollsBack = { rollbackInfo: { rollbackDeploymentId: 'd-BACK00000' } }
const automatic = { autoRollbackConfiguration: { enabled: true } }
const rolledBack = (status: string) => ({ rollback: info({ status, creator: 'codeDeployRollback' }) })

describe('the verdict on a deployment of CodeDeploy and on what ECS serves', () => {
  it.each<[string, object, Partial<CodeDeployFacts>, string]>([
    ['is Created', { status: 'Created' }, {}, 'moving'],
    ['is Queued', { status: 'Queued' }, {}, 'moving'],
    ['installs', { status: 'InProgress' }, {}, 'moving'],
    ['is Ready', { status: 'Ready' }, {}, 'paused'],
    [
      'keeps the tasks before it',
      { status: 'InProgress', instanceTerminationWaitTimeStarted: true },
      { primary: green },
      'baking',
    ],
    [
      'waits to stop the tasks before it, while ECS still shows them as PRIMARY',
      { status: 'InProgress', instanceTerminationWaitTimeStarted: true },
      {},
      'moving',
    ],
    ['is Baking', { status: 'Baking' }, { primary: green }, 'baking'],
    ['is Baking before its tasks serve', { status: 'Baking' }, {}, 'moving'],
    ['is Succeeded', { status: 'Succeeded', ...longAgo }, { primary: green }, 'succeeded'],
    [
      'is Succeeded with a desired count of 0',
      { status: 'Succeeded', ...longAgo },
      { primary: { ...green, desired: 0, running: 0 } },
      'succeeded',
    ],
    [
      'is Succeeded on unhealthy tasks (roadmap#1941)',
      { status: 'Succeeded', ...longAgo },
      { primary: { ...green, isSteady: false, running: 0 } },
      'failed',
    ],
    [
      'is Succeeded on tasks that settle',
      { status: 'Succeeded', ...justNow },
      { primary: { ...green, isSteady: false, running: 1 } },
      'moving',
    ],
    [
      'is Succeeded and was replaced',
      { status: 'Succeeded', ...longAgo },
      { isFollowed: true },
      'superseded',
    ],
    [
      'is Succeeded just now, and ECS shows the tasks before',
      { status: 'Succeeded', ...justNow },
      {},
      'moving',
    ],
    ['is Succeeded, and ECS serves something else', { status: 'Succeeded', ...longAgo }, {}, 'unknown'],
    [
      'is Failed and is being rolled back',
      { status: 'Failed', ...rollsBack },
      rolledBack('InProgress'),
      'rolling back',
    ],
    ['is Failed, and its rollback is not read', { status: 'Failed', ...rollsBack }, {}, 'rolling back'],
    [
      'is Failed and was rolled back',
      { status: 'Failed', ...rollsBack },
      rolledBack('Succeeded'),
      'rolled back',
    ],
    [
      'is Stopped and was rolled back',
      { status: 'Stopped', ...rollsBack },
      rolledBack('Succeeded'),
      'rolled back',
    ],
    [
      'was rolled back, while ECS still shows its tasks',
      { status: 'Failed', ...rollsBack },
      { ...rolledBack('Succeeded'), primary: green },
      'rolling back',
    ],
    [
      'is Failed, and so is its rollback',
      { status: 'Failed', ...rollsBack },
      rolledBack('Failed'),
      'rollback failed',
    ],
    [
      'is Failed, and its rollback was stopped',
      { status: 'Failed', ...rollsBack },
      rolledBack('Stopped'),
      'rollback failed',
    ],
    [
      'is Failed and could not be rolled back',
      { status: 'Failed', rollbackInfo: { rollbackMessage: 'no earlier revision' } },
      {},
      'rollback failed',
    ],
    ['is Failed without a rollback, before the shift', { status: 'Failed', ...longAgo }, {}, 'failed'],
    [
      'is Failed without a rollback, after the shift',
      { status: 'Failed', ...longAgo },
      { primary: green },
      'failed',
    ],
    [
      'is Failed just now, with automatic rollback',
      { status: 'Failed', ...justNow, ...automatic },
      {},
      'moving',
    ],
    ['is Failed just now, without', { status: 'Failed', ...justNow }, {}, 'failed'],
    ['is Stopped just now', { status: 'Stopped', ...justNow }, {}, 'moving'],
    [
      'is Stopped by hand',
      { status: 'Stopped', ...longAgo, errorInformation: { code: 'MANUAL_STOP' } },
      {},
      'stopped',
    ],
    ['is Stopped for no reason given', { status: 'Stopped', ...longAgo }, {}, 'stopped'],
    [
      'is Stopped by an alarm and not rolled back',
      { status: 'Stopped', ...longAgo, errorInformation: { code: 'ALARM_ACTIVE' } },
      {},
      'failed',
    ],
    ['has a status nobody knows', { status: 'Pondering' }, {}, 'unknown'],
    ['has no status', {}, {}, 'unknown'],
  ])('a deployment that %s', (_, over, more, verdict) => {
    expect(judged(over, more).verdict).toBe(verdict)
  })
})

const events = (...lifecycleEvents: NonNullable<ECSTarget['lifecycleEvents']>): Partial<CodeDeployFacts> => ({
  target: { lifecycleEvents },
})

describe('why a deployment ended badly, in one sentence', () => {
  it.each<[string, object, Partial<CodeDeployFacts>, string]>([
    [
      'a hook',
      { errorInformation: { code: 'HOOK_EXECUTION_FAILURE', message: 'One of the functions failed.' } },
      events({
        lifecycleEventName: 'AfterAllowTraffic',
        status: 'Failed',
        diagnostics: { message: 'smoke test: 500' },
      }),
      'the hook AfterAllowTraffic failed (smoke test: 500)',
    ],
    [
      'one alarm',
      { errorInformation: { code: 'ALARM_ACTIVE' } },
      { alarms: ['blog-5xx'] },
      'the CloudWatch alarm blog-5xx is active',
    ],
    [
      'one of several alarms',
      { errorInformation: { code: 'ALARM_ACTIVE' } },
      { alarms: ['blog-5xx', 'blog-slow'] },
      'one of the CloudWatch alarms blog-5xx, blog-slow is active',
    ],
    [
      'tasks that never became healthy',
      { errorInformation: { code: 'TIMEOUT', message: 'x' } },
      events({ lifecycleEventName: 'Install', status: 'Failed' }),
      'its tasks did not become healthy within an hour',
    ],
    [
      'an error of ECS',
      { errorInformation: { code: 'ECS_UPDATE_ERROR', message: 'TaskDefinition is inactive.' } },
      {},
      'ECS refused it: TaskDefinition is inactive',
    ],
    [
      'a code of another kind',
      { errorInformation: { code: 'IAM_ROLE_PERMISSIONS', message: 'The role lacks a permission.' } },
      {},
      'The role lacks a permission (IAM_ROLE_PERMISSIONS)',
    ],
  ])('%s', (_, over, more, words) => {
    const { reason } = judged({ status: 'Failed', ...longAgo, ...over }, more)
    expect(reason).toBe(
      `CodeDeploy ended the deployment of blog-api:44: ${words}; nothing was rolled back, and blog-api:43 keeps serving`,
    )
  })

  it('survives null where AWS never sends it', () => {
    const target = { lifecycleEvents: [null, { status: 'InProgress' }], taskSetsInfo: [null] }
    expect(judged({ status: 'InProgress' }, { target: target as unknown as ECSTarget }).verdict).toBe(
      'moving',
    )
  })
})

describe('what a deployment does now', () => {
  const green = (trafficWeight: number) => ({
    taskSetLabel: 'Green' as const,
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    trafficWeight,
  })
  const now = (name: string, weight = 0) => {
    const lifecycleEvents = [{ lifecycleEventName: name, status: 'InProgress' as const }]
    return judged({ status: 'InProgress' }, { target: { lifecycleEvents, taskSetsInfo: [green(weight)] } })
      .reason
  }

  it.each([
    ['Install', 0, '2 of 2 tasks running'],
    ['AllowTraffic', 10, '2 of 2 tasks running, 10 % of production traffic'],
    ['AfterAllowTestTraffic', 0, 'the hook AfterAllowTestTraffic is running'],
  ])('at %s', (name, weight, words) => {
    expect(now(name, weight)).toBe(words)
  })
})
