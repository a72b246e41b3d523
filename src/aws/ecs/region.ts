import { ECS } from '@aws-sdk/client-ecs'

/** The default region of AWS. `why`: in a few words, without a full stop. */
export type DefaultRegion = { readonly region: string } | { readonly region: undefined; readonly why: string }

/**
 * As the AWS SDK finds it: `AWS_REGION`, else the profile's region in the shared config file. It does not read
 * `AWS_DEFAULT_REGION`.
 */
export async function defaultRegion(): Promise<DefaultRegion> {
  const client = new ECS()
  try {
    return { region: await client.config.region() }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { region: undefined, why: /region=""/.test(why) ? 'AWS_REGION is empty' : why }
  } finally {
    client.destroy()
  }
}
