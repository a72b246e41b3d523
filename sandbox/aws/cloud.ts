import type { Pace } from '../pace.ts'
import { home, type Site } from './arn.ts'
import { AwsError } from './error.ts'
import { type Caller, Iam } from './iam.ts'
import { Rates } from './rates.ts'
import { seedRoles } from './seed-roles.ts'
import { seedWorld } from './seed-world.ts'
import { readScope, type Service } from './wire.ts'
import { World } from './world.ts'

/** What a request may use: the region of the caller's account for which it is signed. */
export type Access = { readonly caller: Caller; readonly world: World; readonly rates: Rates }

/** Several accounts of AWS, each with its regions. */
export class Cloud {
  readonly iam = new Iam()
  /** The account and region with the default world. */
  readonly home: World
  readonly #pace: Pace
  readonly #worlds: { readonly world: World; readonly rates: Rates }[] = []

  constructor(pace: Pace) {
    this.#pace = pace
    this.home = this.#add(seedWorld(pace)).world
    seedRoles(this.iam)
  }

  /** A region of an account, with the same services as the default world. */
  seeded(site: Site): World {
    if (this.#find(site)) throw new Error(`${site.region} of ${site.account} exists already`)
    return this.#add(seedWorld(this.#pace, site)).world
  }

  /** Advances all regions to `now` (ms). */
  advance(now: number): void {
    for (const { world } of this.#worlds) world.advance(now)
  }

  /**
   * Checks who calls, and the region and the service of the signature's scope. The signature itself is not verified.
   * @throws {AwsError} as AWS refuses it
   */
  enter(headers: (name: string) => string | undefined, service: Service, now: number): Access {
    const scope = readScope(headers('authorization'))
    const caller = this.iam.callerOf(scope.key, headers('x-amz-security-token'), now)
    // IAM has one region, us-east-1. With an endpoint of one's own, the SDK signs for the region of its settings.
    const isOpen =
      (service === 'iam' && scope.region === 'us-east-1') ||
      this.#worlds.some(({ world }) => world.site.region === scope.region)
    if (caller.account === home.account && this.home.token === 'expired')
      throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired')
    if (scope.service !== service)
      throw new AwsError(
        'InvalidSignatureException',
        `Credential should be scoped to correct service: '${service}'.`,
      )
    if (!isOpen)
      throw new AwsError(
        'InvalidSignatureException',
        `Credential should be scoped to a valid region, not '${scope.region}'.`,
      )
    const region = service === 'iam' ? home.region : scope.region
    const site = { account: caller.account, region }
    return { caller, ...(this.#find(site) ?? this.#add(new World(this.#pace, site))) }
  }

  #find({ account, region }: Site) {
    return this.#worlds.find(({ world: { site } }) => site.account === account && site.region === region)
  }

  #add(world: World) {
    const added = { world, rates: new Rates() }
    this.#worlds.push(added)
    return added
  }
}
