import { allowedText, fieldAt } from './fields.ts'
import { type ServiceEnvironmentEntry, serviceEnvironmentEntries } from './layers.ts'
import type { Finding, Path } from './problems.ts'
import type { Draft } from './schema.ts'

/** Fields that a service may leave to its environments, and that are missing in one of them. */
export function workflowFindings(draft: Draft): readonly Finding[] {
  const serviceEnvironments = serviceEnvironmentEntries(draft)
  const services = Object.entries(draft.services ?? {})
  return [
    ...services.flatMap(([service, said]) =>
      said
        ? (['workflow', 'containers'] as const)
            .filter((key) => !(key in said))
            .flatMap((key) =>
              missingField(
                service,
                key,
                serviceEnvironments.filter((serviceEnvironment) => serviceEnvironment.service === service),
              ),
            )
        : [],
    ),
    ...serviceEnvironments.flatMap(missingFamily),
  ]
}

function missingField(
  service: string,
  key: 'workflow' | 'containers',
  serviceEnvironments: readonly ServiceEnvironmentEntry[],
): readonly Finding[] {
  const without = serviceEnvironments.filter(({ own }) => !(key in own)).map(({ environment }) => environment)
  if (serviceEnvironments.length > 0 && without.length === 0) return []
  const path: Path = ['services', service, key]
  const some = without.length < serviceEnvironments.length
  return [
    {
      path,
      allowed: allowedText(fieldAt(path)),
      message: `${fieldAt(path)?.description}${some ? ` Set it here, or for ${without.join(', ')} too.` : ''}`,
    },
  ]
}

function missingFamily({ own, ofService, path }: ServiceEnvironmentEntry): readonly Finding[] {
  if (!own.migration || 'migration' in ofService || 'family' in own.migration) return []
  const family: Path = [...path, 'migration', 'family']
  return [
    {
      path: family,
      allowed: allowedText(fieldAt(family)),
      message: 'The service has no migration to merge this with, so set its family here.',
    },
  ]
}
