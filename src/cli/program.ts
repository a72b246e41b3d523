import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import type { Variables } from '../config/variables.ts'
import type { VerifyOptions } from './audit.ts'
import type { FilterOptions } from './audit-options.ts'
import type { ReportOptions } from './audit-report.ts'
import type { DoctorOptions } from './doctor.ts'
import type { IamOptions } from './iam.ts'
import type { TrustOptions } from './iam-trust.ts'
import type { InitOptions } from './init-answers.ts'

/** Exit status: 0 done, 1 failed, 2 called or configured wrongly. */
export type ExitStatus = 0 | 1 | 2

/**
 * Runs a command line. Each command loads its own modules: those that need no SDK answer at once.
 * @param words what follows `twokey`
 * @throws an error that no command expects
 */
export async function run(words: readonly string[], variables: Variables): Promise<ExitStatus> {
  let status: ExitStatus = 0
  const program = new Command('twokey')
    .description('Deploy AWS ECS services from Slack, with approvals.')
    .version(version(), '-V, --version', 'print the version')
    .exitOverride()
    // `iam` and `iam trust` have options of the same names.
    .enablePositionalOptions()
    .showHelpAfterError('Type `twokey help` for the commands.')

  program
    .command('start')
    .description('run the bot; settings come from the environment and from twokey.yml')
    .action(async () => {
      const { start } = await import('./start.ts')
      status = await start(variables)
    })

  program
    .command('check')
    .description('check the config file and print all of its problems')
    .argument('[file]', 'default: $TWOKEY_CONFIG or $TWOKEY_CONFIG_CONTENT, else ./twokey.yml')
    .option('--online', 'also check in Slack, GitHub and AWS that everything it refers to exists')
    .action(async (file: string | undefined, options: { online?: true }) => {
      if (!options.online) {
        const { check } = await import('./check.ts')
        status = check(variables, file)
        return
      }
      const { checkOnline } = await import('./check-online.ts')
      status = await checkOnline(variables, file)
    })

  program
    .command('doctor')
    .description(
      'look for faults in the live setup of Slack, GitHub and AWS, with your own rights; changes nothing',
    )
    .argument('[environment]', 'of this environment alone')
    .option('--json', 'print what was found as JSON')
    .action(async (environment: string | undefined, options: DoctorOptions) => {
      const { doctor } = await import('./doctor.ts')
      status = await doctor(variables, environment, options)
    })

  program
    .command('health')
    .description('ask a twokey that runs on this machine for its health; exit status 1 if it is not healthy')
    .action(async () => {
      const { health } = await import('./health.ts')
      status = await health(variables)
    })

  program
    .command('demo')
    .description('run the bot against a Slack, GitHub and AWS on this machine; no account is needed')
    .option('--play', 'play four releases and print the channel')
    .action(async (options: { play?: true }) => {
      const { demo } = await import('./demo.ts')
      status = await demo(options.play ? 'play' : 'page')
    })

  program
    .command('init')
    .description(
      'write twokey.yml, a deploy workflow and what to create in AWS for a repository; overwrites nothing',
    )
    .option('--folder <path>', 'the clone of the repository', '.')
    .option('--repository <owner/name>', 'the repository on GitHub')
    .option('--production <cluster/service>', 'the ECS service of production')
    .option('--development <cluster/service>', 'the one that is deployed to first, or none')
    .option('--container <name>', 'the container that runs the image')
    .option('--migration <family>', 'the task definition family of the migration, or none')
    .option('--channel <id>', 'the Slack channel for the release cards')
    .option('--approvers <ids>', 'Slack user groups and people, separated by commas')
    .option('--format <format>', 'of the file for AWS: terraform, cloudformation or json', 'terraform')
    .option('--yes', 'take the likely answer to everything that no option answers')
    .action(async (options: InitOptions) => {
      const { init } = await import('./init.ts')
      status = await init(variables, options)
    })

  const iamCommand = program
    .command('iam')
    .enablePositionalOptions()
    .description('print the AWS roles and policies that twokey.yml needs, and why; reads only the file')
    .option(
      '--feature <name>',
      'follow, rollback, codedeploy, accounts, events, doctor or deploy; may be repeated',
      collected,
    )
    .option('--environment <name>', 'of this environment alone; may be repeated', collected)
    .option('--role <name>', 'of this role alone; may be repeated', collected)
    .option('--set <name=value>', 'a value that twokey.yml does not have; may be repeated', collected)
    .option('--issuer <host/path>', 'of the tokens of jobs, if your enterprise has its own')
    .option('--format <format>', 'text, json, terraform or cloudformation', 'text')
    .action(async (options: IamOptions) => {
      const { iam } = await import('./iam.ts')
      status = await iam(variables, options)
    })

  iamCommand
    .command('trust')
    .description('check which jobs the trust policy of a deploy role lets in; reads only the files')
    .argument('<policy>', 'a JSON file; - reads standard input')
    .option('--environment <name>', 'the environment that the role is for')
    .option('--service <name>', 'the service that the role is for')
    .option('--set <name=value>', 'a value that twokey.yml does not have; may be repeated', collected)
    .option(
      '--subject-claims <names>',
      'the claims in the subject, with commas, if the repository customizes it',
    )
    .option('--issuer <host/path>', 'of the tokens of jobs, if your enterprise has its own')
    .action(async (policy: string, options: TrustOptions) => {
      const { iamTrust } = await import('./iam-trust.ts')
      status = await iamTrust(variables, policy, options)
    })

  const audit = program
    .command('audit')
    .description('read the audit log, also beside a running twokey; the store is left as it is')

  audit
    .command('verify')
    .description('check that no row of the audit log was changed, removed, exchanged or put in')
    .option('--head <chain:number:hash>', 'a head as a post in Slack shows it; may be repeated', collected)
    .option('--heads <file>', 'a file of audit heads, one per line; - reads standard input')
    .action(async (options: VerifyOptions) => {
      const { auditVerify } = await import('./audit.ts')
      status = await auditVerify(variables, options)
    })

  audit
    .command('export')
    .description('print the rows of the audit log as JSON, a row a line, the oldest first')
    .option('--since <time>', 'from this day (UTC) or time on')
    .option('--until <time>', 'before this day or time')
    .option('--service <name>', 'of this service alone')
    .option('--environment <name>', 'of this environment alone')
    .option('--person <id>', 'what this person did, by Slack user id; may be repeated', collected)
    .action(async (options: FilterOptions) => {
      const { auditExport } = await import('./audit.ts')
      status = await auditExport(variables, options)
    })

  audit
    .command('report')
    .description('print who requested and approved each release of a period, and what was not as usual')
    .option('--since <time>', 'from this day (UTC) or time on')
    .option('--until <time>', 'before this day or time')
    .option('--service <name>', 'of this service alone')
    .option('--environment <name>', 'of this environment alone')
    .option(
      '--person <id>',
      'releases of this person, by Slack user id, with what they did and who approves whom',
    )
    .option('--format <format>', 'table, csv or json', 'table')
    .action(async (options: ReportOptions) => {
      const { auditReport } = await import('./audit-report.ts')
      status = await auditReport(variables, options)
    })

  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : 2
  }
  return status
}

/** As package.json says. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** An option that may be repeated. */
function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
