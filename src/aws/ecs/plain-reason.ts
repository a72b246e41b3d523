import { words } from './words.ts'

/** What is known of the container that a reason is about. */
export type About = {
  /** Its name; null if the reason is of the whole task. */
  readonly container: string | null
  /** Its image, as the task definition names it. */
  readonly image: string | undefined
}

/**
 * What a reason of AWS means to a person who deploys: one sentence without a full stop, with what to check. Null if it
 * is not known. The first rule that matches decides, so the more specific ones stand first.
 */
export function plainReason(reason: string, about: About): string | null {
  for (const { says, explain } of rules) {
    const match = says.exec(reason)
    const sentence = match && explain({ match, reason, ...about })
    if (sentence) return sentence
  }
  return null
}

type Rule = {
  readonly says: RegExp
  /** Null if this rule does not fit after all. */
  readonly explain: (
    of: About & { readonly match: RegExpExecArray; readonly reason: string },
  ) => string | null
}

const denied =
  /AccessDenied|not authorized|403 Forbidden|pull access denied|no pull access|no basic auth|may require/i
const unreachable =
  /deadline|RequestCanceled|timed? ?out|dial tcp|no such host|waiting for connection|connection issue|any registry endpoint|send request failed/i
const route = 'check its route there: NAT gateway, VPC endpoints, security groups'

const pulls: readonly Rule[] = [
  {
    says: /toomanyrequests|rate limit/i,
    explain: (of) =>
      `the registry’s rate limit stopped the pull of ${imageOf(of)} (pull from ECR, or as a registered user)`,
  },
  {
    says: /(?:matching|for) platform|no matching manifest|no match for platform/i,
    explain: (of) => {
      const platform = /linux\/\w+|windows\/\w+/i.exec(of.reason)?.[0]
      return `${imageOf(of)} is not built for the task’s platform${platform ? ` (${words(platform, 40)})` : ''}`
    },
  },
  {
    says: /no space left/i,
    explain: (of) => `the disk was full while ECS pulled ${imageOf(of)}`,
  },
  {
    says: denied,
    explain: (of) =>
      `ECS may not pull ${imageOf(of)}, or its repository does not exist (check the execution role and the repository’s policy)`,
  },
  {
    says: unreachable,
    explain: (of) => `the task could not reach the registry of ${imageOf(of)} (${route})`,
  },
  {
    says: /not found|manifest unknown|does not exist/i,
    explain: (of) => {
      const name = nameIn(of)
      const registry = registryOf(of)
      return name === null ? null : `the image ${name} does not exist${registry} (did the build push it?)`
    },
  },
]

const stores: readonly { readonly named: RegExp; readonly store: string }[] = [
  { named: /from asm|secrets ?manager/i, store: 'Secrets Manager' },
  { named: /\bssm\b/i, store: 'the SSM Parameter Store' },
  { named: /\becr\b|registry auth/i, store: 'ECR' },
]

/** Secrets, and the login to the registry: the task needs both before any container starts. */
const secrets: readonly Rule[] = [
  {
    says: /invalid ssm parameters: (.+)/i,
    explain: ({ match }) => `SSM parameters do not exist: ${words(match[1] ?? '', 150)}`,
  },
  {
    says: /did not contain json key ([\w.-]+)/i,
    explain: ({ match, reason }) => `${secretIn(reason)} has no key ${words(match[1] ?? '', 80)}`,
  },
  {
    says: /can.t find the specified secret|ResourceNotFoundException/i,
    explain: ({ reason }) => `${secretIn(reason)} does not exist`,
  },
  {
    says: /Access to KMS is not allowed|kms:Decrypt/i,
    explain: ({ reason }) => `the execution role may not use the KMS key of ${secretIn(reason)}`,
  },
  {
    says: denied,
    explain: ({ reason }) => {
      const store = storeIn(reason)
      return store === 'ECR'
        ? 'the execution role may not log in to ECR (ecr:GetAuthorizationToken)'
        : `the execution role may not read ${store === null ? 'a secret' : secretIn(reason)}`
    },
  },
  {
    says: unreachable,
    explain: ({ reason }) =>
      `the task could not reach ${storeIn(reason) ?? 'the store of its secrets'} (${route})`,
  },
]

const roles = /unable to assume (?:the )?(?:service-linked )?role(?: '?([^'\s]+)'?)?/i

