import { readArgs } from '../shell/builtins.ts'
import { type Call, type Program, Unsupported } from '../shell/program.ts'
import { pushImage } from './aws.ts'
import type { Machine } from './machine.ts'

const valued = new Set([
  '-t',
  '--tag',
  '-f',
  '--file',
  '--platform',
  '--build-arg',
  '--build-context',
  '--cache-from',
  '--cache-to',
  '--target',
  '--label',
  '--secret',
  '--ssh',
  '--progress',
  '--network',
  '-o',
  '--output',
  '--iidfile',
  '--metadata-file',
  '--builder',
  '-u',
  '--username',
  '-p',
  '--password',
])

/** `docker`: a build adds a name to the machine, a push adds it to the registry, and its digest is known then. */
export function dockerProgram(machine: Machine): Program {
  async function push(call: Call, images: readonly string[]): Promise<number> {
    for (const image of images) {
      if (!machine.images.has(image)) {
        call.error(`An image does not exist locally with the tag: ${image.replace(/:[^:/]*$/, '')}\n`)
        return 1
      }
      call.out(`The push refers to repository [${image.replace(/:[^:/]*$/, '')}]\n`)
      if (machine.aws) machine.digests.set(image, await pushImage(machine.aws, image))
      call.out(`${image.split(':').at(-1)}: pushed\n`)
    }
    return 0
  }

  /** Prints the name of a pushed image by its digest, the only field that is known here. */
  function inspect(call: Call, args: readonly string[]): number {
    const { rest, values } = readArgs(args, new Set(['-f', '--format']))
    const format = [...(values.get('-f') ?? []), ...(values.get('--format') ?? [])].join()
    if (!/^\{\{ ?index \.RepoDigests 0 ?\}\}$/.test(format)) throw new Unsupported(`docker inspect ${format}`)
    const [image = ''] = rest
    const digest = machine.digests.get(image)
    if (digest === undefined) {
      call.error('template parsing error: template: :1:2: executing "" at <index .RepoDigests 0>\n')
      return 1
    }
    call.out(`${image.replace(/:[^:/]*$/, '')}@${digest}\n`)
    return 0
  }

  async function build(call: Call, args: readonly string[]): Promise<number> {
    const { values, flags } = readArgs(args, valued)
    const tags = [...(values.get('-t') ?? []), ...(values.get('--tag') ?? [])]
    for (const tag of tags) machine.images.add(tag)
    const output = [...(values.get('-o') ?? []), ...(values.get('--output') ?? [])].join()
    return flags.has('--push') || /type=(registry|image,push=true)/.test(output) ? push(call, tags) : 0
  }

  return async (call) => {
    const [command, ...args] = call.args
    if (command === 'build') return build(call, args)
    if ((command === 'buildx' || command === 'image') && args[0] === 'build')
      return build(call, args.slice(1))
    if (command === 'inspect') return inspect(call, args)
    if (command === 'image' && args[0] === 'inspect') return inspect(call, args.slice(1))
    const { rest, flags } = readArgs(args, valued)
    switch (command) {
      case 'push': {
        const isAll = flags.has('-a') || flags.has('--all-tags')
        return push(
          call,
          isAll ? [...machine.images].filter((image) => image.startsWith(`${rest[0]}:`)) : rest,
        )
      }
      case 'tag':
        if (!machine.images.has(rest[0]!)) {
          call.error(`Error response from daemon: No such image: ${rest[0]}\n`)
          return 1
        }
        machine.images.add(rest[1]!)
        return 0
      case 'pull':
        machine.images.add(rest[0]!)
        return 0
      case 'login':
        call.out('Login Succeeded\n')
        return 0
      default:
        throw new Unsupported(`docker ${command}`)
    }
  }
}
