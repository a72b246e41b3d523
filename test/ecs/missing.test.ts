import { ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { fargate } from '../../sandbox/aws/seed-world.ts'
import { app } from '../../sandbox/seed.ts'
import type { Ecs } from '../../src/ports/ports.ts'
import { type Account, account, counts, prod, source } from './account.ts'

type Ask = Parameters<Ecs['missing']>[0]

const family = 'blog-api-migrate'
const servingOf = ({ aws }: Account, ...names: readonly string[]) =>
  names.map(
    (name) =>
      aws.world.taskDefinitions.find((each) => `${each.family}:${each.revision}` === name)!.taskDefinitionArn,
  )
const ask = (here: Account, part: Partial<Ask> = {}): Ask => ({
  serving: servingOf(here, 'blog-api:43'),
  containers: ['api'],
  migration: { family },
  location: {},
  ...part,
})

const inApi = { definition: 'blog-api:43', has: ['api'] }
const inWorker = { definition: 'blog-worker:7', has: ['worker'] }

test.each<[string, Partial<Ask>, readonly object[]]>([
  ['everything is there', {}, []],
  ['the container of the migration is there', { migration: { family, container: 'migrate' } }, []],
  ['no migration, no containers', { migration: null, containers: [] }, []],
  [
    'a family without a revision',
    { migration: { family: 'blog-api-migrat' } },
    [{ missing: 'migration family', family: 'blog-api-migrat' }],
  ],
  [
    'another container of the migration',
    { migration: { family, container: 'api' } },
    [
      {
        missing: 'migration container',
        container: 'api',
        in: { definition: `${family}:12`, has: ['migrate'] },
      },
    ],
  ],
  [
    'another container of the service',
    { containers: ['api', 'web'] },
    [{ missing: 'containers', containers: ['web'], in: [inApi] }],
  ],
])('lists missing names: %s', async (_, part, expected) => {
  const here = await account()
  expect(await here.ecs.missing(ask(here, part))).toEqual(expected)
})

test('lists a container that exists in none of several targets', async () => {
  const here = await account()
  const serving = servingOf(here, 'blog-api:43', 'blog-worker:7')
  expect(await here.ecs.missing(ask(here, { serving, containers: ['api', 'worker'] }))).toEqual([])
  expect(await here.ecs.missing(ask(here, { serving, containers: ['api', 'web'] }))).toEqual([
    { missing: 'containers', containers: ['web'], in: [inApi, inWorker] },
  ])
})

test('a family with only deregistered revisions is missing, until one is registered', async () => {
  const here = await account()
  for (const each of here.aws.world.taskDefinitions) if (each.family === family) each.status = 'INACTIVE'
  const wanted = ask(here)
  expect(await here.ecs.missing(wanted)).toEqual([{ missing: 'migration family', family }])
  const anew = fargate(family, { name: 'migrate', image: 'public.ecr.aws/migrate:1' }, app.logGroup)
  await new ECSClient().send(new RegisterTaskDefinitionCommand(anew))
  expect(await here.ecs.missing(wanted)).toEqual([])
})

test.each<[string, (here: Account) => void]>([
  ['may not be read', ({ aws }) => aws.world.deny('ecs:DescribeTaskDefinition')],
  ['cannot be read', ({ aws }) => Object.assign(aws.world, { token: 'expired' })],
])('does not list as missing what %s', async (_, breaks) => {
  const here = await account()
  const wanted = ask(here, { containers: ['web'], migration: { family: 'blog-api-migrat' } })
  breaks(here)
  expect(await here.ecs.missing(wanted)).toEqual([])
})

test('does not list a container that may be in a target that cannot be read', async () => {
  const here = await account()
  const gone = 'arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-web:1'
  const serving = [...servingOf(here, 'blog-api:43'), gone]
  expect(await here.ecs.missing(ask(here, { serving, containers: ['web'] }))).toEqual([])
})

test('uses one request if what serves was read before', async () => {
  const here = await account()
  await here.ecs.before({ targets: [prod], source })
  here.aws.log.exchanges.length = 0
  await here.ecs.missing(ask(here))
  expect(counts(here)).toEqual({ DescribeTaskDefinition: 1 })
})
