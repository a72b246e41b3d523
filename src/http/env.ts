import type { HttpBindings } from '@hono/node-server'

/** What routes know of a request beyond Hono: the raw request and response of Node. */
export type HttpEnv = { Bindings: HttpBindings }
