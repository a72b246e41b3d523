import type { RefusalCode } from '../../src/release/refusals/codes.ts'

/**
 * The kinds of ECS workflow that teams really have. Each has a minimal file in files/, what twokey does with it if
 * twokey.yml names no inputs, and the lines of twokey.yml that make it deploy what was approved. The count of each
 * property is that of 27 public workflows that start on `workflow_dispatch` and deploy to ECS. All of it is plain data,
 * for the tests that drive the product and for the docs.
 */
export type Kind = {
  /** The workflow of the real team, in words. */
  readonly name: string
  /** In files/, and `workflow` of the service entry. */
  readonly file: string
  /** What real teams mean by it, and what goes wrong if it is misread. */
  readonly real: string
  /** Files in companions/ that the repository also has: those it calls, and those that the map names. */
  readonly companions: readonly string[]
  readonly properties: Properties
  /** The `services:` block that a careful operator writes first, without `inputs` and `environmentFrom`. */
  readonly services: string
  /** What twokey does with that block. */
  readonly before: Outcome
  /** How the rollout of its run is recognized. */
  readonly evidence: Evidence
  readonly map: Mapping
  /** Maps that twokey must refuse, each added to `services`. */
  readonly wrongMaps: readonly WrongMap[]
}

/**
 * `commit`: the image names it. `time`: there is no other evidence. `elsewhere`: a workflow of another repository
 * deploys, which the tests do not have. Null: it is refused.
 */
export type Evidence = 'commit' | 'time' | 'elsewhere' | null

/** What the file itself shows; kinds.test.ts reads each from the file again. */
export type Properties = {
  /** How many inputs `workflow_dispatch` declares. */
  readonly inputs: number
  /** The type of its input `environment`, or the names under which it takes the environment. */
  readonly environment: 'choice' | 'environment' | 'string' | readonly string[] | null
  /** The input that chooses the version: `image_tag`, `tag`, `version` or `ref`, with its default. */
  readonly version: { readonly input: string; readonly default: string | null } | null
  /** The input that chooses a service: `service`, `services` or `app_name`. */
  readonly service: string | null
  /** Required inputs without a default other than `environment`, `sha`, `release_id`. */
  readonly unfilled: readonly string[]
  /** A job names a GitHub environment. */
  readonly githubEnvironment: boolean
  /** A job calls another workflow. */
  readonly reusable: boolean
  /** It starts on a push, too. */
  readonly push: boolean
  /** It can be called, with other inputs than those of a dispatch. */
  readonly call: boolean
  /** It assumes more than one role. */
  readonly severalIdentities: boolean
  readonly severalRegions: boolean
  /** It waits until the service is stable. */
  readonly waits: boolean
  readonly matrix: boolean
  /** What decides the environment of a run. */
  readonly decidedBy: 'input' | 'branch' | 'file' | 'always the same' | 'one run ships to all'
}

/** A service environment as `service environment`. */
export type ServiceEnvironmentName = `blog-${'api' | 'worker'} ${'dev' | 'prod'}`

export type Requests = { readonly [Name in ServiceEnvironmentName]?: Answer }

/** The result for the file twokey.yml, or for `/deploy` in each of its service environments. */
export type Outcome =
  | { readonly outcome: 'config error'; readonly why: string }
  | { readonly outcome: 'requests'; readonly requests: Requests }

export type Answer = Ships | Refused

/** The dispatch. */
export type Ships = {
  readonly answer: 'ships'
  /** Which commits can be requested: any of the branch, or only its tip if no input gets the commit. */
  readonly commits: 'any' | 'tip'
  /** The inputs that are sent, and no others; `$sha`, `$release_id` and `$requester` stand for the release's own. */
  readonly inputs: Readonly<Record<string, string>>
}

/** Refused before anyone is asked to approve. */
export type Refused = {
  readonly answer: 'refused'
  /** All problems of the request, in the order of contract.md: the code of the first is the refusal's. */
  readonly problems: readonly Problem[]
}

/**
 * `input_missing`: the workflow declares no such input, or nothing determines its value. `input_invalid`: it does not
 * accept this value.
 */
export type Problem = {
  readonly code: Extract<RefusalCode, 'input_missing' | 'input_invalid'>
  readonly input: string
}

/** The lines of twokey.yml, under `services:`, that make the workflow deploy what was approved. */
export type Mapping =
  | { readonly is: 'not needed'; readonly why: string }
  | { readonly is: 'needed'; readonly lines: string; readonly why: string; readonly after: Requests }
  /** No map makes it deploy what was approved. */
  | { readonly is: 'impossible'; readonly why: string }

/**
 * A map that must not be accepted: as a whole, or for the request named. If twokey.yml itself shows the mistake, a
 * config error is as right as the refusal.
 */
export type WrongMap = { readonly lines: string; readonly wrong: string } & (
  | { readonly configError: true }
  | { readonly request: ServiceEnvironmentName; readonly problem: Problem }
)

