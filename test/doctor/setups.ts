import { audience, gitHubIssuer } from '../../src/iam/issuer.ts'
import { config, definition, edited, type Parts, registry, sandboxWorkflow, trustPolicy } from './parts.ts'
import { byCli, called, caller, nightly, runTaskAction, starter, withKeys } from './workflows.ts'

/** The pitfalls and leaks that doctor has to find, as docs/doctor.md names them. */
export const faults = [
  'AssumeRole is refused',
  'nobody reads the exit code of the migration',
  'an image is `latest`',
  'a subnet has no free IP address',
  'the grace period is too short',
  'a job keeps its token from before a change',
  'the job waits too short',
  'the trust policy lets a job pass by the gate',
  'administrators bypass the gate',
  'any branch may deploy',
  'two workflows deploy the same service',
  'a later run cancels the deploy job',
  'nobody can approve',
  'twokey is not in the channel',
  'permissions of the GitHub App are missing',
  'a secret is in plain text',
  'an image is gone or archived',
  'a log group is missing',
  'a secret cannot be read',
  'the clock is wrong',
  'something that twokey.yml names does not exist',
] as const

export type Fault = (typeof faults)[number]

export type Broken = {
  readonly fault: Fault
  /** What is wrong, in addition to "a setup where". */
  readonly title: string
  readonly parts: Parts
  /** The checks that find something, and no others. */
  readonly finds: readonly string[]
}

const aud = `${gitHubIssuer}:aud`
const sub = `${gitHubIssuer}:sub`

const pipeline = sandboxWorkflow('pipeline.yml')
const [api] = definition.containerDefinitions!
const container = (change: object): Parts => ({
  definition: { containerDefinitions: [{ ...api!, ...change }] },
})
const workflow = (text: string, others: Readonly<Record<string, string>> = {}): Parts => ({
  workflows: { 'deploy.yml': text, ...others },
})
const variable = (name: string, value: string) => container({ environment: [{ name, value }] })