const rules: readonly Rule[] = [
  { says: /CannotPull/i, explain: (of) => firstOf(pulls, of) },
  {
    says: /unable to (?:pull secrets|retrieve secret|pull registry auth|get registry auth)|secret data from|retrieved secret/i,
    explain: (of) => firstOf(secrets, of),
  },
  {
    says: /log group does not exist/i,
    explain: ({ container }) =>
      `the log group ${container === null ? 'of a container' : `of ${container}`} does not exist`,
  },
  {
    says: /logging driver|validate logger args/i,
    explain: ({ reason, container }) =>
      denied.test(reason)
        ? `the execution role may not write the logs${container === null ? '' : ` of ${container}`} (logs:CreateLogStream)`
        : unreachable.test(reason)
          ? `the task could not reach CloudWatch Logs (${route})`
          : null,
  },
  {
    says: /OOM-killed/i,
    explain: ({ container }) =>
      `${container ?? 'a container'} ran out of memory while it started (memory limit too low?)`,
  },
  {
    says: /exec:? "?([^":\s]+)"?: (?:executable file not found|not found|stat .*no such file|no such file|permission denied)|exec format error/i,
    explain: ({ match: [text, command], container }) => {
      const who = container ?? 'a container'
      if (command === undefined)
        return `${who} is built for a different platform than the task (exec format error)`
      return /permission denied/i.test(text)
        ? `the command ${words(command, 80)} of ${who} may not be executed`
        : `the command ${words(command, 80)} of ${who} is not in its image`
    },
  },
  {
    says: /InsufficientFreeAddresses|not (?:have )?enough free (?:IP )?addresses|insufficient free (?:IPv4 )?addresses/i,
    explain: ({ reason }) => {
      const subnet = /subnet-\w+/.exec(reason)?.[0]
      return `the subnet${subnet ? ` ${words(subnet, 40)}` : ''} has no free IP addresses`
    },
  },
  {
    says: /network interface provision|Create Network Interface|ENI attach/i,
    explain: () =>
      'AWS did not give the task a network interface (check free IP addresses of the subnets, or deploy again)',
  },
  {
    says: /Capacity is unavailable/i,
    explain: () =>
      'AWS has no free Fargate capacity in the availability zones of the service at the moment (try again later)',
  },
  {
    says: /No Container Instances were found/i,
    explain: () => 'the cluster has no container instance to run the task on',
  },
  {
    says: /missing an attribute required/i,
    explain: () => 'no container instance of the cluster has an attribute that the task requires',
  },
  {
    says: /RESOURCE:(CPU|MEMORY|GPU|ENI|PORTS?)\b|container.instance.*(?:insufficient|enough|no) (CPU|memory|GPU)\b/i,
    explain: ({ match: [, resource, other] }) => lackOf(resource ?? other ?? ''),
  },
  {
    says: /^AGENT$|TaskFailedToStart: AGENT/i,
    explain: () => 'the ECS agent of the container instance is not connected',
  },
  {
    says: roles,
    explain: ({ match: [, role] }) =>
      `ECS may not assume the role${role === undefined ? '' : ` ${words(role.slice(role.lastIndexOf('/') + 1), 80)}`} (does it exist, and does it trust ecs-tasks.amazonaws.com?)`,
  },
  {
    says: /(?:DockerTimeoutError|ContainerRuntimeTimeoutError).*?(?:after waiting (\d\w*))/i,
    explain: ({ match: [, wait], container }) => `${container ?? 'a container'} did not start within ${wait}`,
  },
]

function firstOf(of: readonly Rule[], about: Parameters<Rule['explain']>[0]): string | null {
  for (const { says, explain } of of) {
    const match = says.exec(about.reason)
    const sentence = match && explain({ ...about, match })
    if (sentence) return sentence
  }
  return null
}

function lackOf(resource: string): string {
  const name = resource.toUpperCase()
  if (name === 'ENI') return 'no container instance of the cluster can take another network interface'
  if (name.startsWith('PORT'))
    return 'no container instance of the cluster has the port free that the task needs'
  const what = name === 'MEMORY' ? 'memory' : name
  return `no container instance of the cluster has enough free ${what} for the task`
}

/** `the image blog-api:44`, else `the image of container api`, else `its image`. */
function imageOf(about: About & { readonly reason: string }): string {
  const name = nameIn(about)
  if (name !== null) return `the image ${name}`
  return about.container === null ? 'its image' : `the image of ${about.container}`
}

const reference = /(?:[\w-]+\.)+[a-z]+(?::\d+)?\/[\w./-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?/i

function referenceIn({ image, reason }: Pick<About, 'image'> & { readonly reason: string }): string | null {
  return image ?? reference.exec(reason.replaceAll(/https?:\/\/\S+/g, ''))?.[0] ?? null
}

/** The image's name for people: without its registry, and with a short digest. */
function nameIn(about: Pick<About, 'image'> & { readonly reason: string }): string | null {
  const full = referenceIn(about)
  if (full === null) return null
  const name = full.slice(full.lastIndexOf('/') + 1).replace(/@sha256:([0-9a-f]{12})[0-9a-f]*/, '@sha256:$1…')
  return words(name, 100)
}

function registryOf(about: Pick<About, 'image'> & { readonly reason: string }): string {
  const full = referenceIn(about) ?? ''
  if (/\.dkr[.-]ecr[.-]|public\.ecr\.aws/.test(full)) return ' in ECR'
  const [host = ''] = full.split('/', 1)
  if (!full.includes('/') || !host.includes('.')) return full === '' ? '' : ' on Docker Hub'
  return ` in ${words(host, 80)}`
}

function storeIn(reason: string): string | null {
  return stores.find(({ named }) => named.test(reason))?.store ?? null
}

/** `the secret blog/prod-db`: AWS appends six characters to the name of a secret in its ARN. */
function secretIn(reason: string): string {
  const name = /:secret:([\w/+=.@-]+?)(?:-[A-Za-z0-9]{6})?(?=[\s:,"']|$)/.exec(reason)?.[1]
  if (name !== undefined) return `the secret ${words(name, 100)}`
  const parameter = /:parameter(\/[\w/.-]+)/.exec(reason)?.[1]
  if (parameter !== undefined) return `the SSM parameter ${words(parameter, 100)}`
  return storeIn(reason) === 'the SSM Parameter Store' ? 'an SSM parameter' : 'a secret'
}
