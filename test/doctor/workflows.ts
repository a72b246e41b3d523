/** Own minimal versions of forms that public repositories have. */

/** GitHub's starter workflow for ECS: all names in `env`. */
export const starter = `name: Deploy to Amazon ECS
on:
  push: { branches: [main] }
  workflow_dispatch:
env:
  AWS_REGION: ap-northeast-2
  ECS_CLUSTER: blog-cluster-prod
  ECS_SERVICE: blog-api
permissions: { id-token: write, contents: read }
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - uses: actions/checkout@v4
      - uses: aws-actions/configure-aws-credentials@v4
        with: { role-to-assume: "arn:aws:iam::123456789012:role/deploy", aws-region: "\${{ env.AWS_REGION }}" }
      - id: render
        uses: aws-actions/amazon-ecs-render-task-definition@v1
        with: { task-definition: task.json, container-name: api, image: "blog-api:\${{ github.sha }}" }
      - name: Deploy Amazon ECS task definition
        uses: aws-actions/amazon-ecs-deploy-task-definition@v2
        with:
          task-definition: \${{ steps.render.outputs.task-definition }}
          service: \${{ env.ECS_SERVICE }}
          cluster: \${{ env.ECS_CLUSTER }}
          wait-for-service-stability: true
`

/** The CLI of AWS alone: forces a deployment, and waits. */
export const byCli = `name: deploy
on: { workflow_dispatch: }
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    permissions:
      id-token: write
      contents: read
    env: { CLUSTER: blog-cluster-prod }
    steps:
      - uses: aws-actions/configure-aws-credentials@v5
        with: { role-to-assume: "arn:aws:iam::123456789012:role/deploy", aws-region: ap-northeast-2 }
      - name: Update
        run: |
          aws ecs update-service --cluster "$CLUSTER" \\
            --service blog-api --force-new-deployment
      - name: Wait
        run: aws ecs wait services-stable --cluster "$CLUSTER" --services blog-api
`

/** Access keys instead of a role: no token is needed. */
export const withKeys = byCli
  .replace('    permissions:\n      id-token: write\n      contents: read\n', '')
  .replace(
    'role-to-assume: "arn:aws:iam::123456789012:role/deploy"',
    `aws-access-key-id: "\${{ secrets.AWS_ACCESS_KEY_ID }}", aws-secret-access-key: "\${{ secrets.AWS_SECRET_ACCESS_KEY }}"`,
  )

/** Two jobs of which one calls a workflow of the repository, which deploys. */
export const caller = `name: release
on: { workflow_dispatch: }
permissions: { contents: read }
jobs:
  test: { runs-on: ubuntu-latest, steps: [{ run: make test }] }
  production:
    needs: test
    permissions: { contents: read, id-token: write }
    uses: ./.github/workflows/ecs.yml
    with: { environment: production, cluster: blog-cluster-prod }
`

export const called = `name: ecs
on:
  workflow_call:
    inputs:
      environment: { type: string, required: true }
      cluster: { type: string, required: true }
jobs:
  ship:
    runs-on: ubuntu-latest
    environment: \${{ inputs.environment }}
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with: { role-to-assume: "arn:aws:iam::123456789012:role/deploy", aws-region: ap-northeast-2 }
      - uses: aws-actions/amazon-ecs-deploy-task-definition@v2
        with: { task-definition: task.json, service: blog-api, cluster: "\${{ inputs.cluster }}" }
`

/** The deploy action runs the migration itself. */
export const runTaskAction = `name: deploy
on: { workflow_dispatch: }
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    permissions: { id-token: write, contents: read }
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with: { role-to-assume: "arn:aws:iam::123456789012:role/deploy", aws-region: ap-northeast-2 }
      - name: Migrate
        uses: aws-actions/amazon-ecs-deploy-task-definition@v2
        with: { task-definition: migrate.json, cluster: blog-cluster-prod, run-task: true, wait-for-task-stopped: true }
      - uses: aws-actions/amazon-ecs-deploy-task-definition@v2
        with: { task-definition: task.json, service: blog-api, cluster: blog-cluster-prod }
`

/** Restarts the service every night, beside the deploy workflow. */
export const nightly = `name: restart
on: { schedule: [{ cron: "0 3 * * *" }] }
jobs:
  restart:
    runs-on: ubuntu-latest
    permissions: { id-token: write }
    steps:
      - run: aws ecs update-service --cluster blog-cluster-prod --service blog-api --force-new-deployment
`