/** A file that GitHub or twokey does not accept. */
export type Bad = {
  readonly name: string
  /** In bad/; `large-inputs.yml` is written by `badText`, as it is too large to store. */
  readonly file: string
  readonly services: string
  /** Whether GitHub's parser accepts the file, and it declares no more inputs than GitHub allows. */
  readonly valid: boolean
  readonly code: Extract<RefusalCode, 'input_missing' | 'input_invalid' | 'workflow_unreadable'>
  /** The refusal, in words. */
  readonly refusal: string
}

/** The `environments:` block for every service entry of the tables. */
export const environments = `environments:
  dev:
    branch: develop
    approvals: { required: 0 }
  prod:
    branch: main
    githubEnvironment: production
    approvals: { required: 2, approvers: [S0DEPLOYERS, U0APPROVER] }
`

type Entry = {
  readonly workflow: string
  readonly in: readonly ('dev' | 'prod')[]
  readonly migration?: string
}

/** The entry of blog-api. */
function blogApi({ workflow, in: names, migration }: Entry): string {
  return `services:
  blog-api:
    repository: myorg/blog-api
    workflow: ${workflow}
    containers: [api]
${migration ? `    migration: { family: ${migration} }\n` : ''}    environments:
${names.map((name) => `      ${name}: { cluster: blog-cluster-${name}, service: blog-api }\n`).join('')}`
}

/** The entries of blog-api and blog-worker, which share the repository and the workflow. */
function bothServices({ workflow, in: names }: Entry): string {
  return `${blogApi({ workflow, in: names })}  blog-worker:
    repository: myorg/blog-api
    workflow: ${workflow}
    containers: [worker]
    environments:
${names.map((name) => `      ${name}: { cluster: blog-cluster-${name}, service: blog-worker }\n`).join('')}`
}

/** The properties that most files do not have. */
const plain = {
  environment: null,
  version: null,
  service: null,
  unfilled: [],
  githubEnvironment: false,
  reusable: false,
  push: false,
  call: false,
  severalIdentities: false,
  severalRegions: false,
  waits: false,
  matrix: false,
} as const

const tip = (inputs: Ships['inputs']): Ships => ({ answer: 'ships', commits: 'tip', inputs })
const any = (inputs: Ships['inputs']): Ships => ({ answer: 'ships', commits: 'any', inputs })
const refused = (...problems: readonly Problem[]): Refused => ({ answer: 'refused', problems })
const missing = (input: string): Problem => ({ code: 'input_missing', input })
const invalid = (input: string): Problem => ({ code: 'input_invalid', input })
const requests = (each: Requests): Outcome => ({ outcome: 'requests', requests: each })

/** Both environments of blog-api get the same answer. */
const inBoth = (answer: Answer): Requests => ({ 'blog-api dev': answer, 'blog-api prod': answer })

const indistinguishable: Outcome = {
  outcome: 'config error',
  why: 'blog-api and blog-worker share the repository and the workflow, and no input says which of the two is meant',
}

const branchMap: Mapping = {
  is: 'needed',
  lines: `blog-api:
  environmentFrom: branch
`,
  why: 'develop and main are different branches, so the branch of the dispatch is the environment. Without an input for the commit only its tip ships.',
  after: inBoth(tip({})),
}

