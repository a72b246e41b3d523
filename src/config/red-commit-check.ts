import { serviceEnvironmentEntries } from './layers.ts'
import type { Finding } from './problems.ts'
import type { Draft } from './schema.ts'

type Said = { readonly checks?: string | undefined; readonly redCommit?: object | undefined } | undefined

/** A `redCommit` that never applies, because the checks are not required there. */
export function redCommitFindings(draft: Draft): readonly Finding[] {
  const ofServices = serviceEnvironmentEntries(draft)
  const isOfUse = (environment: string) =>
    ofServices.some(({ own, common, environment: name }) => name === environment && areNotOff(own, common))
  const unused = [
    ...Object.entries(draft.environments ?? {})
      .filter(([name, said]) => said?.redCommit && !areNotOff(said) && !isOfUse(name))
      .map(([name]) => ['environments', name, 'redCommit']),
    ...ofServices
      .filter(({ own, common }) => own.redCommit && !areNotOff(own, common))
      .map(({ path }) => [...path, 'redCommit']),
  ]
  return unused.map((path) => ({
    path,
    allowed: 'only beside `checks: required`',
    message:
      'Checks are not required here, so `redCommit` has no effect. Add `checks: required`, or remove `redCommit`.',
  }))
}

/** Whether checks are required, or the value is a mistake, which is reported elsewhere. */
function areNotOff(...layers: readonly Said[]): boolean {
  const said = layers.find((layer) => layer !== undefined && 'checks' in layer)
  return said !== undefined && said.checks !== 'off'
}
