import { createHmac, timingSafeEqual } from 'node:crypto'

export type Signed = {
  readonly secret: string
  /** What stands before the hex digits, `sha256=`. */
  readonly prefix: string
  readonly signature: string | undefined
  /** What is signed, as it came over the wire: bytes that were parsed and written again may differ. */
  readonly parts: readonly (string | Uint8Array)[]
}

/** Whether the signature is the HMAC-SHA256 of the parts. The time that it takes says nothing about the right one. */
export function isSigned({ secret, prefix, signature, parts }: Signed): boolean {
  if (signature === undefined) return false
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  const right = Buffer.from(`${prefix}${hmac.digest('hex')}`)
  const found = Buffer.from(signature)
  return found.length === right.length && timingSafeEqual(found, right)
}
