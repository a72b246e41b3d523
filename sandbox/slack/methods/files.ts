import { isRecord } from '../blocks/check.ts'
import type { Upload } from '../entities.ts'
import { tier4 } from '../rates.ts'
import { fileOnWire } from '../wire.ts'
import { newId } from '../workspace.ts'
import { ApiError, type Call, joinedChannel, jsonArg, type Method, requiredArg, textArg } from './method.ts'

const getUploadUrl: Method = {
  name: 'files.getUploadURLExternal',
  token: 'bot',
  scope: 'files:write',
  rate: tier4,
  support: 'supported',
  note: '',
  execute: ({ args, url, workspace }) => {
    const length = Number(requiredArg(args, 'length'))
    const filename = requiredArg(args, 'filename')
    if (!(length > 0)) throw new ApiError('invalid_arguments')
    const upload: Upload = {
      id: newId('F'),
      filename,
      length,
      title: filename,
      content: null,
      sharedIn: null,
    }
    workspace.uploads.set(upload.id, upload)
    return { upload_url: `${url}/upload/v1/${upload.id}`, file_id: upload.id }
  },
}

const completeUpload: Method = {
  name: 'files.completeUploadExternal',
  token: 'bot',
  scope: 'files:write',
  rate: tier4,
  support: 'partial',
  note: 'shares in one conversation (channel_id) or none; no channels list, no blocks',
  execute: (call) => {
    const { args, workspace } = call
    const uploads = listed(call)
    const files = uploads.map((upload) => upload.id)
    if (textArg(args, 'channel_id') !== undefined) {
      const channel = joinedChannel({ ...call, args: { channel: args.channel_id } })
      const message = workspace.post({
        channel: channel.id,
        user: workspace.app.userId,
        text: textArg(args, 'initial_comment') ?? '',
        blocks: [],
        threadTs: textArg(args, 'thread_ts') ?? null,
        files,
      })
      for (const upload of uploads) upload.sharedIn = { channel: channel.id, ts: message.ts }
    }
    return { files: files.map((id) => fileOnWire(workspace, id)) }
  },
}

export const fileMethods: readonly Method[] = [getUploadUrl, completeUpload]

function listed({ args, workspace }: Call): Upload[] {
  const files = jsonArg(args, 'files', 'invalid_arguments')
  if (!Array.isArray(files) || files.length === 0) throw new ApiError('invalid_arguments')
  return files.filter(isRecord).map(({ id, title }) => {
    const upload = workspace.uploads.get(String(id))
    if (!upload?.content) throw new ApiError('file_not_found')
    if (typeof title === 'string') upload.title = title
    return upload
  })
}
