import type { Party } from './assertion.ts'

/**
 * What twokey assumes and nobody has seen on the real Slack, GitHub or AWS. None of it can be tried without changing
 * something there, or without a setup that few have.
 */
export const unverified: Readonly<Record<Party['name'], readonly string[]>> = {
  Slack: [
    'Which newer blocks (card, carousel, container, data table) App Home accepts.',
    'Whether a task card survives edits at twokey’s pace, and on older phones.',
  ],
  GitHub: [
    'The permission that a GitHub App needs to read the OIDC subject of a repository.',
    'The permission that it needs to list the Apps that could be a protection rule.',
    'Whether an App whose webhook is inactive can be a protection rule.',
    'That a re-run asks at the gates again: GitHub’s documentation does not say so.',
    'Whether the API version 2026-03-10 accepts `return_run_details`.',
  ],
  AWS: [
    'Whether ECS limits RegisterTaskDefinition by family in a policy.',
    'Whether an update to a revision that exists needs iam:PassRole.',
    'Which resource ListTasks takes in a policy for Fargate.',
    'Whether STS has the claim job_workflow_ref in tokens of jobs without a reusable workflow.',
    'That a thumbprint is optional in every version of Terraform and CloudFormation.',
    'When ECS fills in `currentServiceDeployment` of a service.',
    'The sentence in which Fargate says that a subnet has no free IP address.',
    'What an update of a service does to a canary or linear rollout in progress.',
    'The names of the fields of an event ECS Hook State Change.',
    'How long after a change its event arrives.',
    'That ListServiceDeployments is empty for services that CodeDeploy deploys.',
    'What the status Baking of a CodeDeploy deployment means.',
    'That services behind a Network Load Balancer move all of their traffic at once with CodeDeploy.',
    'That a deployment of CodeDeploy needs no iam:PassRole of its caller.',
    'Whether ECR reports images that a lifecycle policy is about to delete.',
    'For CodePipeline, which twokey does not use yet: how long a request token is remembered; the lengths of tokens, summaries and reasons; how many executions may wait; the ID of the ECS action; whether it needs ecs:TagResource.',
  ],
}
