import { readFileSync } from 'node:fs'
import { awsInventory } from '../aws/ecs/inventory.ts'
import { defaultRegion } from '../aws/ecs/region.ts'
import { formatVariableProblems, unencryptedIn } from '../config/environment.ts'
import { readGitHubApi } from '../config/environment-parts.ts'
import type { Variables } from '../config/variables.ts'
import { gitHubInventory } from '../github/inventory.ts'
import { issuerOf } from '../iam/issuer.ts'
import type { Value } from '../iam/values.ts'
import { type GitHubAppManifest, gitHubAppLink, gitHubPages, slackAppLink } from '../init/app-links.ts'
import { readClone } from '../init/clone.ts'
import { makePlan } from '../init/make-plan.ts'
import { Unanswered } from '../init/question.ts'
import { valuesOf } from '../init/values.ts'
import { type Written, writeFiles } from '../init/write.ts'
import { Trouble } from '../ports/ports.ts'
import { useProxy } from '../runtime/proxy.ts'
import { dialog, type InitOptions, likely, remembering } from './init-answers.ts'
import { filesOf, formatNames, isFormat } from './init-files.ts'
import { refused } from './refused.ts'

/** `twokey init`: asks what it cannot read, and writes twokey.yml, the deploy workflow and the roles in AWS. */
export async function init(variables: Variables, options: InitOptions): Promise<0 | 1 | 2> {
  const { format } = options
  if (!isFormat(format))
    return refused(`--format ${format}: there is no such format. Allowed: ${formatNames.join(', ')}.`)
  const proxy = useProxy(variables)
  const aws = await defaultRegion()
  if (aws.region === undefined)
    return refused(`No AWS region: ${aws.why.replace(/\.$/, '')}. Set AWS_REGION.`)
  const api = readGitHubApi(variables)
  if ('problems' in api) return refused(formatVariableProblems(api.problems))
  const unencrypted = unencryptedIn(variables)
  if (unencrypted.length > 0) return refused(formatVariableProblems(unencrypted))
  const answered = new Map<string, string>()
  const ask = remembering(options.yes ? likely(options) : dialog(options), answered)
  // Without a token, what only GitHub knows stays a variable in the file of the roles.
  const token = variables.GITHUB_TOKEN
  const github = token ? gitHubInventory({ token, ...api }) : null
  try {
    const inventory = awsInventory({ region: aws.region, ...(proxy && { proxy }) })
    const account = await inventory.account()
    const clone = await readClone(options.folder)
    const made = await makePlan(ask, {
      clone,
      aws: inventory,
      gitHubEnvironments: async (repository) => (await github?.environments(repository)) ?? null,
    })
    const words = [...answered, ['format', format]].flatMap(([option, answer = '']) => [
      `--${option}`,
      inShell(answer),
    ])
    const values = await valuesOf(made, { account, github })
    const { files, missing } = filesOf(made.plan, {
      format,
      values,
      issuer: issuerOf(api.apiUrl),
      account,
      command: `twokey init ${words.join(' ')}`,
    })
    const written = writeFiles(options.folder, files)
    console.log(
      report(written, {
        hasDockerfile: clone.hasDockerfile,
        missing,
        repository: made.plan.repository,
        web: gitHubPages(api.apiUrl),
      }),
    )
    return written.some(({ was }) => was === 'kept') ? 1 : 0
  } catch (error) {
    console.error(`Nothing was written${whyNot(error)}`)
    return error instanceof Unanswered ? 2 : 1
  }
}

/** Why nothing was written. @throws an error that is no answer of the person, of AWS, of GitHub or of the disk */
function whyNot(error: unknown): string {
  if (error instanceof Trouble) return `: ${error.message}.`
  if (error instanceof Unanswered) return `: ${error.message}`
  if (!(error instanceof Error)) throw error
  // Ctrl+C in the dialog.
  if (error.name === 'ExitPromptError') return '.'
  if ('syscall' in error) return `: ${error.message}.`
  throw error
}

/** What the report is about, beside the files. `web`: the address of GitHub's pages. */
type Next = {
  readonly hasDockerfile: boolean
  readonly missing: readonly Value[]
  readonly repository: string
  readonly web: string
}

/** What became of each file, and what to do next. */
function report(written: readonly Written[], { hasDockerfile, missing, repository, web }: Next): string {
  const [owner = ''] = repository.split('/')
  return [
    ...written.map(lineOf),
    '',
    ...(hasDockerfile ? [] : ['There is no Dockerfile here: change the step "Build" of the workflow.']),
    ...(missing.length === 0 ? [] : ['The file for AWS needs these values:', ...missing.map(valueLine)]),
    'Next: review the files, then go on with step 3 of docs/first-deploy.md of twokey. These links fill in the forms:',
    '',
    `The Slack app (step 4): ${slackAppLink(own('manifest.yml'))}`,
    '',
    `The GitHub App, which blocks pushes until they are approved (docs/gates.md): ${gitHubAppLink(
      JSON.parse(own('github-app.json')) as GitHubAppManifest,
      { owner, web },
    )}`,
  ].join('\n')
}

/** A file of twokey's own. */
function own(name: 'manifest.yml' | 'github-app.json'): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
}

function valueLine({ name, what, example }: Value): string {
  return `  ${name}: ${what} (${example})`
}

/** A word of a command, quoted if a shell would not take it as it is. */
function inShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function lineOf(file: Written): string {
  switch (file.was) {
    case 'written':
      return `✓ ${file.path}`
    case 'already there':
      return `✓ ${file.path} is there already, and the same`
    case 'kept':
      return `✗ ${file.path} is there already, and differs. It was left as it is:\n\n${file.diff}`
  }
}
