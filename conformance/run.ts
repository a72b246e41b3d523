import { parseArgs } from 'node:util'
import { type Observed, observed, parties } from './compare.ts'
import type { Outside } from './outside.ts'
import { sandboxOutside } from './sandbox.ts'
import { unverified } from './unverified.ts'

/** `npm run conformance`: prints where the sandbox and the outside that the reader names differ. docs/conformance.md. */

const options = ['channel', 'repository', 'workflow', 'branch', 'cluster', 'service'] as const
type Named = Partial<Record<(typeof options)[number], string>>

/** The outside that options and the environment name; null without options: the sandbox alone. */
function realOutside(
  named: Named,
  variables: NodeJS.ProcessEnv,
): Outside | null | { readonly missing: string[] } {
  if (Object.keys(named).length === 0) return null
  const { channel, repository, workflow, branch, cluster, service } = named
  const { SLACK_BOT_TOKEN, GITHUB_TOKEN, AWS_REGION } = variables
  if (!channel || !repository || !workflow || !branch || !cluster || !service)
    return { missing: options.filter((option) => !named[option]).map((option) => `--${option}`) }
  if (!SLACK_BOT_TOKEN || !GITHUB_TOKEN || !AWS_REGION)
    return {
      missing: ['SLACK_BOT_TOKEN', 'GITHUB_TOKEN', 'AWS_REGION'].filter((name) => !variables[name]),
    }
  return {
    slack: { apiUrl: 'https://slack.com/api/', token: SLACK_BOT_TOKEN, channel },
    gitHub: {
      apiUrl: variables.GITHUB_API_URL ?? 'https://api.github.com',
      token: GITHUB_TOKEN,
      repository,
      workflow,
      branch,
    },
    aws: { region: AWS_REGION, cluster, service },
  }
}

function said(each: Observed): string {
  switch (each.was) {
    case 'as expected':
      return 'as expected'
    case 'different':
      return JSON.stringify(each.observed)
    case 'failed':
      return `failed: ${each.reason}`
  }
}

/** Prints a line for each assertion. Returns how many are not as expected. */
async function compare(sandbox: Outside, real: Outside | null): Promise<number> {
  let differences = 0
  for (const { name, assertions } of parties) {
    console.log(`\n${name}`)
    for (const assertion of assertions) {
      const there = await observed(assertion, real ?? sandbox)
      const here = real === null ? there : await observed(assertion, sandbox)
      const isAsExpected = there.was === 'as expected' && here.was === 'as expected'
      if (!isAsExpected) differences++
      console.log(`${isAsExpected ? '✓' : '✗'} ${assertion.what}`)
      if (isAsExpected) continue
      console.log(`    expected ${JSON.stringify(assertion.expected)}`)
      console.log(`    sandbox  ${said(here)}`)
      if (real !== null) console.log(`    real     ${said(there)}`)
    }
  }
  return differences
}

/** The options; null, after a message, if they cannot be read. */
function namedOptions(): Named | null {
  try {
    return parseArgs({
      options: Object.fromEntries(options.map((option) => [option, { type: 'string' as const }])),
    }).values as Named
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(error.message)
    return null
  }
}

async function run(): Promise<0 | 1 | 2> {
  const named = namedOptions()
  if (named === null) return 2
  const real = realOutside(named, process.env)
  if (real !== null && 'missing' in real) {
    console.error(`Missing: ${real.missing.join(', ')}. docs/conformance.md says what each is.`)
    return 2
  }
  const { outside: sandbox, close } = await sandboxOutside()
  try {
    if (real === null) console.log('Without options this asks the sandbox alone.')
    const differences = await compare(sandbox, real)
    console.log('\nNot verified by anybody, and not by this:')
    for (const [name, statements] of Object.entries(unverified))
      for (const statement of statements) console.log(`? ${name}: ${statement}`)
    console.log(differences === 0 ? '\nNo differences.' : `\n${differences} differ.`)
    return differences === 0 ? 0 : 1
  } finally {
    await close()
  }
}

process.exitCode = await run()
