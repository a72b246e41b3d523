/**
 * Text as every database keeps it: well-formed Unicode without NUL, which Postgres refuses.
 * JSON needs none of this, since `JSON.stringify` escapes both.
 */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}
