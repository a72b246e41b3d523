import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { defaultApp } from '../../sandbox/slack/seeded.ts'
import { slackAppLink } from '../../src/init/app-links.ts'
import { commands } from '../../src/slack/listeners.ts'

const root = resolve(import.meta.dirname, '../..')

/** The part of Slack's manifest that twokey uses; misspelt keys are refused. Source: slackapi/manifest-schema. */
const manifest = z
  .strictObject({
    display_information: z.strictObject({
      name: z.string().max(35),
      description: z.string().max(140),
      long_description: z.string().min(175).max(4_000),
      background_color: z.string().regex(/^#[0-9a-f]{6}$/),
    }),
    features: z.strictObject({
      app_home: z.strictObject({
        home_tab_enabled: z.boolean(),
        messages_tab_enabled: z.boolean(),
        messages_tab_read_only_enabled: z.boolean(),
      }),
      bot_user: z.strictObject({ display_name: z.string().max(80), always_online: z.boolean() }),
      slash_commands: z.array(
        z.strictObject({
          command: z.string().startsWith('/').max(32),
          description: z.string().max(2_000),
          usage_hint: z.string().max(1_000),
          should_escape: z.boolean(),
        }),
      ),
    }),
    oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
    settings: z.strictObject({
      interactivity: z.strictObject({ is_enabled: z.literal(true) }),
      org_deploy_enabled: z.boolean(),
      socket_mode_enabled: z.literal(true),
      token_rotation_enabled: z.literal(false),
    }),
  })
  .parse(parse(readFileSync(join(root, 'manifest.yml'), 'utf8')))

/** The scopes that each called method needs, according to Slack's page of the method. */
const scopesOf: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
}

/** Methods called on one of the Web API clients, anywhere in the directory. */
function calledMethods(): string[] {
  const folder = join(root, 'src/slack')
  const text = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
  const calls = text.matchAll(/\b(?:web|edits)\.([a-z]+(?:\.[a-zA-Z]+)+)\(/g)
  return [...new Set([...calls].map(([, method]) => method!))].sort()
}

it('manifest-http.yml is manifest.yml with one address in place of Socket Mode', () => {
  const url = 'https://twokey.example.com/slack/events'
  const { features, settings, ...others } = manifest
  expect(parse(readFileSync(join(root, 'manifest-http.yml'), 'utf8'))).toEqual({
    ...others,
    features: {
      ...features,
      slash_commands: features.slash_commands.map((command) => ({ ...command, url })),
    },
    settings: {
      ...settings,
      interactivity: { is_enabled: true, request_url: url, message_menu_options_url: url },
      socket_mode_enabled: false,
    },
  })
})

describe('manifest.yml', () => {
  it('manifest.yml has the commands that the code handles', () => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual([...commands])
  })

  it('manifest.yml describes the commands as the sandbox’s composer does', () => {
    const offered = manifest.features.slash_commands.map((of) => ({
      command: of.command,
      description: of.description,
      hint: of.usage_hint,
      escapes: of.should_escape,
    }))
    expect(defaultApp.commands).toEqual(offered)
    expect(manifest.features.app_home.messages_tab_enabled).toBe(defaultApp.messagesTab)
    expect(manifest.oauth_config.scopes.bot).toEqual(expect.arrayContaining([...defaultApp.scopes]))
  })

  it('manifest.yml requests exactly the scopes of the methods that the code calls', () => {
    expect(calledMethods()).toEqual(Object.keys(scopesOf))
    const needed = ['commands', ...Object.values(scopesOf).flat()]
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...new Set(needed)].sort())
  })

  it('manifest.yml names twokey, and lets /deploy receive people’s ids', () => {
    expect(manifest.display_information.name).toBe('twokey')
    const escaped = manifest.features.slash_commands.filter(({ should_escape }) => should_escape)
    expect(escaped.map(({ command }) => command)).toEqual(['/deploy'])
  })
})

it('the link of `twokey init` creates the app of manifest.yml', () => {
  const text = readFileSync(join(root, 'manifest.yml'), 'utf8')
  const { searchParams } = new URL(slackAppLink(text))
  expect(searchParams.get('new_app')).toBe('1')
  expect(parse(searchParams.get('manifest_yaml') ?? '')).toEqual(parse(text))
})
