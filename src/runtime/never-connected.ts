/** Error codes of Node and undici for a connection that was never made. */
const codes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

/** Whether a request failed, by its error or one of the causes, before there was a connection: nothing was sent. */
export function neverConnected(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && codes.has(at.code)) return true
  return false
}