/** The 27 kinds: those without inputs first, then by how they get the environment. */
export const kinds: readonly Kind[] = [
  {
    name: 'one workflow for production, without inputs',
    file: 'manual-prod.yml',
    real: 'A button in the Actions tab that ships the tip of main; the commit is in the image tag, behind a prefix.',
    companions: [],
    properties: {
      ...plain,
      inputs: 0,
      githubEnvironment: true,
      waits: true,
      decidedBy: 'always the same',
    },
    services: blogApi({ workflow: 'manual-prod.yml', in: ['prod'] }),
    before: requests({ 'blog-api prod': tip({}) }),
    evidence: 'commit',
    map: {
      is: 'not needed',
      why: 'It serves one service environment. Without an input for the commit only the tip ships.',
    },
    wrongMaps: [],
  },
  {
    name: 'one workflow file for each environment',
    file: 'deploy-prod.yml',
    real: 'deploy-dev.yml and deploy-prod.yml differ in a name alone and call the same workflow. Read as one workflow for both, it ships to production whatever was asked for.',
    companions: ['deploy-dev.yml', 'ecs-deploy.yml'],
    properties: { ...plain, inputs: 0, reusable: true, decidedBy: 'file' },
    services: blogApi({ workflow: 'deploy-prod.yml', in: ['dev', 'prod'] }),
    before: requests(inBoth(refused(missing('environment')))),
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  environments:
    dev: { workflow: deploy-dev.yml }
`,
      why: 'Each file serves one service environment.',
      after: inBoth(tip({})),
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { environment: $environment }
`,
        wrong: 'The workflow declares no such input.',
        request: 'blog-api prod',
        problem: missing('environment'),
      },
    ],
  },
  {
    name: 'the branch decides, by an expression',
    file: 'branch-expression.yml',
    real: 'main is production and every other branch is dev, by the expression that names the GitHub environment.',
    companions: [],
    properties: {
      ...plain,
      inputs: 0,
      githubEnvironment: true,
      push: true,
      waits: true,
      decidedBy: 'branch',
    },
    services: blogApi({ workflow: 'branch-expression.yml', in: ['dev', 'prod'] }),
    before: requests(inBoth(refused(missing('environment')))),
    evidence: 'commit',
    map: branchMap,
    wrongMaps: [
      {
        lines: `blog-api:
  environmentFrom: branch
  environments:
    dev: { branch: main }
`,
        wrong: 'Both environments have the branch main, so the branch cannot decide.',
        configError: true,
      },
    ],
  },
  {
    name: 'the branch decides, by a condition of each job',
    file: 'branch-jobs.yml',
    real: 'One job for each environment, with its own role, and `if: github.ref == …`.',
    companions: [],
    properties: {
      ...plain,
      inputs: 0,
      githubEnvironment: true,
      push: true,
      severalIdentities: true,
      decidedBy: 'branch',
    },
    services: blogApi({ workflow: 'branch-jobs.yml', in: ['dev', 'prod'] }),
    before: requests(inBoth(refused(missing('environment')))),
    evidence: 'commit',
    map: branchMap,
    wrongMaps: [],
  },
  {
    name: 'the branch decides, in a step',
    file: 'branch-step.yml',
    real: 'A shell step chooses the cluster by the name of the branch. No GitHub environment, so no gate; the migration has a `started-by` of its own.',
    companions: [],
    properties: { ...plain, inputs: 0, push: true, decidedBy: 'branch' },
    services: blogApi({
      workflow: 'branch-step.yml',
      in: ['dev', 'prod'],
      migration: 'blog-api-migrate',
    }),
    before: requests(inBoth(refused(missing('environment')))),
    evidence: 'commit',
    map: branchMap,
    wrongMaps: [],
  },
  {
    name: 'one run ships to all environments',
    file: 'pipeline.yml',
    real: 'Tests, dev, production and a second region of production, one after the other, in two accounts.',
    companions: ['tests.yml'],
    properties: {
      ...plain,
      inputs: 0,
      githubEnvironment: true,
      reusable: true,
      severalIdentities: true,
      severalRegions: true,
      waits: true,
      decidedBy: 'one run ships to all',
    },
    services: blogApi({ workflow: 'pipeline.yml', in: ['prod'] }),
    before: requests({ 'blog-api prod': tip({}) }),
    evidence: 'commit',
    map: {
      is: 'not needed',
      why: 'prod alone is in twokey.yml, so what was approved is the end of the pipeline. dev cannot be a second service environment of it: every run ships to both.',
    },
    wrongMaps: [],
  },
  {
    name: 'a called workflow with a literal environment',
    file: 'reusable-literal.yml',
    real: 'Every push to main ships to production through a shared workflow; the button does the same.',
    companions: ['ecs-deploy.yml', 'tests.yml'],
    properties: { ...plain, inputs: 0, reusable: true, push: true, decidedBy: 'always the same' },
    services: blogApi({ workflow: 'reusable-literal.yml', in: ['prod'] }),
    before: requests({ 'blog-api prod': tip({}) }),
    evidence: 'commit',
    map: { is: 'not needed', why: 'It serves one service environment. Only the tip ships.' },
    wrongMaps: [],
  },
  {
    name: 'nothing names the commit',
    file: 'timestamp-tag.yml',
    real: 'The image is tagged with the environment and the time, the migration runs in a family that all one-off jobs share, and nothing waits. Its inputs are those of a call, not of a dispatch.',
    companions: [],
    properties: {
      ...plain,
      inputs: 0,
      githubEnvironment: true,
      call: true,
      severalIdentities: true,
      decidedBy: 'always the same',
    },
    services: blogApi({ workflow: 'timestamp-tag.yml', in: ['prod'], migration: 'blog-ad-hoc' }),
    before: requests({ 'blog-api prod': tip({}) }),
    evidence: 'time',
    map: {
      is: 'not needed',
      why: 'It serves one service environment. What rolls out is recognized by its time alone.',
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { prefix: blog }
`,
        wrong: '`prefix` is an input of `workflow_call`, which a dispatch does not take.',
        request: 'blog-api prod',
        problem: missing('prefix'),
      },
    ],
  },
  {
    name: 'a matrix of services',
    file: 'matrix-services.yml',
    real: 'One run updates every service of the repository.',
    companions: [],
    properties: { ...plain, inputs: 0, waits: true, matrix: true, decidedBy: 'always the same' },
    services: `services:
  blog-api:
    repository: myorg/blog-api
    workflow: matrix-services.yml
    containers: [api, worker]
    environments:
      prod:
        targets:
          - { cluster: blog-cluster-prod, service: blog-api }
          - { cluster: blog-cluster-prod, service: blog-worker }
`,
    before: requests({ 'blog-api prod': tip({}) }),
    evidence: 'commit',
    map: {
      is: 'not needed',
      why: 'Both ECS services are targets of one service environment. Only the tip ships.',
    },
    wrongMaps: [],
  },
  {
    name: 'a choice of the environment, and no other input',
    file: 'choice-environment.yml',
    real: 'The form in the Actions tab offers dev and production.',
    companions: [],
    properties: {
      ...plain,
      inputs: 1,
      environment: 'choice',
      githubEnvironment: true,
      push: true,
      waits: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'choice-environment.yml', in: ['dev', 'prod'] }),
    before: requests({
      'blog-api dev': tip({ environment: 'dev' }),
      'blog-api prod': tip({ environment: 'production' }),
    }),
    evidence: 'commit',
    map: { is: 'not needed', why: 'twokey fills `environment` by itself. Only the tip ships.' },
    wrongMaps: [
      {
        lines: `blog-api:
  environments:
    prod: { inputs: { environment: dev } }
`,
        wrong: 'Both environments send dev.',
        configError: true,
      },
      {
        lines: `blog-api:
  environments:
    prod: { inputs: { environment: prod } }
`,
        wrong: 'The choice offers production, not prod.',
        request: 'blog-api prod',
        problem: invalid('environment'),
      },
      {
        lines: `blog-api:
  environments:
    dev: { inputs: { environment: production } }
    prod: { inputs: { environment: dev } }
`,
        wrong: 'Each environment sends the value of the other.',
        request: 'blog-api dev',
        problem: invalid('environment'),
      },
    ],
  },
  {
    name: 'a choice without production',
    file: 'choice-without-production.yml',
    real: 'Production ships by pushing a tag; the form offers the other environments alone.',
    companions: ['tests.yml'],
    properties: {
      ...plain,
      inputs: 1,
      environment: 'choice',
      githubEnvironment: true,
      reusable: true,
      push: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'choice-without-production.yml', in: ['dev', 'prod'] }),
    before: requests({
      'blog-api dev': tip({ environment: 'dev' }),
      'blog-api prod': refused(invalid('environment')),
    }),
    evidence: null,
    map: {
      is: 'impossible',
      why: 'No value of `environment` ships to production: that takes a push of a tag, and twokey pushes nothing. dev ships as it is; add production to the options, or leave prod out.',
    },
    wrongMaps: [
      {
        lines: `blog-api:
  environments:
    prod: { inputs: { environment: dev } }
`,
        wrong: 'What was approved for prod would ship to dev.',
        configError: true,
      },
    ],
  },
  {
    name: 'a choice of the service and of the environment',
    file: 'choice-service.yml',
    real: 'A repository with several services and one workflow, whose matrix is the service that was chosen.',
    companions: ['ecs-deploy.yml'],
    properties: {
      ...plain,
      inputs: 2,
      environment: 'choice',
      service: 'service',
      unfilled: ['service'],
      reusable: true,
      push: true,
      matrix: true,
      decidedBy: 'input',
    },
    services: bothServices({ workflow: 'choice-service.yml', in: ['dev', 'prod'] }),
    before: indistinguishable,
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { service: $service }
blog-worker:
  inputs: { service: $service }
`,
      why: 'The names of the services in twokey.yml are those of the choice.',
      after: {
        'blog-api dev': tip({ environment: 'dev', service: 'blog-api' }),
        'blog-api prod': tip({ environment: 'production', service: 'blog-api' }),
        'blog-worker dev': tip({ environment: 'dev', service: 'blog-worker' }),
        'blog-worker prod': tip({ environment: 'production', service: 'blog-worker' }),
      },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { service: blog-api }
blog-worker:
  inputs: { service: blog-api }
`,
        wrong: 'blog-worker sends the name of blog-api.',
        configError: true,
      },
      {
        lines: `blog-api:
  inputs: { service: api }
blog-worker:
  inputs: { service: worker }
`,
        wrong: 'The choice offers blog-api, not api.',
        request: 'blog-api prod',
        problem: invalid('service'),
      },
    ],
  },
  {
    name: 'what ships is a version whose default is main',
    file: 'choice-version-main.yml',
    real: 'A tag, branch or commit is checked out, main where nothing is said: a dispatch on develop ships main. Production is called prod.',
    companions: ['ecs-deploy.yml', 'tests.yml'],
    properties: {
      ...plain,
      inputs: 2,
      environment: 'choice',
      version: { input: 'version', default: 'main' },
      reusable: true,
      push: true,
      matrix: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'choice-version-main.yml', in: ['dev', 'prod'] }),
    before: requests({
      'blog-api dev': refused(missing('version')),
      'blog-api prod': refused(missing('version'), invalid('environment')),
    }),
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { version: $sha }
  environments:
    prod: { inputs: { environment: prod } }
`,
      why: 'The commit is what is checked out, and the option is called prod. Where the GitHub environment is called prod too, `githubEnvironment: prod` says both.',
      after: {
        'blog-api dev': any({ environment: 'dev', version: '$sha' }),
        'blog-api prod': any({ environment: 'prod', version: '$sha' }),
      },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { version: $sha }
`,
        wrong: 'The choice offers prod, not production.',
        request: 'blog-api prod',
        problem: invalid('environment'),
      },
    ],
  },
  {
    name: 'a required version to deploy',
    file: 'choice-to-deploy.yml',
    real: 'A workflow of another repository, pinned by its commit, deploys what `to-deploy` names.',
    companions: [],
    properties: {
      ...plain,
      inputs: 2,
      environment: 'choice',
      unfilled: ['to-deploy'],
      reusable: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'choice-to-deploy.yml', in: ['dev', 'prod'] }),
    before: requests(inBoth(refused(missing('to-deploy')))),
    evidence: 'elsewhere',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { to-deploy: $sha }
`,
      why: 'Right where the called workflow takes a commit.',
      after: {
        'blog-api dev': any({ environment: 'dev', 'to-deploy': '$sha' }),
        'blog-api prod': any({ environment: 'production', 'to-deploy': '$sha' }),
      },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { to-deploy: $default }
`,
        wrong: '`to-deploy` has no default.',
        request: 'blog-api prod',
        problem: missing('to-deploy'),
      },
    ],
  },
  {
    name: 'the environment is typed twice',
    file: 'choice-confirm.yml',
    real: 'A second input must repeat the environment, against slips.',
    companions: [],
    properties: {
      ...plain,
      inputs: 2,
      environment: 'choice',
      unfilled: ['confirm_env'],
      githubEnvironment: true,
      call: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'choice-confirm.yml', in: ['dev', 'prod'] }),
    before: requests(inBoth(refused(missing('confirm_env')))),
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { confirm_env: $environment }
`,
      why: 'The approvals are what confirms it. Only the tip ships.',
      after: {
        'blog-api dev': tip({ environment: 'dev', confirm_env: 'dev' }),
        'blog-api prod': tip({ environment: 'production', confirm_env: 'production' }),
      },
    },
    wrongMaps: [],
  },
  {
    name: 'a dry run by default',
    file: 'choice-dry-run.yml',
    real: '`dry_run` is true by default: a dispatch that does not say false ends well and ships nothing.',
    companions: [],
    properties: {
      ...plain,
      inputs: 4,
      environment: 'choice',
      service: 'service',
      unfilled: ['service'],
      githubEnvironment: true,
      severalIdentities: true,
      waits: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'choice-dry-run.yml', in: ['dev', 'prod'] }),
    before: requests(inBoth(refused(missing('service'), missing('dry_run'), missing('log_level')))),
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { service: blog-api, dry_run: false, log_level: $default }
`,
      why: '`dry_run` must be false to ship; the level of the log does not decide what ships. Only the tip ships.',
      after: {
        'blog-api dev': tip({ environment: 'dev', service: 'blog-api', dry_run: 'false' }),
        'blog-api prod': tip({ environment: 'production', service: 'blog-api', dry_run: 'false' }),
      },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { service: blog-api, dry_run: no, log_level: $default }
`,
        wrong: 'The boolean is true or false; `no` is a text in YAML 1.2.',
        request: 'blog-api prod',
        problem: invalid('dry_run'),
      },
      {
        lines: `blog-api:
  inputs: { service: blog-api, dry_run: false, log_level: verbose }
`,
        wrong: 'The choice does not offer verbose.',
        request: 'blog-api prod',
        problem: invalid('log_level'),
      },
      {
        lines: `blog-api:
  inputs: { service: blog-api, dry_run: false }
`,
        wrong: 'twokey.yml does not say what `log_level` gets.',
        request: 'blog-api prod',
        problem: missing('log_level'),
      },
    ],
  },
  {
    name: 'a choice in capitals, and a tag',
    file: 'choice-capitals.yml',
    real: 'Dev and Production are options of a form, with a role and a region each; the image was built before.',
    companions: [],
    properties: {
      ...plain,
      inputs: 2,
      environment: 'choice',
      version: { input: 'tag', default: null },
      unfilled: ['tag'],
      githubEnvironment: true,
      severalIdentities: true,
      severalRegions: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'choice-capitals.yml', in: ['dev', 'prod'] }),
    before: requests(inBoth(refused(missing('tag'), invalid('environment')))),
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { tag: $sha }
  environments:
    dev: { inputs: { environment: Dev } }
    prod: { inputs: { environment: Production } }
