import type {
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs'
import { z } from 'zod'
import { arn } from './arn.ts'
import { invalidParameter } from './error.ts'
import type { LogStreamState } from './log-store.ts'
import { operation, page, text } from './operation.ts'

const size = (stream: LogStreamState) =>
  stream.lines.reduce((total, line) => total + line.message.length + 26, 0)

type GroupRequest = { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }

/** The name of the log group. Exactly one of its name and its identifier (name or ARN) must be given. */
function groupName({ logGroupName, logGroupIdentifier }: GroupRequest): string {
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw invalidParameter('Exactly one of logGroupName and logGroupIdentifier must be given.')
  }
  const [, fromArn] = /:log-group:([^:]+)/.exec(logGroupIdentifier ?? '') ?? []
  return logGroupName ?? fromArn ?? logGroupIdentifier!
}

const group = { logGroupName: text.optional(), logGroupIdentifier: text.optional() }
const period = { startTime: z.int().min(0).optional(), endTime: z.int().min(0).optional() }

const GetLogEvents = operation<GetLogEventsRequest, GetLogEventsResponse>(
  {
    ...group,
    ...period,
    logStreamName: text,
    nextToken: text.optional(),
    limit: z.int().min(1).max(10_000).optional(),
    startFromHead: z.boolean().optional(),
    unmask: z.boolean().optional(),
  },
  (world, request) => {
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY, limit = 10_000 } = request
    const lines = world.logs
      .lines(groupName(request), request.logStreamName!, Date.now())
      .filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime)
    const [from, to] = span(lines.length, limit, request)
    return {
      events: lines.slice(from, to),
      nextForwardToken: `f/${to}`,
      nextBackwardToken: `b/${from}`,
    }
  },
)

/** The range of lines: after a forward token, before a backward token, or else from the head or the tail. */
function span(
  length: number,
  limit: number,
  { nextToken, startFromHead }: GetLogEventsRequest,
): [number, number] {
  if (nextToken === undefined) {
    return startFromHead ? [0, Math.min(limit, length)] : [Math.max(0, length - limit), length]
  }
  const [, direction, position] = /^([fb])\/(\d+)$/.exec(nextToken) ?? []
  if (direction === undefined) throw invalidParameter('The specified nextToken is invalid.')
  const at = Math.min(Number(position), length)
  return direction === 'f' ? [at, Math.min(at + limit, length)] : [Math.max(0, at - limit), at]
}

const DescribeLogStreams = operation<DescribeLogStreamsRequest, DescribeLogStreamsResponse>(
  {
    ...group,
    logStreamNamePrefix: text.optional(),
    orderBy: z.enum(['LogStreamName', 'LastEventTime']).optional(),
    descending: z.boolean().optional(),
    nextToken: text.optional(),
    limit: z.int().min(1).max(50).optional(),
  },
  (world, request) => {
    const { logStreamNamePrefix = '', orderBy = 'LogStreamName', descending = false } = request
    if (orderBy === 'LastEventTime' && logStreamNamePrefix) {
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.')
    }
    const name = groupName(request)
    const last = (stream: LogStreamState) => stream.lines.at(-1)?.timestamp ?? 0
    const found = world.logs
      .streams(name, Date.now())
      .filter((stream) => stream.name.startsWith(logStreamNamePrefix))
      .toSorted((a, b) => (orderBy === 'LastEventTime' ? last(a) - last(b) : a.name.localeCompare(b.name)))
    const { limit, nextToken: from } = request
    const ordered = descending ? found.toReversed() : found
    const { items, nextToken } = page(world, ordered, { maxResults: limit, nextToken: from, size: 50 })
    return {
      logStreams: items.map((stream) => ({
        logStreamName: stream.name,
        creationTime: stream.createdAt,
        firstEventTimestamp: stream.lines[0]?.timestamp,
        lastEventTimestamp: last(stream),
        lastIngestionTime: stream.lines.at(-1)?.ingestionTime,
        arn: `${arn.logGroup(world.site, name)}:log-stream:${stream.name}`,
        storedBytes: 0,
      })),
      nextToken,
    }
  },
)

