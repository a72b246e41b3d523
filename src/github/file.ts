import { z } from 'zod'
import { type Client, ownerAndName } from './client.ts'
import { longestFile } from './workflow-file.ts'

/** A folder is a list; a file of more than 1 MB comes with another encoding and no content. */
const contentShape = z
  .object({ type: z.string(), encoding: z.string().optional(), content: z.string().optional() })
  .or(z.array(z.unknown()))

/**
 * Characters of base64 that are decoded. No file that is cut by it is read: a character takes three bytes at most, and a byte
 * less than 1.4 characters of base64, ends of lines included.
 */
const mostEncoded = Math.ceil(longestFile * 3 * 1.4)

/** The text of a file in a commit; null: it is not there, or is no file that can be read. Throws `Trouble`. */
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
  return Buffer.from(content.content.slice(0, mostEncoded), 'base64').toString('utf8')
}
