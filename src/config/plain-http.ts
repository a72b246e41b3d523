import { isIPv4 } from 'node:net'

/** Whether requests to this address could be read on a network: plain HTTP to anything but this machine. */
export function isUnencrypted(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && !isLoopback(hostname)
}

/** `hostname` as a URL has it: an IPv4 address in its one form, an IPv6 address in brackets. Source: RFC 6890, WHATWG URL. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
}
