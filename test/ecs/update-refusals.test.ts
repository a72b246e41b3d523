import { describe, expect, it } from 'vitest'
import { updateRefusal, updateRefusals } from '../../src/aws/ecs/update-refusals.ts'
import { account, prod } from './account.ts'

const revision = {
  name: 'blog-api:42',
  arn: 'arn:aws:ecs:eu-central-1:1:task-definition/blog-api:42',
  commit: null,
}

/** ECS's message from public reports, and what the advice must contain. */
const rows: readonly (readonly [string, RegExp])[] = [
  [
    'The container web does not exist in the task definition.',
    /uses container web, which blog-api:42 does not have: roll back to another/,
  ],
  [
    'The container web did not have a container port 80 defined.',
    /port 80 of container web, which blog-api:42 does not open/,
  ],
  ['A host port mapping for the container port 80 is required.', /host port for port 80/],
  [
    'The target group with targetGroupArn arn:x does not have an associated load balancer.',
    /attach it to a listener/,
  ],
  [
    'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
    /create-service-linked-role/,
  ],
  ['The specified role is invalid.', /restore it in IAM/],
  ["ECS was unable to assume the role 'arn:x' that was provided for this task.", /restore it in IAM/],
  ["The service couldn't be updated because a valid taskRoleArn is not being used.", /needs a task role/],
  ['TaskDefinition is inactive', /blog-api:42 was deregistered/],
  ['Service was not ACTIVE.', /is being deleted/],
  ['The service blog-api is not ACTIVE.', /is being deleted/],
  ["Network Configuration must be provided when networkMode 'awsvpc' is specified.", /network mode/],
  ['Task definition does not support launch_type FARGATE.', /launches tasks/],
  [
    'Unable to update task definition on services with a CODE_DEPLOY deployment controller.',
    /a tool other than ECS/,
  ],
  [
    'The Service Connect configuration names a portName that is not in the task definition',
    /Service Connect/,
  ],
  ['The volume configuration does not match the task definition.', /volumes of blog-api:42/],
  ['The target group arn:x is of another protocol.', /load balancer of the service does not fit/],
]

describe('updates that ECS refuses', () => {
  it.each(rows)('explains “%s” with advice', async (message, next) => {
    const { ecs, aws } = await account()
    const body = { __type: 'InvalidParameterException', message }
    aws.faults.queue('UpdateService', { kind: 'answer', status: 400, body })
    const { answer, reason } = (await ecs.update({
      releaseId: 'r-k3v9',
      target: prod,
      revision,
      maySend: async () => true,
    })) as {
      answer: string
      reason: string
    }
    expect(answer).toBe('refused')
    expect(reason).toContain(message.replace(/\.$/, ''))
    expect(reason).toMatch(next)
    expect(reason).not.toContain('config file')
  })

  it('every row of the table explains one of the samples', () => {
    const met = rows.map(([message]) => updateRefusals.findIndex(({ says }) => says.test(message)))
    expect([...new Set(met)].toSorted((one, other) => one - other)).toEqual([...updateRefusals.keys()])
  })

  it('advises to check the service, not the config file, if the message is unknown', async () => {
    expect(updateRefusal('It is so.', 'blog-api:42')).toBeNull()
    const { ecs, aws } = await account()
    const body = { __type: 'InvalidParameterException', message: 'It is so.' }
    aws.faults.queue('UpdateService', { kind: 'answer', status: 400, body })
    const answer = await ecs.update({
      releaseId: 'r-k3v9',
      target: prod,
      revision,
      maySend: async () => true,
    })
    expect(answer).toMatchObject({
      reason: expect.stringMatching(/look at the service in ECS, and at blog-api:42/),
    })
  })

  it('names role and permission if a role may not be passed', async () => {
    const { ecs, aws } = await account()
    const role = 'arn:aws:iam::123456789012:role/blog-api-task'
    const message = `User: arn:x is not authorized to perform: iam:PassRole on resource: ${role} because no identity-based policy allows it`
    const body = { __type: 'AccessDeniedException', message }
    aws.faults.queue('UpdateService', { kind: 'answer', status: 400, body })
    expect(
      await ecs.update({ releaseId: 'r-k3v9', target: prod, revision, maySend: async () => true }),
    ).toMatchObject({
      answer: 'refused',
      reason: expect.stringContaining(`grant iam:PassRole on ${role} to the role that twokey runs as`),
    })
  })
})