`,
      why: 'GitHub compares options exactly. Right where images are tagged with the whole commit.',
      after: {
        'blog-api dev': any({ environment: 'Dev', tag: '$sha' }),
        'blog-api prod': any({ environment: 'Production', tag: '$sha' }),
      },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { tag: $sha }
  environments:
    dev: { inputs: { environment: Production } }
    prod: { inputs: { environment: Dev } }
`,
        wrong: 'Production is production in other letters, so dev would ship there.',
        request: 'blog-api dev',
        problem: invalid('environment'),
      },
    ],
  },
  {
    name: 'an input of the type environment',
    file: 'type-environment.yml',
    real: 'GitHub offers the environments of the repository; a workflow of another repository does the rest.',
    companions: [],
    properties: {
      ...plain,
      inputs: 1,
      environment: 'environment',
      reusable: true,
      push: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'type-environment.yml', in: ['dev', 'prod'] }),
    before: requests({
      'blog-api dev': tip({ environment: 'dev' }),
      'blog-api prod': tip({ environment: 'production' }),
    }),
    evidence: 'elsewhere',
    map: {
      is: 'not needed',
      why: 'dev and production are environments of the repository. Only the tip ships.',
    },
    wrongMaps: [
      {
        lines: `blog-api:
  environments:
    dev: { inputs: { environment: qa } }
`,
        wrong: 'The repository has no environment qa.',
        request: 'blog-api dev',
        problem: invalid('environment'),
      },
    ],
  },
  {
    name: 'required texts for application, environment and image',
    file: 'string-image-tag.yml',
    real: 'Called by other workflows and started by hand with the same three inputs; the environment is part of the cluster’s name.',
    companions: [],
    properties: {
      ...plain,
      inputs: 3,
      environment: 'string',
      version: { input: 'image_tag', default: null },
      service: 'app_name',
      unfilled: ['app_name', 'image_tag'],
      call: true,
      waits: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'string-image-tag.yml', in: ['dev', 'prod'] }),
    before: requests(inBoth(refused(missing('app_name'), missing('image_tag')))),
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { app_name: blog-api, image_tag: $sha }
  environments:
    prod: { inputs: { environment: prod } }
