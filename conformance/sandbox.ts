import { testPace } from '../sandbox/pace.ts'
import { startSandbox } from '../sandbox/sandbox.ts'
import { repository, slack as seed } from '../sandbox/seed.ts'
import type { Outside } from './outside.ts'

/** The sandbox as the outside, and how to stop it. */
export async function sandboxOutside(): Promise<{ readonly outside: Outside; close(): Promise<void> }> {
  const sandbox = await startSandbox({ pace: testPace, rates: 'off' })
  const { slack, github, aws } = sandbox
  return {
    outside: {
      slack: {
        apiUrl: slack.env.SLACK_API_URL,
        token: slack.env.SLACK_BOT_TOKEN,
        channel: seed.channel.id,
      },
      gitHub: {
        apiUrl: github.env.GITHUB_API_URL,
        token: github.env.GITHUB_TOKEN,
        repository,
        workflow: 'deploy.yml',
        branch: 'main',
      },
      aws: {
        region: aws.env.AWS_REGION,
        cluster: 'blog-cluster-prod',
        service: 'blog-api',
        endpoint: aws.url,
        credentials: {
          accessKeyId: aws.env.AWS_ACCESS_KEY_ID,
          secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY,
        },
      },
    },
    close: () => sandbox.close(),
  }
}
