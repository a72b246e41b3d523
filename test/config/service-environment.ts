import type { Config, ServiceEnvironment } from '../../src/config/resolve.ts'

/** The service in the environment, if it deploys there. */
export function serviceEnvironment(
  { serviceEnvironments }: Config,
  service: string,
  environment: string,
): ServiceEnvironment | undefined {
  return serviceEnvironments.find((each) => each.service === service && each.environment === environment)
}