`,
      why: 'The workflow makes blog-cluster-prod of prod. Nothing shows that production is wrong: the input is a text. Right where images are tagged with the whole commit.',
      after: {
        'blog-api dev': any({ app_name: 'blog-api', environment: 'dev', image_tag: '$sha' }),
        'blog-api prod': any({ app_name: 'blog-api', environment: 'prod', image_tag: '$sha' }),
      },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { app_name: blog-api, image_tag: $sha }
  environments:
    prod: { inputs: { environment: dev } }
`,
        wrong: 'Both environments send dev.',
        configError: true,
      },
    ],
  },
  {
    name: 'a text for the environment, a ref whose default is main, a service whose default is another',
    file: 'string-ref-main.yml',
    real: 'Every input has a default: a dispatch that leaves one out ships main, or blog-api instead of blog-worker.',
    companions: [],
    properties: {
      ...plain,
      inputs: 3,
      environment: 'string',
      version: { input: 'ref', default: 'main' },
      service: 'service',
      githubEnvironment: true,
      waits: true,
      decidedBy: 'input',
    },
    services: bothServices({ workflow: 'string-ref-main.yml', in: ['dev', 'prod'] }),
    before: indistinguishable,
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { ref: $sha, service: $service }
blog-worker:
  inputs: { ref: $sha, service: $service }
`,
      why: 'The commit is checked out, and the service is named.',
      after: {
        'blog-api dev': any({ environment: 'dev', ref: '$sha', service: 'blog-api' }),
        'blog-api prod': any({ environment: 'production', ref: '$sha', service: 'blog-api' }),
        'blog-worker dev': any({ environment: 'dev', ref: '$sha', service: 'blog-worker' }),
        'blog-worker prod': any({ environment: 'production', ref: '$sha', service: 'blog-worker' }),
      },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { ref: $sha, service: $service }
blog-worker:
  inputs: { ref: $sha, service: $default }
`,
        wrong:
          'A default distinguishes nothing: that of `service` is blog-api, which blog-worker would ship.',
        configError: true,
      },
    ],
  },
  {
    name: 'the environment under another name, dev by default',
    file: 'env-default-dev.yml',
    real: '`env` and `confirm_env` must be the same, and an input chooses the branch of the scripts. It refuses production itself.',
    companions: ['ecs-deploy.yml'],
    properties: {
      ...plain,
      inputs: 3,
      environment: ['env'],
      unfilled: ['confirm_env'],
      reusable: true,
      call: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'env-default-dev.yml', in: ['dev'] }),
    before: requests({
      'blog-api dev': refused(missing('env'), missing('confirm_env'), missing('ops-ref')),
    }),
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { env: $environment, confirm_env: $environment, ops-ref: $default }
`,
      why: 'The branch of the scripts does not decide what ships. Only the tip ships.',
      after: { 'blog-api dev': tip({ env: 'dev', confirm_env: 'dev' }) },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { env: $environment, confirm_env: $default, ops-ref: $default }
`,
        wrong: 'The default of `confirm_env` is empty, and it is required.',
        request: 'blog-api dev',
        problem: missing('confirm_env'),
      },
    ],
  },
  {
    name: 'the environment under another name, production by default',
    file: 'env-default-production.yml',
    real: 'Without `env` a dispatch ships to production: a request for dev, which needs no approval, would do it.',
    companions: [],
    properties: {
      ...plain,
      inputs: 2,
      environment: ['env'],
      unfilled: ['requested_by'],
      githubEnvironment: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'env-default-production.yml', in: ['dev'] }),
    before: requests({ 'blog-api dev': refused(missing('env'), missing('requested_by')) }),
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { env: $environment, requested_by: $requester }
`,
      why: 'dev is sent, and the requester is named. Only the tip ships.',
      after: { 'blog-api dev': tip({ env: 'dev', requested_by: '$requester' }) },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { env: $default, requested_by: $requester }
`,
        wrong: 'The default is production, the GitHub environment of prod.',
        request: 'blog-api dev',
        problem: invalid('env'),
      },
      {
        lines: `blog-api:
  inputs: { env: production, requested_by: $requester }
`,
        wrong: 'production is the GitHub environment of prod.',
        request: 'blog-api dev',
        problem: invalid('env'),
      },
    ],
  },
  {
    name: 'promote what runs in another environment',
    file: 'promote.yml',
    real: 'The image that serves in `from_env` is rolled out in `to_env`.',
    companions: ['ecs-deploy.yml'],
    properties: {
      ...plain,
      inputs: 3,
      environment: ['from_env', 'to_env'],
      unfilled: ['confirm_env'],
      reusable: true,
      decidedBy: 'input',
    },
    services: blogApi({ workflow: 'promote.yml', in: ['prod'] }),
    before: requests({
      'blog-api prod': refused(missing('from_env'), missing('to_env'), missing('confirm_env')),
    }),
    evidence: null,
    map: {
      is: 'impossible',
      why: 'What ships is the image that serves in `from_env` when the run looks, not the commit that was approved, and no input takes the commit. Add an input for it, or let prod deploy what was built.',
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { to_env: $environment, confirm_env: $environment }
`,
        wrong: 'twokey.yml does not say what `from_env` gets, and it has a default.',
        request: 'blog-api prod',
        problem: missing('from_env'),
      },
    ],
  },
  {
    name: 'a tag whose default is latest, and all services unless one is named',
    file: 'tag-services.yml',
    real: 'Without inputs a dispatch rolls out whatever is called latest, on both services.',
    companions: [],
    properties: {
      ...plain,
      inputs: 2,
      version: { input: 'tag', default: 'latest' },
      service: 'services',
      waits: true,
      decidedBy: 'always the same',
    },
    services: bothServices({ workflow: 'tag-services.yml', in: ['prod'] }),
    before: indistinguishable,
    evidence: 'commit',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { tag: $sha, services: $service }
blog-worker:
  inputs: { tag: $sha, services: $service }
`,
      why: 'One service is updated, with the image of the commit. Right where images are tagged with the whole commit.',
      after: {
        'blog-api prod': any({ tag: '$sha', services: 'blog-api' }),
        'blog-worker prod': any({ tag: '$sha', services: 'blog-worker' }),
      },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { tag: $sha, services: both }
blog-worker:
  inputs: { tag: $sha, services: both }
`,
        wrong: 'Both send both.',
        configError: true,
      },
    ],
  },
  {
    name: 'an image tag that only names what is built',
    file: 'image-tag-latest.yml',
    real: 'The image is built from the tip of the branch whatever `image_tag` says. A commit there would be a name for other code.',
    companions: [],
    properties: {
      ...plain,
      inputs: 2,
      version: { input: 'image_tag', default: 'latest' },
      service: 'service',
      unfilled: ['service'],
      waits: true,
      decidedBy: 'always the same',
    },
    services: blogApi({ workflow: 'image-tag-latest.yml', in: ['prod'] }),
    before: requests({ 'blog-api prod': refused(missing('image_tag'), missing('service')) }),
    evidence: 'time',
    map: {
      is: 'needed',
      lines: `blog-api:
  inputs: { service: blog-api, image_tag: $default }
`,
      why: 'Not `image_tag: $sha`: twokey would let an older commit be approved, and the workflow would build the tip under its name. With the default only the tip ships, recognized by its time.',
      after: { 'blog-api prod': tip({ service: 'blog-api' }) },
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { service: $default, image_tag: $default }
`,
        wrong: '`service` has no default.',
        request: 'blog-api prod',
        problem: missing('service'),
      },
    ],
  },
  {
    name: 'an image tag that may be left out',
    file: 'image-tag-optional.yml',
    real: 'Empty means: build this commit. Otherwise an image that exists is rolled out.',
    companions: [],
    properties: {
      ...plain,
      inputs: 1,
      version: { input: 'image_tag', default: null },
      push: true,
      decidedBy: 'always the same',
    },
    services: blogApi({ workflow: 'image-tag-optional.yml', in: ['prod'] }),
    before: requests({ 'blog-api prod': tip({}) }),
    evidence: 'commit',
    map: {
      is: 'not needed',
      why: 'The input is optional and has no default, so it is not sent, and the tip is built and shipped.',
    },
    wrongMaps: [],
  },
  {
    name: 'a published version',
    file: 'version-release.yml',
    real: 'Images are tagged by the release workflow with vX.Y.Z, which this one checks and rolls out.',
    companions: [],
    properties: {
      ...plain,
      inputs: 1,
      version: { input: 'version', default: null },
      unfilled: ['version'],
      githubEnvironment: true,
      call: true,
      decidedBy: 'always the same',
    },
    services: blogApi({ workflow: 'version-release.yml', in: ['prod'] }),
    before: requests({ 'blog-api prod': refused(missing('version')) }),
    evidence: null,
    map: {
      is: 'impossible',
      why: 'A version is no commit, and twokey fills none in: `$sha` fails the workflow’s own check, and a literal ships the same version for ever. Add an input for the commit, and tag images with it too.',
    },
    wrongMaps: [
      {
        lines: `blog-api:
  inputs: { version: $default }
`,
        wrong: '`version` has no default.',
        request: 'blog-api prod',
        problem: missing('version'),
      },
    ],
  },
]

