import { createHash } from 'node:crypto'
import { CodeDeploy } from '@aws-sdk/client-codedeploy'
import type { CodeDeployment } from '../../sandbox/aws/codedeploy/model.ts'
import { appSpecOf, deployByCodeDeploy, type WantedGroup } from '../../sandbox/aws/codedeploy/seed.ts'
import type { AskOf } from '../../src/release/look.ts'
import type { RolloutSighting } from '../../src/release/sighting.ts'
import { type Account, account, look, prod } from '../ecs/account.ts'

/** An account whose service is deployed by CodeDeploy, with what a workflow does there. */
export type CodeDeployAccount = Account & {
  readonly since: number
  /** Deploys a revision as a workflow would; returns the ID of the deployment. */
  deploy(number: number): Promise<string>
  state(id: string): CodeDeployment
  /** The deployment as twokey sees it once that is as wanted. */
  seen(ask: Pick<AskOf<'rollouts'>['targets'][number], 'arn'>, verdict: string): Promise<RolloutSighting>
}

export const names = {
  applicationName: 'AppECS-blog-cluster-prod-blog-api',
  deploymentGroupName: 'DgpECS-blog-cluster-prod-blog-api',
} as const

export async function codeDeployAccount(
  wanted: WantedGroup = {},
  { minute = 60, ...settings }: { minute?: number; paceMs?: number } = {},
): Promise<CodeDeployAccount> {
  const opened = await account({ settleMs: 200, ...settings })
  const { aws, ecs } = opened
  aws.world.codeDeploy.minute = minute
  const service = aws.world.service(prod.cluster, prod.service)!
  deployByCodeDeploy(aws.world, service, wanted)
  const client = new CodeDeploy({ endpoint: aws.url, region: aws.env.AWS_REGION })
  const since = Date.now() - 60_000
  return {
    ...opened,
    since,
    async deploy(number) {
      const { taskDefinitionArn } = aws.world.taskDefinitions.find(
        ({ family, revision }) => family === 'blog-api' && revision === number,
      )!
      const content = appSpecOf(service, taskDefinitionArn, wanted.hooks)
      const sha256 = createHash('sha256').update(content).digest('hex')
      const revision = { revisionType: 'AppSpecContent' as const, appSpecContent: { content, sha256 } }
      return (await client.createDeployment({ ...names, revision })).deploymentId!
    },
    state: (id) => aws.world.codeDeploy.deployment(id)!,
    async seen({ arn }, verdict) {
      for (;;) {
        const [target] = await ecs.rollouts(look(since, arn))
        const found = target?.rollouts.find((each) => each.arn === arn) ?? target?.rollouts[0]
        if (found?.verdict === verdict) return found
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
  }
}
