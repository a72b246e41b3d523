#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { check } from './cli/check.ts'
import { demo } from './cli/demo.ts'
import { start } from './cli/start.ts'

/** Exit status: 0 done, 1 failed, 2 called or configured wrongly. */
export type ExitStatus = 0 | 1 | 2

const program = new Command('twokey')
  .description('Deploys of AWS ECS services from Slack, with two keys.')
  .exitOverride()
  .showHelpAfterError('Type `twokey help` for the commands.')

let status: ExitStatus = 0

program
  .command('start')
  .description('run the bot; settings come from the environment and from twokey.yml')
  .action(async () => {
    status = await start(process.env)
  })

program
  .command('check')
  .description('check the config file and print all of its problems')
  .argument('[file]', 'default: $TWOKEY_CONFIG, else ./twokey.yml')
  .action((file: string | undefined) => {
    status = check(process.env, file)
  })

program
  .command('demo')
  .description('run the bot against a Slack, GitHub and AWS on this machine; no account is needed')
  .option('--play', 'play four releases and print the channel')
  .action(async (options: { play?: true }) => {
    status = await demo(options.play ? 'play' : 'page')
  })

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  status = error.exitCode === 0 ? 0 : 2
}
process.exitCode = status
