import type { ContainerDefinition, LogConfiguration, Task } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { lineOf } from '../../src/aws/ecs/firelens.ts'
import { logDestinationOf } from '../../src/aws/ecs/log-driver.ts'

const task: Task = {
  taskArn: 'arn:aws:ecs:eu-west-1:1:task/blog/0a1b2c3d',
  clusterArn: 'arn:aws:ecs:eu-west-1:1:cluster/blog',
  launchType: 'FARGATE',
  containers: [{ name: 'api', runtimeId: '6f0c' }],
}
const router: ContainerDefinition = {
  name: 'log_router',
  firelensConfiguration: {
    type: 'fluentbit',
    options: { 'config-file-value': 'arn:aws:s3:::blog/fluent.conf' },
  },
}
const destinationOf = (logConfiguration: LogConfiguration | undefined, on: Partial<Task> = {}) =>
  logDestinationOf(
    {
      task: { ...task, ...on },
      definition: { containerDefinitions: [router, { name: 'api', logConfiguration }] },
    },
    'api',
  )
const awslogs = (options: Record<string, string>): LogConfiguration => ({ logDriver: 'awslogs', options })
const firelens = (options: Record<string, string>): LogConfiguration => ({
  logDriver: 'awsfirelens',
  options,
})
const toCloudWatch = { Name: 'cloudwatch_logs', region: 'us-west-2', log_group_name: '/ecs/blog' }

describe('containers with their own stream in CloudWatch', () => {
  it.each<[string, LogConfiguration, object]>([
    [
      'awslogs with a prefix',
      awslogs({
        'awslogs-group': '/ecs/blog',
        'awslogs-stream-prefix': 'ecs',
        'awslogs-region': 'eu-west-1',
      }),
      { group: '/ecs/blog', stream: 'ecs/api/0a1b2c3d', region: 'eu-west-1', holds: 'lines' },
    ],
    [
      'awslogs without a prefix: the id of the container',
      awslogs({ 'awslogs-group': '/ecs/blog' }),
      { stream: '6f0c', region: undefined, holds: 'lines' },
    ],
    [
      'FireLens with a prefix: its tag follows',
      firelens({ ...toCloudWatch, log_stream_prefix: 'from-fluent-bit-' }),
      {
        group: '/ecs/blog',
        stream: 'from-fluent-bit-api-firelens-0a1b2c3d',
        region: 'us-west-2',
        holds: 'records',
      },
    ],
    [
      'FireLens with the plugin in Go and its templates',
      firelens({
        Name: 'cloudwatch',
        log_group_name: '/aws/ecs/$(ecs_cluster)/application',
        log_stream_name: '$(ecs_task_id)',
      }),
      { group: '/aws/ecs/blog/application', stream: '0a1b2c3d', holds: 'records' },
    ],
    [
      'FireLens with options in another case',
      firelens({ name: 'cloudwatch_logs', LOG_GROUP_NAME: '/ecs/blog', Log_Stream_Prefix: 'a/' }),
      { group: '/ecs/blog', stream: 'a/api-firelens-0a1b2c3d' },
    ],
  ])('reads the log of %s', (_, configuration, place) => {
    expect(destinationOf(configuration)).toMatchObject({ at: 'stream', ...place })
  })
})

