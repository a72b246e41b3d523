import http from 'node:http'

/** The proxies of the environment, by the names of their variables. */
export type ProxySettings = {
  readonly HTTP_PROXY?: string
  readonly HTTPS_PROXY?: string
  /** Hosts that are reached without a proxy, separated by commas. */
  readonly NO_PROXY?: string
}

/** Addresses at which AWS hands out credentials and metadata to a task or an instance: never behind a proxy. */
const linkLocal = ['169.254.169.254', '169.254.170.2', '169.254.170.23', '[fd00:ec2::254]', '[fd00:ec2::23]']

/**
 * The proxies that the environment names, in upper or lower case; undefined if it names none. This machine and AWS's
 * link-local addresses are reached without one.
 */
export function proxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings | undefined {
  const named = (name: string) => env[name.toLowerCase()] || env[name] || undefined
  const [http, https] = [named('HTTP_PROXY'), named('HTTPS_PROXY')]
  if (http === undefined && https === undefined) return undefined
  const direct = [named('NO_PROXY'), 'localhost', '127.0.0.1', '[::1]', ...linkLocal]
  return {
    ...(http !== undefined && { HTTP_PROXY: http }),
    ...(https !== undefined && { HTTPS_PROXY: https }),
    NO_PROXY: direct.filter((host) => host !== undefined).join(','),
  }
}

/**
 * Lets `fetch` and Node's own agents use the proxies of the environment, for the rest of the process; clients with agents
 * of their own get the result.
 */
export function useProxy(env: Readonly<Record<string, string | undefined>>): ProxySettings | undefined {
  const settings = proxySettings(env)
  if (settings === undefined) return settings
  if ('setGlobalProxyFromEnv' in http) http.setGlobalProxyFromEnv({ ...settings })
  else process.emitWarning(`A proxy needs Node 24.14 or newer; this is Node ${process.versions.node}.`)
  return settings
}
