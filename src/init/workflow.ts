import { stringify } from 'yaml'
import type { SeenCodeDeploy } from '../ports/inventory.ts'
import type { Plan, PlannedEnvironment, TestCommand } from './plan.ts'

/** Actions by the commit of a release, so that a moved tag changes nothing. */
const actions = {
  checkout: 'actions/checkout@1af3b93b6815bc44a9784bd300feb67ff0d1eeb3 # v6.0.0',
  setupNode: 'actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903 # v6.0.0',
  credentials: 'aws-actions/configure-aws-credentials@61815dcd50bd041e203e49132bacad1fd04d2708 # v5.1.1',
  login: 'aws-actions/amazon-ecr-login@062b18b96a7aff071d4dc91bc00c4c1a7945b076 # v2.0.1',
  deploy: 'aws-actions/amazon-ecs-deploy-task-definition@69e0babb4c41c63f461ab5ae3f66fd7a23bbe87a # v2.3.0',
} as const

/**
 * The deploy workflow of a plan, as YAML. It starts only on a dispatch, builds the approved commit once, deploys the image
 * by its digest, and stops if the migration fails.
 */
export function deployWorkflow(plan: Plan): string {
  return `${[head(plan), testJob(plan.tests), deployJob(plan)].filter(Boolean).join('\n\n')}\n`
}

function head(plan: Plan): string {
  const { environments, service, container, image, migration } = plan
  return `# Deploys ${service}. docs/workflow.md of twokey describes each part. Keep \`workflow_dispatch\` the only trigger unless twokey
# reviews the gate: any other trigger deploys without approvals.
name: deploy
run-name: deploy ${service} to \${{ inputs.environment }} [\${{ inputs.release_id }}]

on:
  workflow_dispatch:
    inputs:
      environment:
        description: The environment to deploy to
        type: choice
        options:
${environments.map(({ githubEnvironment }) => `          - ${scalar(githubEnvironment)}`).join('\n')}
        required: true
      sha:
        description: The commit to deploy; it must be on the branch that the workflow runs on
        type: string
        required: true
      release_id:
        description: The ID of the release in Slack, set by twokey
        type: string
        required: true

permissions:
  contents: read

# One run at a time for each environment. None is cancelled for another, neither while it deploys nor while it waits.
concurrency:
  group: deploy-\${{ inputs.environment }}
  cancel-in-progress: false
  queue: max

env:
  AWS_REGION: ${byEnvironment(environments, ({ region }) => region)}
  DEPLOY_ROLE: ${byEnvironment(environments, ({ deployRole }) => deployRole)}
  CLUSTER: ${byEnvironment(environments, ({ cluster }) => cluster)}
  SERVICE: ${byEnvironment(environments, ({ ecsService }) => ecsService)}
  # The container of the service that runs the image.
  CONTAINER: ${scalar(container)}
  IMAGE: ${scalar(image)}${codeDeployVariables(environments)}${
    migration === null
      ? ''
      : `
  # The task definition family of the migration, and its container.
  MIGRATION_FAMILY: ${scalar(migration.family)}
  MIGRATION_CONTAINER: ${scalar(migration.container)}`
  }

jobs:`
}

/** Of services that CodeDeploy deploys; those of others have none. */
function codeDeployVariables(environments: Plan['environments']): string {
  if (environments.every(({ codeDeploy }) => codeDeploy === null)) return ''
  const of = (part: keyof SeenCodeDeploy) =>
    byEnvironment(environments, ({ codeDeploy }) => String(codeDeploy?.[part] ?? ''))
  return `
  # Where CodeDeploy deploys, and the container and port behind the load balancer. ${
    environments.every(({ codeDeploy }) => codeDeploy !== null)
      ? ''
      : 'Empty: ECS deploys the service itself.'
  }
  CODEDEPLOY_APPLICATION: ${of('application')}
  CODEDEPLOY_GROUP: ${of('group')}
  BALANCED_CONTAINER: ${of('container')}
  BALANCED_PORT: ${of('port')}`
}

/** The value, or an expression that chooses it by the input `environment` if it differs. */
function byEnvironment(
  environments: Plan['environments'],
  of: (environment: PlannedEnvironment) => string,
): string {
  const [last, ...others] = environments.toReversed() as [PlannedEnvironment, ...PlannedEnvironment[]]
  if (others.every((each) => of(each) === of(last))) return scalar(of(last))
  const chosen = others
    .toReversed()
    .map((each) => `inputs.environment == ${literal(each.githubEnvironment)} && ${literal(of(each))} || `)
  return scalar(`\${{ ${chosen.join('')}${literal(of(last))} }}`)
}

/** A string in an expression of GitHub. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A string in YAML, quoted where it would otherwise be read as something else. */
function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd()
}

const testSteps: Readonly<Record<TestCommand, string>> = {
  npm: `      - uses: ${actions.setupNode}
        with:
          node-version: 24
      - name: Install
        run: npm ci
      - name: Test
        run: npm test`,
  go: `      - name: Test
        run: go test ./...`,
  maven: `      - name: Test
        run: ./mvnw --batch-mode verify`,
  gradle: `      - name: Test
        run: ./gradlew check`,
  pytest: `      - name: Install
        run: pip install --requirement requirements.txt
      - name: Test
        run: python -m pytest`,
  rake: `      - name: Install
        run: bundle install
      - name: Test
        run: bundle exec rake test`,
}

function testJob(tests: TestCommand | null): string {
  if (tests === null) return ''
  return `  test:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - name: Check out the approved commit
        uses: ${actions.checkout}
        with:
          ref: \${{ inputs.sha }}
${testSteps[tests]}`
}

