import type { QueueSettings } from '../ports/aws-signal.ts'
import { partition } from './arns.ts'

/** The queue that gets the events of an account and region. */
export type EventQueue = {
  readonly name: string
  readonly arn: string
  /** What sends events to it. */
  readonly rules: readonly EventRule[]
}

/** A rule of EventBridge. */
export type EventRule = {
  readonly of: 'deployments' | 'tasks'
  readonly name: string
  readonly arn: string
  readonly why: string
  readonly pattern: EventPattern
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export type EventPattern = { readonly [field: string]: readonly string[] | EventPattern }

/** Older events are of no use: twokey has polled since, s. */
export const retentionSeconds = 300
/** For so long no other process of twokey gets the same event, s. */
export const visibilitySeconds = 30

export const whyQueue = 'Events of ECS and CodeDeploy, by which twokey sees a change before it polls.'

/** The events that twokey looks at. */
const wanted = {
  deployments: {
    why: 'What moves a rollout.',
    pattern: {
      source: ['aws.ecs', 'aws.codedeploy'],
      'detail-type': [
        'ECS Deployment State Change',
        'ECS Hook State Change',
        'ECS Service Action',
        'CodeDeploy Deployment State-change Notification',
      ],
    },
  },
  tasks: {
    why: 'Tasks that start or end. Each has several more events, which tell twokey nothing.',
    pattern: {
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: { lastStatus: ['RUNNING', 'STOPPED'] },
    },
  },
} as const

/** A queue of twokey.yml, with the rules that it needs. */
export function eventQueue(queue: QueueSettings, defaultRegion: string): EventQueue {
  const { name, region, account } = placeOfQueue(queue, defaultRegion)
  return {
    name,
    arn: queueArn(queue, defaultRegion),
    rules: (['deployments', 'tasks'] as const).map((of) => ({
      of,
      name: `${name}-${of}`,
      arn: `arn:${partition(region)}:events:${region}:${account}:rule/${name}-${of}`,
      ...wanted[of],
    })),
  }
}

/** The ARN of a queue of twokey.yml. */
export function queueArn(queue: QueueSettings, defaultRegion: string): string {
  const { name, region, account } = placeOfQueue(queue, defaultRegion)
  return `arn:${partition(region)}:sqs:${region}:${account}:${name}`
}

function placeOfQueue({ url, region }: QueueSettings, defaultRegion: string) {
  const [account = '', name = ''] = new URL(url).pathname.split('/').slice(1)
  return { account, name, region: region ?? defaultRegion }
}

/** The policy of a queue: only its rules may send to it. */
export function queuePolicy({ arn, rules }: EventQueue) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'EventsOfTheRules',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn,
        Condition: { ArnEquals: { 'aws:SourceArn': rules.map((rule) => rule.arn) } },
      },
    ],
  }
}