describe('logs that twokey does not read', () => {
  it.each<[string, LogConfiguration | undefined, RegExp, Partial<Task>?]>([
    ['awslogs without a group', awslogs({}), /sets no log group/],
    [
      'awslogs, and a container that never ran',
      awslogs({ 'awslogs-group': '/ecs/blog' }),
      /log group \/ecs\/blog of CloudWatch.*not report the stream/,
      { containers: [] },
    ],
    [
      'FireLens with a stream that tasks share',
      firelens({ ...toCloudWatch, log_stream_name: 'stdout-stderr-' }),
      /FireLens to CloudWatch, log group \/ecs\/blog, stream stdout-stderr-, which its tasks share/,
    ],
    [
      'FireLens in another account',
      firelens({ ...toCloudWatch, log_stream_prefix: 'a/', role_arn: 'arn:aws:iam::2:role/logs' }),
      /log group \/ecs\/blog, stream a\/api-firelens-0a1b2c3d, with the role arn:aws:iam::2:role\/logs/,
    ],
    [
      'FireLens with a template of the records',
      firelens({ ...toCloudWatch, log_stream_template: "$kubernetes['pod']", log_stream_prefix: 'a/' }),
      /log group \/ecs\/blog, stream \$kubernetes/,
    ],
    [
      'FireLens to a service of logs',
      firelens({
        Name: 'datadog',
        Host: 'http-intake.logs.datadoghq.com',
        dd_service: 'blog-api',
        apikey: 'hunter2hunter2',
      }),
      /^logs through FireLens to datadog \(host http-intake\.logs\.datadoghq\.com, dd_service blog-api\)$/,
    ],
    [
      'FireLens to S3',
      firelens({ Name: 's3', bucket: 'blog-logs', region: 'eu-west-1' }),
      /FireLens to s3 \(bucket blog-logs\)/,
    ],
    [
      'FireLens to a stream of Firehose',
      firelens({ Name: 'kinesis_firehose', delivery_stream: 'blog' }),
      /kinesis_firehose \(delivery_stream blog\)/,
    ],
    [
      'FireLens with Fluentd',
      firelens({ '@type': 'elasticsearch', host: 'search.internal', index: 'blog' }),
      /FireLens to elasticsearch \(host search\.internal, index blog\)/,
    ],
    [
      'FireLens by the configuration of its router',
      firelens({}),
      /FireLens; the configuration of container log_router \(arn:aws:s3:::blog\/fluent\.conf\) sets the destination/,
    ],
    [
      'Splunk, without its token',
      {
        logDriver: 'splunk',
        options: {
          'splunk-url': 'https://user:hunter22@splunk.internal:8088',
          'splunk-token': 'hunter2hunter2',
          'splunk-index': 'blog',
        },
      },
      /^logs to Splunk \(splunk-url https:\/\/user:\*\*\*@splunk\.internal:8088, splunk-index blog\)$/,
    ],
    [
      'Fluentd',
      { logDriver: 'fluentd', options: { 'fluentd-address': 'localhost:24224', tag: 'blog' } },
      /Fluentd \(fluentd-address localhost:24224, tag blog\)/,
    ],
    [
      'GELF',
      { logDriver: 'gelf', options: { 'gelf-address': 'udp://graylog:12201' } },
      /GELF \(gelf-address udp:\/\/graylog:12201\)/,
    ],
    ['syslog', { logDriver: 'syslog', options: {} }, /^logs to syslog$/],
    ['journald', { logDriver: 'journald' }, /journald on its container instance/],
    ['json-file', { logDriver: 'json-file' }, /on its container instance \(json-file\)/],
    ['none', { logDriver: 'none' as 'syslog' }, /keeps no log/],
    ['a driver of tomorrow', { logDriver: 'sumologic' as 'syslog' }, /^logs with the driver sumologic$/],
    ['nothing set, on Fargate', undefined, /no logConfiguration.*Fargate/],
    [
      'nothing set, on an instance',
      undefined,
      /the container instance keeps its output/,
      { launchType: 'EC2' },
    ],
  ])('explains where the log of %s is', (_, configuration, where, on) => {
    const place = destinationOf(configuration, on)
    expect(place).toMatchObject({ at: 'elsewhere', where: expect.stringMatching(where) })
    expect(JSON.stringify(place)).not.toContain('hunter2')
  })

  it('reports that the task definition or the container of a log does not exist', () => {
    expect(logDestinationOf({ task, definition: undefined }, 'api')).toMatchObject({ at: 'elsewhere' })
    expect(logDestinationOf({ task, definition: {} }, 'api')).toMatchObject({ at: 'elsewhere' })
  })
})

describe('records of FireLens', () => {
  it.each([
    ['{"log":"GET /","source":"stdout"}', 'GET /'],
    ['{"level":"error","message":"no"}', '{"level":"error","message":"no"}'],
    ['{"log":{"a":1}}', '{"log":{"a":1}}'],
    ['{ not JSON', '{ not JSON'],
    ['plain, by log_key', 'plain, by log_key'],
  ])('takes the line of the record %s', (record, line) => {
    expect(lineOf(record)).toBe(line)
  })
})
