import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { type GitHubSandbox, startGitHub } from '../../sandbox/github/github.ts'
import { testPace } from '../../sandbox/pace.ts'
import { parseConfig } from '../../src/config/load.ts'
import { connectGitHub } from '../../src/github/github.ts'
import type { GitHub, Inspected } from '../../src/ports/ports.ts'
import { unmarked } from '../../src/release/foreign.ts'
import { sentInputs, takes } from '../../src/release/input-binding.ts'
import { bindingRules, type ServiceEnvironment, type Settings } from '../../src/settings/settings.ts'
import { badText, textOf, withMap } from './files.ts'
import { type Answer, bad, environments, kinds, type Requests } from './kinds.ts'

let sandbox: GitHubSandbox
beforeEach(async () => {
  sandbox = await startGitHub({ pace: testPace })
})
afterEach(async () => {
  const { violations } = sandbox.world
  await sandbox.close()
  expect(violations).toEqual([])
})

/** Commits files to `.github/workflows` of both branches, without starting a run. */
function commit(files: Readonly<Record<string, string>>): void {
  const repository = sandbox.world.repository()
  const paths = Object.entries(files).map(([name, text]) => [`.github/workflows/${name}`, text])
  for (const branch of ['develop', 'main']) {
    const { author, date } = repository.git.tip(`heads/${branch}`)!
    repository.commit(branch, { message: 'Add a workflow', author, date, files: Object.fromEntries(paths) })
  }
  sandbox.world.learnWorkflows(repository)
}

/** twokey.yml with this `services:` block; null if it is invalid. */
function settingsOf(services: string): Settings | null {
  const loaded = parseConfig(`slack: { channel: C0DEPLOYS }\n${environments}${services}`)
  // The config has the fields that binding needs, in the same form as the settings.
  return 'config' in loaded ? (loaded.config as unknown as Settings) : null
}

function serviceEnvironmentEntries({
  serviceEnvironments,
}: Settings): readonly [string, ServiceEnvironment][] {
  return serviceEnvironments.map((place) => [`${place.service} ${place.environment}`, place])
}

function connected(): GitHub {
  const { GITHUB_TOKEN, GITHUB_API_URL } = sandbox.env
  return connectGitHub({ token: GITHUB_TOKEN, apiUrl: GITHUB_API_URL })
}

/** Whether GitHub starts a run for what would be sent. */
async function starts(
  { repository, workflow, branch: ref }: ServiceEnvironment,
  inspected: Inspected,
): Promise<boolean> {
  if ('refused' in inspected) return false
  const inputs = sentInputs(inspected.tip.inputs)
  const details = 'asked'
  const dispatch = { repository, workflow, ref, inputs, details, maySend: async () => true } as const
  return (await connected().dispatch(dispatch)).answer === 'run'
}

/** twokey's answer to a request for the tip of the environment's branch. */
async function asked(settings: Settings, place: ServiceEnvironment): Promise<Inspected> {
  const { repository, workflow, branch } = place
  const rules = (sha: string) => bindingRules(settings, place, { sha, releaseId: 'r-1', requester: 'U0ANA' })
  return connected().inspect({ repository, workflow, branch, ref: null, running: [{ commit: null }], rules })
}

/** In the form of the table of kinds. */
function answerOf(inspected: Inspected): Omit<Answer, 'problems'> & { readonly code?: string } {
  if ('refused' in inspected) return { answer: 'refused', code: inspected.refused.code }
  const { inputs } = inspected.tip
  const placeholders = new Map([
    [inspected.commit.sha, '$sha'],
    ['r-1', '$release_id'],
    ['U0ANA', '$requester'],
  ])
  const sent = Object.entries(sentInputs(inputs)).map(([name, value]) => [
    name,
    placeholders.get(value) ?? value,
  ])
  return {
    answer: 'ships',
    commits: takes(inputs, 'sha') ? 'any' : 'tip',
    inputs: Object.fromEntries(sent),
  } as Omit<Answer, 'problems'>
}

