import { ECS } from '@aws-sdk/client-ecs'

/** The region that AWS is asked in where nothing else names one. `why`: the SDK's words, without a full stop. */
export type DefaultRegion = { readonly region: string } | { readonly region: undefined; readonly why: string }

/** As the AWS SDK finds it: `AWS_REGION`, else the profile's region in the shared config file. `AWS_DEFAULT_REGION` is not among them. */
export async function defaultRegion(): Promise<DefaultRegion> {
  const client = new ECS()
  try {
    return { region: await client.config.region() }
  } catch (error) {
    return { region: undefined, why: error instanceof Error ? error.message : String(error) }
  } finally {
    client.destroy()
  }
}
