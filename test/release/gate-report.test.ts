import { describe, expect, test } from 'vitest'
import type { Answer } from '../../src/release/answer.ts'
import { githubPerson } from '../../src/release/names.ts'
import { ben, chloe, gateSubject, minute, policy, ReleaseDriver } from './driver.ts'

/** Dana pushed: a run waits at the gate of production, which takes reports. Ben has a login on GitHub. */
function pushed(): ReleaseDriver {
  const people = [
    { slack: [ben], github: 'ben-login' },
    { slack: [chloe], github: 'chloe-login' },
  ]
  const driver = new ReleaseDriver({
    subject: gateSubject(),
    requester: githubPerson('dana'),
    policy: policy({ people }),
    waitMs: minute,
  })
  driver.waitMs = minute
  driver.world.gate = { gate: 'waiting', may: 'review', takesReports: true }
  return driver
}

const comments = (driver: ReleaseDriver) => driver.effectsOf('report-gate').map(({ comment }) => comment)

const notTaken: Answer = { to: 'report-gate', answer: 'not taken', reason: 'GitHub answered 403' }

describe('what GitHub shows beside a gate', () => {
  test('shows how many approvals are missing, and each change, once', () => {
    const driver = pushed()
    driver.look()
    driver.look()
    expect(comments(driver)).toEqual(['Waiting for 2 approvals in Slack (release r1).'])
    driver.approve(ben)
    driver.look()
    driver.look()
    driver.approve(chloe)
    driver.look()
    expect(comments(driver).slice(1)).toEqual([
      'Approved in Slack by ben-login (1 of 2). Waiting for 1 approval (release r1).',
      'Approved in Slack by ben-login, chloe-login (2 of 2). The run goes on after a wait (release r1).',
    ])
    expect(driver.effectsOf('report-gate')[0]).toMatchObject({ runId: 501, environment: 'production' })
  })

  test('shows nothing for a token, nor before the card is posted', () => {
    const byToken = pushed()
    byToken.world.gate = { gate: 'waiting', may: 'review' }
    byToken.look()
    expect(comments(byToken)).toEqual([])
    const early = pushed()
    early.hasCard = false
    early.look()
    expect(comments(early)).toEqual([])
    early.hasCard = true
    early.look()
    expect(comments(early)).toHaveLength(1)
  })

  test('a report that GitHub does not take is an audit row, and is not sent again', () => {
    const driver = pushed()
    driver.look()
    driver.answer(notTaken)
    driver.look()
    expect(comments(driver)).toHaveLength(1)
    expect(driver.audit.map(({ what }) => what)).toContain('report-gate not taken')
    expect(driver.release.stage.at).toBe('approval')
  })

  test('sends at most six reports, however often approvals change', () => {
    const driver = pushed()
    for (let round = 0; round < 6; round += 1) {
      driver.approve(ben)
      driver.look()
      driver.withdraw(ben)
      driver.look()
    }
    expect(comments(driver)).toHaveLength(6)
  })
})
