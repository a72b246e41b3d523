import { z } from 'zod'
import { type Contexts, plainValue, rendered } from './expression.ts'

const image = z.string().or(z.looseObject({ image: z.string() }).transform((container) => container.image))
const images = image
  .transform((one) => [one])
  .or(z.record(z.string(), image).transform(Object.values<string>))

/**
 * The images that a job's `container` or `services` names. An expression may yield a name, a container with its
 * settings, or all services. If it is known only in the run, the expression itself is listed, because the image comes
 * from outside in any case.
 */
export function imagesOf(written: string, contexts: Contexts): readonly string[] {
  const whole = plainValue(written, contexts)
  const named =
    whole === undefined
      ? [rendered(written, contexts) ?? written]
      : (images.safeParse(whole).data ?? [written])
  return named
    .filter((name) => name !== '')
    .map((name) => (name.startsWith('docker://') ? name : `docker://${name}`))
}