/** The `inputs:` that the refusals of these services show, as somebody would paste them into twokey.yml. */
async function linesShown(services: string): Promise<string> {
  const settings = settingsOf(services)!
  const lines = new Map<string, string>()
  for (const [, place] of serviceEnvironmentEntries(settings)) {
    const inspected = await asked(settings, place)
    if (!('refused' in inspected)) continue
    const next = unmarked(inspected.refused.next)
    const own = `environments: { ${place.environment}: { $1 } }`
    const [, common] = /twokey\.yml, set `(inputs: \{[^`]*\})`/.exec(next) ?? []
    const [, apart] = /environments\.\w+`, set `(inputs: \{[^`]*\})`/.exec(next) ?? []
    if (common) lines.set(`${place.service} common`, `${place.service}: { ${common} }`)
    if (apart)
      lines.set(`${place.service} ${place.environment}`, `${place.service}: { ${own.replace('$1', apart)} }`)
  }
  return [...lines.values()].reduce((all, line) => (all === '' ? line : stringify(mergedYaml(all, line))), '')
}

function mergedYaml(one: string, other: string): unknown {
  return (
    parse(withMap(`services: ${one.startsWith('{') ? one : `{ ${one} }`}`, other)) as { services: unknown }
  ).services
}

function expected(answer: Answer): object {
  return answer.answer === 'refused' ? { answer: 'refused', code: answer.problems[0]?.code } : answer
}

async function answers(services: string, wanted: Requests): Promise<void> {
  const settings = settingsOf(services)
  expect(settings).not.toBeNull()
  for (const [name, place] of serviceEnvironmentEntries(settings!)) {
    const answer = wanted[name as keyof Requests]
    if (!answer) continue
    const inspected = await asked(settings!, place)
    expect([name, answerOf(inspected)]).toEqual([name, expected(answer)])
    expect([name, await starts(place, inspected)]).toEqual([name, answer.answer === 'ships'])
  }
}

describe.each(kinds)('$name ($file)', ({ file, companions, services, before, map, wrongMaps }) => {
  beforeEach(() =>
    commit({
      [file]: textOf(`files/${file}`),
      ...Object.fromEntries(companions.map((name) => [name, textOf(`companions/${name}`)])),
    }),
  )

  test('binds the workflow without a map', async () => {
    if (before.outcome === 'config error') expect(settingsOf(services)).toBeNull()
    else await answers(services, before.requests)
  })

  if (map.is === 'needed')
    test('deploys what was approved with the right map', async () => {
      await answers(withMap(services, map.lines), map.after)
    })

  if (before.outcome === 'requests')
    test('deploys as approved, or is refused, with the lines from the refusal', async () => {
      const shown = await linesShown(services)
      if (shown === '') return
      const settings = settingsOf(withMap(services, shown))
      expect(settings).not.toBeNull()
      for (const [name, place] of serviceEnvironmentEntries(settings!)) {
        const answer = answerOf(await asked(settings!, place))
        const right = map.is === 'needed' ? map.after[name as keyof Requests] : undefined
        if (answer.answer === 'ships' && map.is !== 'not needed')
          expect([name, answer]).toEqual([name, right])
      }
    })

  test.each(wrongMaps)('refuses a map: $wrong', async (wrong) => {
    const settings = settingsOf(withMap(services, wrong.lines))
    if ('configError' in wrong) {
      expect(settings).toBeNull()
      return
    }
    // A mistake that twokey.yml itself shows is a config error.
    if (settings === null) return
    const place = new Map(serviceEnvironmentEntries(settings)).get(wrong.request)
    expect(answerOf(await asked(settings, place!))).toEqual({ answer: 'refused', code: wrong.problem.code })
  })
})

test.each(bad)(
  'refuses $name ($file) before anyone is asked to approve',
  async ({ file, services, code }) => {
    commit({ [file]: badText(file) })
    const settings = settingsOf(services)!
    for (const [, place] of serviceEnvironmentEntries(settings)) {
      const inspected = await asked(settings, place)
      expect(answerOf(inspected)).toEqual({ answer: 'refused', code })
    }
  },
)
