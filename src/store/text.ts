/**
 * Text as every database stores it: well-formed Unicode without NUL, which Postgres rejects. JSON does not need this,
 * because `JSON.stringify` escapes both.
 */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}
