import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const source = globSync('src/aws/**/*.ts')
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

test.each([
  ['deregisters a task definition (fabfuel/ecs-deploy#185, ecspresso#673)', /deregisterTaskDefinition/i],
  ['deletes a task definition or a service', /delete(?:TaskDefinitions|Service)\b/i],
  ['discovers applications of CodeDeploy (ecspresso#403)', /list(?:Applications|DeploymentGroups)\b/i],
])('no request to AWS %s', (_, operation) => {
  expect(source).toMatch(/describeServices\(/)
  expect(source).not.toMatch(operation)
})
