import { describe, expect, it } from 'vitest'
import { actions } from '../../src/release/actions/actions.ts'
import type { Observation } from '../../src/release/look.ts'
import type { RolloutSighting } from '../../src/release/sighting.ts'
import { card } from '../../src/slack/cards/card.ts'
import { threadPost } from '../../src/slack/cards/thread-post.ts'
import { click } from '../release/click.ts'
import {
  approver,
  byCodeDeploy,
  DrivenRelease,
  deployOf,
  everyRollback,
  plainWords,
  rollouts,
  run,
  target,
} from './releases.ts'

/** Without the reasons of rollouts, which are AWS's own words. */
const { rollouts: _, ...words } = plainWords

const moving = { run: run('moving', plainWords) }
const refused = { target, answer: 'refused', reason: 'it is over' } as const
const standing = { eligible: true, via: 'S0DEPLOYERS' } as const
const people: Observation['people'] = { seen: true, value: { U0BEN: standing, U0CHLOE: standing } }

/** A deploy with this rollout, and with what people do at its pause. */
class Controlled {
  readonly driven: DrivenRelease
  readonly #by: (seen: Observation['rollouts']) => Observation['rollouts']

  constructor(verdict: RolloutSighting['verdict'], by = byCodeDeploy) {
    this.#by = by
    this.driven = new DrivenRelease({ subject: deployOf(plainWords) })
      .dispatched()
      .look({ ...moving, rollouts: by(rollouts(verdict, words)) })
  }

  continued(): this {
    for (const id of ['U0BEN', 'U0CHLOE'])
      this.driven.on({ ...click('continue', approver(id)), round: this.driven.release.round })
    this.driven.look({ people, ...moving, rollouts: this.#by(rollouts('paused', words)) }, 0)
    return this
  }

  stopped(): this {
    this.driven.on(click('stop-rollout', approver('U0ANA')))
    return this
  }

  refused(to: 'continue-rollout' | 'stop-rollout'): this {
    this.driven.on({ on: 'answer', answer: { to, ...refused } })
    return this
  }

  /** Its card, its posts, and what Roll back asks to confirm. */
  get words(): string {
    const { release, told } = this.driven
    const posts = told.map((post) => threadPost(release, post, null).text)
    const { isOffered, confirm } = actions['stop-rollout']
    const asked = isOffered(release) ? confirm?.(release)?.text : ''
    return [card(release).text, ...posts, asked].join('\n')
  }
}

const acts =
  /(?:ECS|CodeDeploy|AWS) (?:rolls it back|rolled back|stops the rollout|to continue|to roll back|did not roll back|cannot start)|rollback by (?:ECS|CodeDeploy|AWS)/g

describe('the words for what continues and rolls back', () => {
  it.each<[string, () => Controlled]>([
    ['a pause', () => new Controlled('paused')],
    ['a pause that is continued', () => new Controlled('paused').continued()],
    [
      'a pause that CodeDeploy does not continue',
      () => new Controlled('paused').continued().refused('continue-rollout'),
    ],
    ['a request to roll back', () => new Controlled('paused').stopped()],
    ['a refused request to roll back', () => new Controlled('paused').stopped().refused('stop-rollout')],
    ['a rollback', () => new Controlled('rolled back')],
    ['a failed rollback', () => new Controlled('rollback failed')],
  ])('a deployment of CodeDeploy is continued and rolled back by CodeDeploy: %s', (_, controlled) => {
    const named = new Set(
      controlled()
        .words.match(acts)
        ?.map((words) => words.match(/ECS|CodeDeploy|AWS/)?.[0]),
    )
    expect([...named]).toEqual(['CodeDeploy'])
  })

  it('a service deployment of ECS is continued and rolled back by ECS', () => {
    const itself = (seen: Observation['rollouts']) => seen
    const shown = new Controlled('paused', itself).continued().words
    expect(shown).toMatch(/ECS rolls it back/)
    expect(shown).toMatch(/twokey asks ECS to continue/)
    expect(shown).not.toContain('CodeDeploy')
  })

  it('a rollback that was refused before it began was refused by AWS', () => {
    expect(card(everyRollback(plainWords).failed!.release).text).toMatch(/AWS refused the update/)
  })
})