const DescribeLogGroups = operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse>(
  {
    accountIdentifiers: z.array(text).max(20).optional(),
    logGroupNamePrefix: text.optional(),
    logGroupNamePattern: text.optional(),
    nextToken: text.optional(),
    limit: z.int().min(1).max(50).optional(),
    includeLinkedAccounts: z.boolean().optional(),
    logGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY']).optional(),
    logGroupIdentifiers: z.array(text).max(50).optional(),
  },
  (world, request) => {
    const { logGroupNamePrefix = '', logGroupNamePattern = '' } = request
    if (logGroupNamePrefix && logGroupNamePattern) {
      throw invalidParameter('logGroupNamePrefix and logGroupNamePattern exclude each other.')
    }
    const named = request.logGroupIdentifiers?.map((logGroupIdentifier) => groupName({ logGroupIdentifier }))
    const found = [...world.logs.groups.values()]
      .filter(({ name }) => name.startsWith(logGroupNamePrefix))
      .filter(({ name }) => name.toLowerCase().includes(logGroupNamePattern.toLowerCase()))
      .filter(({ name }) => named?.includes(name) ?? true)
      .toSorted((a, b) => a.name.localeCompare(b.name))
    const { items, nextToken } = page(world, found, {
      maxResults: request.limit,
      nextToken: request.nextToken,
      size: 50,
    })
    return {
      logGroups: items.map(({ name, createdAt, streams }) => ({
        logGroupName: name,
        creationTime: createdAt,
        retentionInDays: 30,
        metricFilterCount: 0,
        arn: `${arn.logGroup(world.site, name)}:*`,
        logGroupArn: arn.logGroup(world.site, name),
        logGroupClass: 'STANDARD',
        storedBytes: [...streams.values()].reduce((total, stream) => total + size(stream), 0),
      })),
      nextToken,
    }
  },
)

const FilterLogEvents = operation<FilterLogEventsRequest, FilterLogEventsResponse>(
  {
    ...group,
    ...period,
    logStreamNames: z.array(text).min(1).max(100).optional(),
    logStreamNamePrefix: text.optional(),
    filterPattern: z.string().max(1024).optional(),
    nextToken: text.optional(),
    limit: z.int().min(1).max(10_000).optional(),
    startFromHead: z.boolean().optional(),
    interleaved: z.boolean().optional(),
    unmask: z.boolean().optional(),
  },
  (world, request) => {
    const { logStreamNames, logStreamNamePrefix = '', filterPattern = '' } = request
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY } = request
    if (logStreamNames && logStreamNamePrefix) {
      throw invalidParameter('logStreamNames and logStreamNamePrefix exclude each other.')
    }
    const now = Date.now()
    const terms = filterPattern.match(/"[^"]*"|\S+/g)?.map((term) => term.replaceAll('"', '')) ?? []
    const found = world.logs
      .streams(groupName(request), now)
      .filter(({ name }) => logStreamNames?.includes(name) ?? name.startsWith(logStreamNamePrefix))
      .flatMap(({ name, lines }) =>
        lines.map((line, index) => ({ ...line, logStreamName: name, eventId: `${line.timestamp}-${index}` })),
      )
      .filter(({ ingestionTime }) => ingestionTime <= now)
      .filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime)
      .filter(({ message }) => terms.every((term) => message.includes(term)))
      .toSorted((a, b) => a.timestamp - b.timestamp)
    const { limit, nextToken: from } = request
    const { items, nextToken } = page(world, found, { maxResults: limit, nextToken: from, size: 10_000 })
    return { events: items, searchedLogStreams: [], nextToken }
  },
)

export const logOperations = {
  GetLogEvents,
  DescribeLogStreams,
  DescribeLogGroups,
  FilterLogEvents,
}
