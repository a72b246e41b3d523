import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readAppSpec } from '../../src/aws/codedeploy/app-spec.ts'

const yaml = `
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: arn:aws:ecs:eu-west-1:123456789012:task-definition/blog-api:44
        LoadBalancerInfo:
          ContainerName: api
          ContainerPort: 8080
        PlatformVersion: LATEST
Hooks:
  - BeforeAllowTraffic: check
`

describe('an AppSpec', () => {
  it('an AppSpec is read from YAML with its container and port', () => {
    expect(readAppSpec(yaml)).toMatchObject({
      taskDefinition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/blog-api:44',
      containerName: 'api',
      containerPort: 8080,
    })
  })

  it('an AppSpec is read from JSON whose keys are in lower case', () => {
    const properties = {
      taskDefinition: 'blog-api:44',
      loadBalancerInfo: { containerName: 'api', containerPort: '80' },
    }
    const content = JSON.stringify({
      version: 1,
      resources: [{ TargetService: { type: 'AWS::ECS::Service', properties } }],
    })
    expect(readAppSpec(content)).toMatchObject({ taskDefinition: 'blog-api:44', containerPort: 80 })
  })

  it('an AppSpec keeps hooks, platform version and load balancer with another task definition, under its own hash', () => {
    const { content, sha256 } = readAppSpec(yaml)!.with('blog-api:42')
    expect(JSON.parse(content)).toEqual({
      version: 0,
      Resources: [
        {
          TargetService: {
            Type: 'AWS::ECS::Service',
            Properties: {
              TaskDefinition: 'blog-api:42',
              LoadBalancerInfo: { ContainerName: 'api', ContainerPort: 8080 },
              PlatformVersion: 'LATEST',
            },
          },
        },
      ],
      Hooks: [{ BeforeAllowTraffic: 'check' }],
    })
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'))
  })

  it.each([
    ['one for EC2', 'version: 0.0\nos: linux\nfiles: []'],
    [
      'one for a Lambda function',
      'version: 0.0\nResources:\n  - f: {Type: AWS::Lambda::Function, Properties: {Name: f}}',
    ],
    ['two services', `${yaml.split('Hooks')[0]}  - Other: {Properties: {TaskDefinition: x}}`],
    ['no YAML', '{{'],
    ['nothing', ''],
  ])('no AppSpec is read from %s', (_, content) => {
    expect(readAppSpec(content)).toBeNull()
  })
})
