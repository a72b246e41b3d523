import { isRecord } from '../blocks/check.ts'
import { checkBlocks, isTooLong } from '../blocks.ts'
import type { Metadata } from '../entities.ts'
import { ApiError, type Args, invalid, jsonArg, textArg } from './method.ts'

/** The content of a message's arguments; a field is undefined if its argument was not given. */
export type Given = {
  readonly text: string | undefined
  readonly blocks: readonly unknown[] | undefined
  readonly attachments: readonly unknown[] | undefined
  readonly metadata: Metadata | null | undefined
}

/** Reads text, blocks, attachments and metadata. @throws {ApiError} where Slack refuses them */
export function contentOf(args: Args, textLimit: number): Given {
  const text = textArg(args, 'text')
  if (args.markdown_text !== undefined) {
    throw invalid('invalid_arguments', ['markdown_text is not served here [json-pointer:/markdown_text]'])
  }
  if (text !== undefined && text.length > textLimit) throw new ApiError('msg_too_long')
  return { text, blocks: blocksOf(args), attachments: attachmentsOf(args), metadata: metadataOf(args) }
}

/** @throws {ApiError} `no_text` if there is nothing to show */
export function checkNotEmpty({ text, blocks, attachments }: Given): void {
  if (text === undefined && !blocks?.length && !attachments?.length) throw new ApiError('no_text')
}

function blocksOf(args: Args): readonly unknown[] | undefined {
  const blocks = jsonArg(args, 'blocks', 'invalid_blocks_format')
  if (blocks === undefined || blocks === null) return undefined
  if (!Array.isArray(blocks)) throw new ApiError('invalid_blocks_format')
  const problems = checkBlocks(blocks, 'message')
  if (problems.length > 0) throw invalid('invalid_blocks', problems)
  if (isTooLong(blocks)) throw new ApiError('msg_blocks_too_long')
  return blocks
}

function attachmentsOf(args: Args): readonly unknown[] | undefined {
  const attachments = jsonArg(args, 'attachments', 'invalid_attachments')
  if (attachments === undefined || attachments === null) return undefined
  if (!Array.isArray(attachments)) throw new ApiError('invalid_attachments')
  if (attachments.length > 100) throw new ApiError('too_many_attachments')
  const problems = attachments
    .filter(isRecord)
    .flatMap((attachment) =>
      attachment.blocks === undefined ? [] : checkBlocks(attachment.blocks, 'message'),
    )
  if (problems.length > 0) throw invalid('invalid_blocks', problems)
  return attachments
}

function metadataOf(args: Args): Metadata | null | undefined {
  const metadata = jsonArg(args, 'metadata', 'invalid_metadata_format')
  if (metadata === undefined || metadata === null) return undefined
  if (!isRecord(metadata)) throw new ApiError('invalid_metadata_format')
  if (Object.keys(metadata).length === 0) return null
  const { event_type, event_payload } = metadata
  if (typeof event_type !== 'string' || !isRecord(event_payload))
    throw new ApiError('invalid_metadata_format')
  return { event_type, event_payload }
}
