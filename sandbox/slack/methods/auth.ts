import { generous, tier2 } from '../rates.ts'
import type { Method } from './method.ts'

const authTest: Method = {
  name: 'auth.test',
  token: 'bot',
  scope: null,
  rate: generous,
  support: 'supported',
  note: '',
  execute: ({ workspace: { app, domain, team, enterprise } }) => ({
    url: `https://${domain}.slack.com/`,
    team: domain,
    team_id: team,
    user: app.name,
    user_id: app.userId,
    bot_id: app.botId,
    is_enterprise_install: false,
    ...(enterprise !== null && { enterprise_id: enterprise }),
  }),
}

const connectionsOpen: Method = {
  name: 'apps.connections.open',
  token: 'app',
  scope: null,
  rate: tier2,
  support: 'supported',
  note: 'tier 2 here; Slack documents tier 1 but allows bursts',
  execute: ({ newSocketUrl }) => ({ url: newSocketUrl() }),
}

export const authMethods: readonly Method[] = [authTest, connectionsOpen]