const badIn = (workflow: string) => blogApi({ workflow, in: ['prod'] })

/** Files that are refused before anyone is asked to approve, for `/deploy prod`. */
export const bad: readonly Bad[] = [
  {
    name: 'an anchor that makes a second required input',
    file: 'anchors.yml',
    services: badIn('anchors.yml'),
    valid: true,
    code: 'input_missing',
    refusal: 'The workflow requires `stage`, and twokey.yml does not say what it gets.',
  },
  {
    name: 'a merge key',
    file: 'merge-key.yml',
    services: badIn('merge-key.yml'),
    valid: false,
    code: 'workflow_unreadable',
    refusal: 'The workflow cannot be read: GitHub has no merge keys, so `<<` is no key of the input `stage`.',
  },
  {
    name: '60 inputs',
    file: 'sixty-inputs.yml',
    services: badIn('sixty-inputs.yml'),
    valid: false,
    code: 'workflow_unreadable',
    refusal: 'The workflow cannot be read: it declares 60 inputs, and GitHub accepts 25.',
  },
  {
    name: 'an input `sha` of the type boolean',
    file: 'sha-boolean.yml',
    services: badIn('sha-boolean.yml'),
    valid: true,
    code: 'input_invalid',
    refusal: 'The input `sha` is a boolean, so it cannot get the commit.',
  },
  {
    name: 'an input `environment` of the type boolean',
    file: 'environment-boolean.yml',
    services: badIn('environment-boolean.yml'),
    valid: true,
    code: 'input_invalid',
    refusal: 'The input `environment` is a boolean, so it cannot get production.',
  },
  {
    name: 'an input `environment` of the type number',
    file: 'environment-number.yml',
    services: badIn('environment-number.yml'),
    valid: true,
    code: 'input_invalid',
    refusal: 'The input `environment` is a number, so it cannot get production.',
  },
  {
    name: 'options that are numbers',
    file: 'number-options.yml',
    services: badIn('number-options.yml'),
    valid: true,
    code: 'input_invalid',
    refusal: 'production is not among the options of `environment`, which are 1 and 2.',
  },
  {
    name: 'an expression in a default',
    file: 'expression-default.yml',
    services: badIn('expression-default.yml'),
    valid: false,
    code: 'workflow_unreadable',
    refusal:
      'The workflow cannot be read: the default of `environment` is an expression, which GitHub does not evaluate there.',
  },
  {
    name: 'an unknown type of input',
    file: 'unknown-type.yml',
    services: badIn('unknown-type.yml'),
    valid: false,
    code: 'workflow_unreadable',
    refusal:
      'The workflow cannot be read: `environment` is of the type select, and GitHub has string, boolean, number, choice and environment.',
  },
  {
    name: 'inputs as a list',
    file: 'inputs-list.yml',
    services: badIn('inputs-list.yml'),
    valid: false,
    code: 'workflow_unreadable',
    refusal: 'The workflow cannot be read: `inputs` is a list, and GitHub takes a mapping from names.',
  },
  {
    name: 'the name of an input twice',
    file: 'duplicate-inputs.yml',
    services: badIn('duplicate-inputs.yml'),
    valid: false,
    code: 'workflow_unreadable',
    refusal: 'The workflow cannot be read: `environment` is declared twice.',
  },
  {
    name: 'names of inputs that differ in upper and lower case alone',
    file: 'inputs-by-case.yml',
    services: badIn('inputs-by-case.yml'),
    valid: false,
    code: 'workflow_unreadable',
    refusal:
      'The workflow cannot be read: for GitHub `environment` and `Environment` are one name, declared twice.',
  },
  {
    name: 'inputs of more than 1 MB',
    file: 'large-inputs.yml',
    services: badIn('large-inputs.yml'),
    valid: true,
    code: 'workflow_unreadable',
    refusal: 'The workflow cannot be read: GitHub shows no file of more than 1 MB.',
  },
]
