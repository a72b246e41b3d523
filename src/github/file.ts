import { z } from 'zod'
import { type Client, ownerAndName } from './client.ts'
import { maxFileLength } from './workflow-file.ts'

/** For a folder GitHub returns a list; for a file of more than 1 MB another encoding and no content. */
const contentShape = z
  .object({ type: z.string(), encoding: z.string().optional(), content: z.string().optional() })
  .or(z.array(z.unknown()))

/**
 * Limit of base64 characters to decode. It never truncates a file that would be read: a character takes at most three
 * bytes, and a byte less than 1.4 characters of base64, line breaks included.
 */
const maxEncoded = Math.ceil(maxFileLength * 3 * 1.4)

/** The text of a file in a commit; null if it does not exist or cannot be read as a file. Throws `Trouble`. */
export async function fileAt(
  client: Client,
  { repository, path, sha }: { readonly repository: string; readonly path: string; readonly sha: string },
): Promise<string | null> {
  const content = await client.find({
    route: 'GET /repos/{owner}/{repo}/contents/{path}',
    parameters: { ...ownerAndName(repository), path, ref: sha },
    shape: contentShape,
  })
  if (content === null || Array.isArray(content)) return null
  if (content.type !== 'file' || content.encoding !== 'base64' || content.content === undefined) return null
  return Buffer.from(content.content.slice(0, maxEncoded), 'base64').toString('utf8')
}
