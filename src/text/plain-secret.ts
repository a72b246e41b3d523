import { maskLine, maskTokens } from './mask.ts'

/** A name whose value is a secret itself: `TOKEN_TTL` or `SECRET_ARN` say something about one. */
const secretName =
  /(?:^|[_.-])(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|SECRET[_-]?KEY|TOKEN|API[_-]?KEY|ACCESS[_-]?KEY|PRIVATE[_-]?KEY|SIGNING[_-]?KEY|ENCRYPTION[_-]?KEY|CREDENTIALS?)(?:[_-]?\d+)?$/i
const camelCaseName = /(?:Password|Secret|Token|ApiKey|PrivateKey)$/
const publicName = /PUBLIC|PUBLISHABLE/i

/** Values that name a secret, or say something about it: addresses and paths, ARNs, numbers, switches, placeholders. */
const noSecret =
  /^(?:arn:|https?:\/\/|\/|\.|\$\{?|true$|false$|none$|null$|disabled$|enabled$|-?[\d.]+ ?[a-z]{0,3}$)/i

/** Shorter values are no secrets worth storing, characters. */
const shortest = 6

/** Whether a variable looks like a secret; its value is never returned. Null: it does not. */
export function looksLikeSecret(name: string, value: string): 'its name' | 'its value' | null {
  if (publicName.test(name)) return null
  if (
    maskTokens(value) !== value ||
    maskLine(value) !== value.replaceAll(/\s/g, ' ').slice(0, 4_000).trimEnd()
  )
    return 'its value'
  const isNamed = secretName.test(name) || camelCaseName.test(name)
  return isNamed && value.length >= shortest && !noSecret.test(value) ? 'its name' : null
}
