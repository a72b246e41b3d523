import { bodyLimit } from 'hono/body-limit'

/** The media type of a request, without its parameters. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** Answers 413 to a body of more bytes, before all of it is read. */
export function atMost(bytes: number) {
  return bodyLimit({ maxSize: bytes, onError: (c) => c.text(`the body has more than ${bytes} bytes`, 413) })
}
