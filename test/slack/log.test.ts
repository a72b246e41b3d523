import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { slackLogger } from '../../src/slack/log.ts'

describe('log lines of the Slack libraries', () => {
  it('logs no token and no payload from the Slack libraries', () => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
    const logger = slackLogger(log)
    logger.debug('{"payload":{"response_url":"https://hooks.slack.com/x"}}')
    logger.error('Authorization: Bearer xoxb-1-secret', new Error('xapp-1-A1-secret'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(/secret|response_url/)
    expect(logger.getLevel()).toBe('info')
  })
})