export const broken: readonly Broken[] = [
  {
    fault: 'AssumeRole is refused',
    title: 'the job has no id-token: write',
    parts: workflow(edited(pipeline, ['      id-token: write\n', ''])),
    finds: ['id-token'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'a block of the job replaces the permissions of the workflow',
    parts: workflow(
      edited(starter, [
        '    environment: production',
        '    environment: production\n    permissions: { contents: read }',
      ]),
    ),
    finds: ['id-token'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'no permissions are set at all',
    parts: workflow(edited(starter, ['permissions: { id-token: write, contents: read }\n', ''])),
    finds: ['id-token'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'the caller of a reusable workflow does not grant the token',
    parts: workflow(edited(caller, [', id-token: write', '']), { 'ecs.yml': called }),
    finds: ['id-token'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'the role trusts the branch, and the job names an environment',
    parts: {
      trust: trustPolicy({
        StringEquals: { [aud]: audience, [sub]: 'repo:myorg/blog-api:ref:refs/heads/main' },
      }),
    },
    finds: ['assume-role', 'trust-leak'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'the names of the environments differ by case',
    parts: {
      trust: trustPolicy({
        StringEquals: { [aud]: audience, [sub]: 'repo:myorg/blog-api:environment:Production' },
      }),
    },
    finds: ['assume-role'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'a wildcard is under StringEquals',
    parts: { trust: trustPolicy({ StringEquals: { [aud]: audience, [sub]: 'repo:myorg/blog-api:*' } }) },
    finds: ['assume-role'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'the subjects of the repository contain IDs',
    parts: { subject: { prefix: 'repo:myorg@4321/blog-api@701234567' } },
    finds: ['assume-role'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'the repository has a template for subjects',
    parts: { subject: { claims: ['repo', 'ref'] } },
    finds: ['assume-role'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'the account has no OIDC provider',
    parts: { audiences: null },
    finds: ['oidc-provider'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'the provider does not accept the audience',
    parts: { audiences: ['https://github.com/myorg'] },
    finds: ['oidc-provider'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'IAM has no such role',
    parts: { trust: null },
    finds: ['deploy-role'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'the job asks for a longer session than the role allows',
    parts: workflow(
      edited(pipeline, [
        '          role-to-assume:',
        '          role-duration-seconds: 7200\n          role-to-assume:',
      ]),
    ),
    finds: ['session-time'],
  },
  {
    fault: 'AssumeRole is refused',
    title: 'nothing shows which role it is',
    parts: workflow(
      edited(pipeline, ['arn:aws:iam::123456789012:role/github-actions-deploy', `\${{ secrets.AWS_ROLE }}`]),
    ),
    finds: ['deploy-role'],
  },
  ...(
    [
      ['everything of the repository', { StringLike: { [aud]: audience, [sub]: 'repo:myorg/blog-api:*' } }],
      ['everything of the organization', { StringLike: { [aud]: audience, [sub]: 'repo:myorg/*' } }],
      ['every repository of GitHub', { StringLike: { [sub]: 'repo:*' } }],
      ['every token of GitHub', { StringEquals: { [aud]: audience } }],
      [
        'a repository whose name begins the same',
        { StringLike: { [aud]: audience, [sub]: 'repo:myorg/blog-api*' } },
      ],
      [
        'tokens without a subject, by ForAllValues',
        { 'ForAllValues:StringLike': { [sub]: 'repo:myorg/blog-api:*', [aud]: audience } },
      ],
      [
        'the environment and also the branch',
        {
          StringEquals: {
            [aud]: audience,
            [sub]: ['repo:myorg/blog-api:environment:production', 'repo:myorg/blog-api:ref:refs/heads/main'],
          },
        },
      ],
    ] as const
  ).map(
    ([title, conditions]): Broken => ({
      fault: 'the trust policy lets a job pass by the gate',
      title: `it trusts ${title}`,
      parts: { trust: trustPolicy(conditions) },
      finds: ['trust-leak'],
    }),
  ),
  {
    fault: 'the trust policy lets a job pass by the gate',
    title: 'a second statement trusts pull requests',
    parts: {
      trust: {
        Version: '2012-10-17',
        Statement: [
          ...trustPolicy().Statement,
          ...trustPolicy({ StringEquals: { [aud]: audience, [sub]: 'repo:myorg/blog-api:pull_request' } })
            .Statement,
        ],
      },
    },
    finds: ['trust-leak'],
  },
  {
    fault: 'the trust policy lets a job pass by the gate',
    title: 'a statement allows all actions but one, to everything of the repository',
    parts: {
      trust: {
        Version: '2012-10-17',
        Statement: [
          ...trustPolicy({ StringLike: { [sub]: 'repo:myorg/blog-api:*' } }).Statement.map(
            ({ Action: _, ...rest }) => ({
              ...rest,
              NotAction: 'sts:TagSession',
            }),
          ),
        ],
      },
    },
    finds: ['trust-leak'],
  },
  {
    fault: 'a job keeps its token from before a change',
    title: 'the last run failed at its sign-in, and the role lets the job in now',
    parts: {
      failed: {
        run: 'https://github.com/myorg/blog-api/actions/runs/42',
        step: 'Configure AWS credentials',
        at: 1_790_000_000_000,
      },
    },
    finds: ['stale-token'],
  },
  {
    fault: 'a subnet has no free IP address',
    title: 'the subnets are full',
    parts: { free: [0, 1] },
    finds: ['free-addresses'],
  },
  {
    fault: 'a subnet has no free IP address',
    title: 'one of the subnets is full',
    parts: { free: [0, 200] },
    finds: ['free-addresses'],
  },
  {
    fault: 'a subnet has no free IP address',
    title: 'a service of many tasks needs more than there are',
    parts: { service: { desiredCount: 40 }, free: [20, 20] },
    finds: ['free-addresses'],
  },
  {
    fault: 'the grace period is too short',
    title: 'the container may take longer than the load balancer waits',
    parts: container({ healthCheck: { command: ['CMD', 'true'], startPeriod: 120 } }),
    finds: ['grace-period'],
  },
  {
    fault: 'the grace period is too short',
    title: 'there is none, and ECS reports unhealthy tasks',
    parts: {
      service: {
        healthCheckGracePeriodSeconds: 0,
        events: [
          {
            message:
              '(service blog-api) (port 8080) is unhealthy in (target-group arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/blog-api/0123456789abcdef) due to (reason Health checks failed)',
          },
        ],
      },
    },
    finds: ['grace-period'],
  },
  {
    fault: 'an image is gone or archived',
    title: 'the lifecycle policy has deleted the image',
    parts: { lostImages: [{ container: 'api', image: `${registry}/blog-api:3f2c1ab`, is: 'missing' }] },
    finds: ['images-stored'],
  },
  {
    fault: 'an image is gone or archived',
    title: 'the image is in the archive',
    parts: { lostImages: [{ container: 'api', image: `${registry}/blog-api:3f2c1ab`, is: 'archived' }] },
    finds: ['images-stored'],
  },
  {
    fault: 'a log group is missing',
    title: 'nobody has created the log group',
    parts: { missingLogGroups: ['/ecs/blog-api'] },
    finds: ['log-group'],
  },
  {
    fault: 'a secret cannot be read',
    title: 'Secrets Manager has no such secret',
    parts: { secrets: [{ name: 'blog/db', is: 'missing' }] },
    finds: ['secrets'],
  },
  {
    fault: 'a secret cannot be read',
    title: 'the secret is about to be deleted',
    parts: { secrets: [{ name: 'blog/db', is: 'deleted' }] },
    finds: ['secrets'],
  },
  {
    fault: 'a secret cannot be read',
    title: 'the execution role may not read it',
    parts: { refusedSecrets: ['blog/db'] },
    finds: ['secrets'],
  },
  {
    fault: 'the clock is wrong',
    title: 'this machine is two minutes ahead',
    parts: { clockAheadMs: 120_000 },
    finds: ['clock'],
  },
  {
    fault: 'nobody reads the exit code of the migration',
    title: 'the script waits for the task, and goes on',
    parts: workflow(pipeline.replace(/\n {10}EXIT_CODE=[\s\S]*?\n {10}fi\n/, '\n')),
    finds: ['migration-exit-code'],
  },
  {
    fault: 'nobody reads the exit code of the migration',
    title: 'the deploy action starts the task, and does not wait for it',
    parts: workflow(edited(runTaskAction, [', wait-for-task-stopped: true', ''])),
    finds: ['migration-exit-code'],
  },
  {
    fault: 'an image is `latest`',
    title: 'the container runs the tag latest',
    parts: container({ image: `${registry}/blog-api:latest` }),
    finds: ['mutable-image'],
  },
  {
    fault: 'an image is `latest`',
    title: 'the container names no tag',
    parts: container({ image: `${registry}/blog-api` }),
    finds: ['mutable-image'],
  },
  {
    fault: 'an image is `latest`',
    title: 'an image of a registry with a port names no tag',
    parts: container({ image: 'registry.example.com:5000/blog/api' }),
    finds: ['mutable-image'],
  },
  {
    fault: 'an image is `latest`',
    title: 'tasks of a deployment may run different images of a tag',
    parts: container({ versionConsistency: 'disabled' }),
    finds: ['mutable-image'],
  },
  {
    fault: 'an image is `latest`',
    title: 'the migration runs latest',
    parts: {
      migration: {
        family: 'blog-api-migrate',
        containerDefinitions: [{ ...api!, name: 'migrate', image: `${registry}/blog-api:latest` }],
      },
    },
    finds: ['mutable-image'],
  },
  {
    fault: 'the job waits too short',
    title: 'rollouts take longer than wait-for-minutes',
    parts: { rolloutMinutes: [17, 12] },
    finds: ['wait-time'],
  },
  {
    fault: 'the job waits too short',
    title: 'the waiter of the CLI gives up after ten minutes',
    parts: { ...workflow(byCli), rolloutMinutes: [9] },
    finds: ['wait-time'],
  },
  {
    fault: 'the job waits too short',
    title: 'the job ends before its wait does',
    parts: {
      ...workflow(edited(pipeline, ['timeout-minutes: 40', 'timeout-minutes: 8'])),
      rolloutMinutes: [7],
    },
    finds: ['wait-time'],
  },
  {
    fault: 'administrators bypass the gate',
    title: 'the environment lets administrators bypass it',
    parts: {
      environment: { administratorsBypass: true, rules: 1, branches: ['main'] },
      gate: { gate: 'twokey', bypass: 'administrators' },
    },
    finds: ['administrators-bypass', 'gate'],
  },
  {
    fault: 'administrators bypass the gate',
    title: 'the environment has no rule to bypass: everybody does',
    parts: {
      environment: { administratorsBypass: true, rules: 0, branches: ['main'] },
      gate: { gate: 'open' },
    },
    finds: ['gate'],
  },
  {
    fault: 'any branch may deploy',
    title: 'the environment has no branch policy',
    parts: { environment: { administratorsBypass: false, rules: 1, branches: 'all' } },
    finds: ['branch-policy'],
  },
  {
    fault: 'any branch may deploy',
    title: 'a pattern of the branch policy matches everything',
    parts: { environment: { administratorsBypass: false, rules: 1, branches: ['main', '**'] } },
    finds: ['branch-policy'],
  },
  {
    fault: 'two workflows deploy the same service',
    title: 'a nightly restart updates the service',
    parts: workflow(pipeline, { 'nightly.yml': nightly }),
    finds: ['one-workflow'],
  },
  {
    fault: 'two workflows deploy the same service',
    title: 'the old workflow is still there',
    parts: workflow(pipeline, { 'aws.yml': starter }),
    finds: ['one-workflow'],
  },
  {
    fault: 'a later run cancels the deploy job',
    title: 'the concurrency of the workflow cancels',
    parts: workflow(edited(pipeline, ['cancel-in-progress: false', 'cancel-in-progress: true'])),
    finds: ['cancel-in-progress'],
  },
  {
    fault: 'a later run cancels the deploy job',
    title: 'the job cancels by an expression that is true on the branch',
    parts: workflow(
      edited(byCli, [
        '    environment: production\n',
        `    environment: production\n    concurrency: { group: deploy, cancel-in-progress: "\${{ github.ref_name == 'main' }}" }\n`,
      ]),
    ),
    finds: ['cancel-in-progress'],
  },
  {
    fault: 'nobody can approve',
    title: 'the user group is empty',
    parts: { groupMembers: 0, eligible: 0 },
    finds: ['approver-group', 'enough-approvers'],
  },
  {
    fault: 'nobody can approve',
    title: 'one person may approve, and two are needed',
    parts: { eligible: 1 },
    finds: ['enough-approvers'],
  },
  {
    fault: 'twokey is not in the channel',
    title: 'twokey was not invited',
    parts: { channel: { isMember: false } },
    finds: ['channel'],
  },
  {
    fault: 'twokey is not in the channel',
    title: 'the channel is archived',
    parts: { channel: { isArchived: true } },
    finds: ['channel'],
  },
  {
    fault: 'twokey is not in the channel',
    title: 'Slack does not show the channel',
    parts: { channel: null },
    finds: ['channel'],
  },
  {
    fault: 'permissions of the GitHub App are missing',
    title: 'the App may not write actions',
    parts: { account: { is: 'app', slug: 'twokey', lacks: ['actions: write'] } },
    finds: ['github-account'],
  },
  ...(
    [
      ['DB_PASSWORD', 'correct-horse-battery'],
      ['STRIPE_KEY', `sk_live_${'4eC39HqLyjWDarjtT1'}`],
      ['DATABASE_URL', 'postgres://blog:hunter2hunter2@db.internal:5432/blog'],
      ['SESSION_SECRET', 'b7f3c1'],
    ] as const
  ).map(
    ([name, value]): Broken => ({
      fault: 'a secret is in plain text',
      title: `the variable ${name} has its value in the task definition`,
      parts: variable(name, value),
      finds: ['plain-secrets'],
    }),
  ),
  {
    fault: 'something that twokey.yml names does not exist',
    title: 'the workflow is not on the branch',
    parts: { workflows: {} },
    finds: ['workflow-file'],
  },
  {
    fault: 'something that twokey.yml names does not exist',
    title: 'the workflow is no YAML',
    parts: workflow('on: workflow_dispatch\njobs:\n  deploy: [\n'),
    finds: ['workflow-file'],
  },
  {
    fault: 'something that twokey.yml names does not exist',
    title: 'ECS has no such service',
    parts: { service: null },
    finds: ['service'],
  },
  {
    fault: 'something that twokey.yml names does not exist',
    title: 'another tool deploys the service',
    parts: { service: { deploymentController: { type: 'EXTERNAL' } } },
    finds: ['service'],
  },
  {
    fault: 'something that twokey.yml names does not exist',
    title: 'GitHub has no such environment',
    parts: { environment: null, gate: { gate: 'open' } },
    finds: ['environment', 'gate'],
  },
  {
    fault: 'something that twokey.yml names does not exist',
    title: 'the migration has no task definition',
    parts: { migration: null },
    finds: ['migration-family'],
  },
]

/** Setups in which doctor must find nothing. */
export const healthy: Readonly<Record<string, Parts>> = {
  'the pipeline of a team': {},
  'a pipeline whose environment GitHub evaluates': workflow(sandboxWorkflow('deploy.yml')),
  "GitHub's starter workflow": workflow(starter),
  'the CLI of AWS alone': { ...workflow(byCli), rolloutMinutes: [3] },
  'access keys instead of a role': { ...workflow(withKeys), rolloutMinutes: [3] },
  'a reusable workflow that deploys': workflow(caller, { 'ecs.yml': called }),
  'the deploy action runs the migration': workflow(runTaskAction),
  'a second workflow for another cluster': workflow(pipeline, {
    'dev.yml': edited(starter, ['blog-cluster-prod', 'blog-cluster-dev']),
  }),
  'a second workflow that only tests': workflow(pipeline, {
    'test.yml': 'on: pull_request\njobs: { test: { runs-on: ubuntu-latest, steps: [{ run: make test }] } }\n',
  }),
  'a concurrency that cancels on other branches': workflow(
    edited(pipeline, ['cancel-in-progress: false', `cancel-in-progress: \${{ github.ref_name != 'main' }}`]),
  ),
  'all permissions at once': workflow(
    edited(starter, ['permissions: { id-token: write, contents: read }', 'permissions: write-all']),
  ),
  'an image by its digest': container({
    image: `${registry}/blog-api@sha256:${'0123456789abcdef'.repeat(4)}`,
    versionConsistency: 'disabled',
  }),
  'a sidecar that is latest and not essential': {
    definition: {
      containerDefinitions: [api!, { name: 'agent', essential: false, image: 'datadog/agent:latest' }],
    },
  },
  'a role that leaves other branches to GitHub': {
    trust: trustPolicy({
      StringEquals: {
        [aud]: audience,
        [sub]: 'repo:myorg/blog-api:environment:production',
        [`${gitHubIssuer}:repository_id`]: '701234567',
      },
    }),
  },
  'a role for subjects with IDs': {
    subject: { prefix: 'repo:myorg@4321/blog-api@701234567' },
    trust: trustPolicy({
      StringEquals: { [aud]: audience, [sub]: 'repo:myorg@4321/blog-api@701234567:environment:production' },
    }),
  },
  'a role of the partition aws-cn': {
    ...workflow(edited(pipeline, ['arn:aws:iam::', 'arn:aws-cn:iam::'])),
    trust: JSON.parse(JSON.stringify(trustPolicy()).replace('arn:aws:', 'arn:aws-cn:')) as object,
  },
  'a container that starts within its grace period': {
    ...container({ healthCheck: { command: ['CMD', 'true'], startPeriod: 60 } }),
    service: { healthCheckGracePeriodSeconds: 240 },
  },
  'a container that starts before the load balancer gives it up': container({
    healthCheck: { command: ['CMD', 'true'], startPeriod: 20 },
  }),
  'a parameter of SSM beside a secret': {
    secrets: [
      { name: 'blog/db', is: 'there' },
      { name: 'arn:aws:ssm:ap-northeast-2:123456789012:parameter/blog/key', is: 'not checked' },
    ],
  },
  'a clock that is a few seconds off': { clockAheadMs: -4_000 },
  'protected branches only': {
    environment: { administratorsBypass: false, rules: 1, branches: 'protected' },
  },
  'an App with all permissions': { account: { is: 'app', slug: 'twokey', lacks: [] } },
  'a service that never was deployed': { rolloutMinutes: [] },
  'a service without approvals': {
    config: edited(config, ['required: 2, approvers: [S0DEPLOYERS]', 'required: 0']),
    environment: null,
    gate: { gate: 'open' },
  },
  'a service that CodeDeploy deploys': {
    service: { deploymentController: { type: 'CODE_DEPLOY' }, deploymentConfiguration: {} },
  },
  'blue/green by ECS': {
    service: {
      deploymentConfiguration: { strategy: 'BLUE_GREEN', maximumPercent: 200, minimumHealthyPercent: 100 },
    },
  },
  ...Object.fromEntries(
    (
      [
        ['TOKEN_TTL', '3600'],
        ['DB_SECRET_ARN', 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:blog/db-Ab12Cd'],
        ['PASSWORD_RESET_URL', 'https://example.com/reset'],
        ['NEXT_PUBLIC_API_KEY', 'pk_1234567890abcdef'],
        ['DATABASE_URL', 'postgres://db.internal:5432/blog'],
        ['PASSWORD', `\${DB_PASSWORD}`],
        ['AUTH_TOKEN', '/run/secrets/token'],
      ] as const
    ).map(([name, value]) => [`the variable ${name}=${value}`, variable(name, value)]),
  ),
}
