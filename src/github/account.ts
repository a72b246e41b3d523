import { z } from 'zod'
import type { Client } from './client.ts'

const userShape = z.object({ login: z.string() })

/** The login of the token's account; null for a token of an App, for which GitHub answers 403. Throws `Trouble`. */
export async function accountOf(client: Client): Promise<string | null> {
  const user = await client.find({ route: 'GET /user', parameters: {}, shape: userShape }, [403])
  return user?.login ?? null
}
