import type { DeployForm, FormSource, Named, RollbackForm, ServingNow } from '../messages/form.ts'
import type { Asked } from '../messages/intent.ts'
import type { Outside } from '../ports/outside.ts'
import { type Settings, serviceEnvironmentOf } from '../settings/settings.ts'
import { chooseForDeploy, chooseForRollback } from './choose.ts'
import { servingAt } from './revisions.ts'

/** How many of a branch's last commits are offered. */
const commitsOffered = 50

type FormSourceDeps = { readonly settings: Settings; readonly outside: Pick<Outside, 'github' | 'ecs'> }

/** Answers the requests of forms while people fill them in. */
export function formSource({
  settings,
  outside,
  mayNotRead,
}: FormSourceDeps & Pick<FormSource, 'mayNotRead'>): FormSource {
  return {
    formFor: (asked) => formFor(settings, asked),
    mayNotRead,
    deployForm: (chosen) => deployForm(settings, chosen),
    serving: (at) => servingNow({ settings, outside }, at),
    async commits(at) {
      const serviceEnvironment = serviceEnvironmentOf(settings, at)
      if (!serviceEnvironment) return []
      const { repository, branch } = serviceEnvironment
      return outside.github.recentCommits({ repository, branch, limit: commitsOffered })
    },
  }
}

/** The form that answers a request, before anything is looked up; null: none does. */
export function formFor(settings: Settings, asked: Asked): DeployForm | RollbackForm | null {
  switch (asked.ask) {
    case 'form': {
      const { services, environments, defaults } = settings
      return deployForm(settings, {
        service: defaults.service ?? only(services),
        environment: defaults.environment ?? only(environments),
      })
    }
    case 'deploy': {
      const chosen = chooseForDeploy(settings, asked.service, asked.environment)
      return 'refused' in chosen && chosen.refused.code === 'several_services'
        ? deployForm(settings, { service: null, environment: asked.environment })
        : null
    }
    case 'rollback': {
      const chosen = chooseForRollback(settings, asked.service, asked.environment)
      if (asked.revision !== null || 'refused' in chosen) return null
      const { service, environment } = chosen.serviceEnvironment
      return { form: 'rollback', service, environment, revisions: null }
    }
    default:
      return null
  }
}

function deployForm(
  settings: Settings,
  { service, environment }: Pick<DeployForm, 'service' | 'environment'>,
): DeployForm {
  const { services, environments } = settings
  const chosen = { form: 'deploy', services, environments, service, environment } as const
  if (service === null || environment === null) return { ...chosen, branch: null, serving: { seen: 'open' } }
  const branch = serviceEnvironmentOf(settings, { service, environment })?.branch ?? null
  return { ...chosen, branch, serving: { seen: 'looking' } }
}

/** The running revision, as a form shows it. Does not throw. */
export async function servingNow({ settings, outside }: FormSourceDeps, at: Named): Promise<ServingNow> {
  const serviceEnvironment = serviceEnvironmentOf(settings, at)
  if (!serviceEnvironment) return { seen: 'no', why: `${at.service} does not deploy to ${at.environment}` }
  const { serving, why } = await servingAt(outside.ecs, serviceEnvironment)
  if (serving === null) return { seen: 'no', why: why ?? 'it could not be read' }
  return { seen: 'yes', revision: serving }
}

function only(names: readonly string[]): string | null {
  return names.length === 1 ? (names[0] ?? null) : null
}
