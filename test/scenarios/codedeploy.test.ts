import { describe, expect } from 'vitest'
import { appSpecOf, deployByCodeDeploy, type WantedGroup } from '../../sandbox/aws/codedeploy/seed.ts'
import { person } from '../../sandbox/github/people.ts'
import { type Harness, scenario } from './harness.ts'

const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const

const codeDeployOf = ({ sandbox }: Harness) => sandbox.aws.world.codeDeploy

/** Makes CodeDeploy deploy blog-api in prod, with an AppSpec in its repository. @param minute of CodeDeploy's waits, ms */
function codeDeployed({ sandbox }: Pick<Harness, 'sandbox'>, wanted: WantedGroup = {}, minute = 60): void {
  const { world } = sandbox.aws
  world.codeDeploy.minute = minute
  const service = world.service(prod.cluster, prod.service)!
  deployByCodeDeploy(world, service, wanted)
  const files = { 'appspec.yaml': appSpecOf(service, '<TASK_DEFINITION>', wanted.hooks) }
  commit({ sandbox }, 'Deploy by CodeDeploy', files)
}

function commit(
  { sandbox }: Pick<Harness, 'sandbox'>,
  message: string,
  files: Readonly<Record<string, string>>,
): void {
  const date = new Date().toISOString()
  sandbox.github.world.repository().commit('main', { message, author: person('Ana'), date, files })
}

describe.concurrent('a service that CodeDeploy deploys', () => {
  scenario(
    'follows a deploy by CodeDeploy to success, and its rollback deployment to the end',
    async ({ harness }) => {
      const hooks = { AfterAllowTraffic: 'check' }
      codeDeployed(harness, { hooks, terminationMinutes: 1 })
      await harness.approved()
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:44')
      const [deployed] = codeDeployOf(harness).deployments
      expect(deployed).toMatchObject({ status: 'Succeeded', creator: 'user' })

      codeDeployOf(harness).outcomes.next({
        kind: 'hook-fails',
        event: 'AfterAllowTraffic',
        message: 'exited 1',
      })
      commit(harness, 'Show the author', {})
      await harness.approved()
      expect(await harness.ends()).toBe('rolled back')
      expect(harness.serving()).toBe('blog-api:44')
      await harness.threadPost(/the hook AfterAllowTraffic failed \(exited 1\)/)
    },
  )
})
