import { deployWorkflow } from '../../sandbox/github/workflow-file.ts'

/**
 * The evidence by which the rollout of a run may be recognized, each in the sandbox's own workflow without any other
 * evidence. `log`: next to a manual rollout during the run.
 */
export const evidences = ['tag', 'commit', 'log', 'time'] as const

/** How the release may end, each with the text of its card. */
export const ends = {
  'its rollout succeeds': 'succeeded',
  'its rollout fails, the breaker takes it back': 'rolled back',
  'without a wait its run ends well, the rollout does not': 'rolled back',
  'its migration fails': 'failed',
} as const

const workflow = deployWorkflow({ on: ['workflow_dispatch'] })
const unnamed = (text: string) => text.replace(/IMAGE: (.*:).*/, 'IMAGE: $1nightly')
const untagged = (text: string) => text.replace(/RELEASE_ID: .*/, 'RELEASE_ID: ""')

/** Nothing that the workflow leaves in ECS names the release or the commit. */
export const silent = untagged(unnamed(workflow))

/**
 * The same, with a script that prints what it registered.
 * @param words what else it prints
 */
export function speaking(words = 'Registered'): string {
  return silent.replace(
    / {6}- name: Deploy\n[\s\S]*?(?= {6}- name: Smoke test)/,
    () => `      - name: Deploy
        run: |
          jq 'del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy)' \\
            task-definition.json > registrable.json
          revision=$(aws ecs register-task-definition --cli-input-json file://registrable.json \\
            --query taskDefinition.taskDefinitionArn --output text)
          echo "${words} $revision"
          aws ecs update-service --cluster "$CLUSTER" --service "$SERVICE" --task-definition "$revision" \\
            --query service.serviceName
          aws ecs wait services-stable --cluster "$CLUSTER" --services "$SERVICE"

`,
  )
}

/** A workflow with only this evidence of its rollout. */
export const telling: Readonly<Record<(typeof evidences)[number], string>> = {
  tag: unnamed(workflow),
  commit: untagged(workflow),
  log: speaking(),
  time: silent,
}