function deployJob({ tests, migration, environments }: Plan): string {
  const steps = [build, ...(migration === null ? [] : [migrate]), render, ...deploySteps(environments)]
  return `  deploy:${tests === null ? '' : '\n    needs: test'}
    runs-on: ubuntu-latest
    timeout-minutes: 60
    environment: \${{ inputs.environment }}
    permissions:
      contents: read
      id-token: write
    env:
      SHA: \${{ inputs.sha }}
      RELEASE_ID: \${{ inputs.release_id }}
    steps:
      # First: every file that is used below is the approved commit's.
      - name: Check out the approved commit
        uses: ${actions.checkout}
        with:
          ref: \${{ inputs.sha }}
          fetch-depth: 0

      - name: Check that the commit is on the branch
        run: git merge-base --is-ancestor "$SHA" "origin/$GITHUB_REF_NAME"

      - name: AWS credentials
        uses: ${actions.credentials}
        with:
          role-to-assume: \${{ env.DEPLOY_ROLE }}
          aws-region: \${{ env.AWS_REGION }}

      - name: Log in to ECR
        uses: ${actions.login}

${steps.join('\n\n')}`
}

const build = `      # Each run builds its own image under its own tag, so that nothing that was pushed before is deployed in its place.
      - name: Build
        run: |
          image="$IMAGE:$SHA-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT"
          docker build --platform linux/amd64 --tag "$image" .
          docker push "$image"
          echo "IMAGE_BY_DIGEST=$(docker inspect --format '{{index .RepoDigests 0}}' "$image")" >> "$GITHUB_ENV"`

const migrate = `      # \`--started-by\` carries the ID of the release: by it twokey knows whose migration this is, and reports its exit code.
      - name: Migrate
        run: |
          aws ecs describe-task-definition --task-definition "$MIGRATION_FAMILY" --query taskDefinition > current.json
          jq --arg name "$MIGRATION_CONTAINER" --arg image "$IMAGE_BY_DIGEST" \\
            '(.containerDefinitions[] | select(.name == $name)).image = $image
            | del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy)' \\
            current.json > migration.json
          revision=$(aws ecs register-task-definition --cli-input-json file://migration.json \\
            --query taskDefinition.taskDefinitionArn --output text)
          network=$(aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" \\
            --query 'services[0].networkConfiguration')
          task=$(aws ecs run-task --cluster "$CLUSTER" --task-definition "$revision" --launch-type FARGATE \\
            --network-configuration "$network" --started-by "deploy-$SHA-$RELEASE_ID" \\
            --query 'tasks[0].taskArn' --output text)
          # One wait ends after ten minutes, whether or not the task has stopped.
          for _ in 1 2 3; do
            if aws ecs wait tasks-stopped --cluster "$CLUSTER" --tasks "$task"; then break; fi
          done
          code=$(aws ecs describe-tasks --cluster "$CLUSTER" --tasks "$task" \\
            --query "tasks[0].containers[?name=='$MIGRATION_CONTAINER'].exitCode | [0]" --output text)
          if [ "$code" != 0 ]; then
            echo "::error::The migration ended with exit code $code"
            exit 1
          fi`

const render = `      # The tag \`twokey-release\` carries the ID of the release: by it twokey knows whose rollout this is. The label carries the
      # commit, which a digest does not show.
      - name: Render the task definition
        run: |
          running=$(aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" \\
            --query 'services[0].taskDefinition' --output text)
          aws ecs describe-task-definition --task-definition "$running" --query taskDefinition \\
            | jq --arg name "$CONTAINER" --arg image "$IMAGE_BY_DIGEST" --arg sha "$SHA" --arg release "$RELEASE_ID" \\
              '(.containerDefinitions[] | select(.name == $name)) |= (.image = $image
                | .dockerLabels["org.opencontainers.image.revision"] = $sha)
              | .tags = [{key: "twokey-release", value: $release}]' \\
            > task-definition.json`

function deploySteps(environments: Plan['environments']): readonly string[] {
  const withCodeDeploy = environments.filter(({ codeDeploy }) => codeDeploy !== null)
  if (withCodeDeploy.length === 0) return [deploy]
  if (withCodeDeploy.length === environments.length) return [appSpec, codeDeploy]
  return [
    deploy.replace('\n', "\n        if: env.CODEDEPLOY_APPLICATION == ''\n"),
    appSpec.replace('\n', "\n        if: env.CODEDEPLOY_APPLICATION != ''\n"),
    codeDeploy.replace('\n', "\n        if: env.CODEDEPLOY_APPLICATION != ''\n"),
  ]
}

const appSpec = `      - name: Write the AppSpec
        run: |
          cat > appspec.yaml <<END
          version: 0.0
          Resources:
            - TargetService:
                Type: AWS::ECS::Service
                Properties:
                  TaskDefinition: <TASK_DEFINITION>
                  LoadBalancerInfo:
                    ContainerName: $BALANCED_CONTAINER
                    ContainerPort: $BALANCED_PORT
          END`

const codeDeploy = `      - name: Deploy with CodeDeploy
        uses: ${actions.deploy}
        with:
          task-definition: task-definition.json
          cluster: \${{ env.CLUSTER }}
          service: \${{ env.SERVICE }}
          codedeploy-appspec: appspec.yaml
          codedeploy-application: \${{ env.CODEDEPLOY_APPLICATION }}
          codedeploy-deployment-group: \${{ env.CODEDEPLOY_GROUP }}
          codedeploy-deployment-description: \${{ inputs.release_id }}
          wait-for-service-stability: true
          wait-for-minutes: 30`

const deploy = `      - name: Deploy
        uses: ${actions.deploy}
        with:
          task-definition: task-definition.json
          cluster: \${{ env.CLUSTER }}
          service: \${{ env.SERVICE }}
          wait-for-service-stability: true
          wait-for-minutes: 30`
