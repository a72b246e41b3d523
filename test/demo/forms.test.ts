import { describe, expect, it } from 'vitest'
import { mainCommits } from '../../sandbox/seed.ts'
import { hasBrowser, type Visitor } from './browser.ts'
import { demoForEach } from './demo-for-each.ts'

describe.skipIf(!hasBrowser)('forms in the browser', { timeout: 90_000 }, () => {
  const { demo, enter: comes } = demoForEach()

  async function enter(name: string): Promise<Visitor> {
    const visitor = await comes()
    await visitor.becomes(name)
    return visitor
  }

  const whispered = ({ page }: Visitor, words: RegExp) =>
    page.locator('main .ephemeral', { hasText: words }).last()
  const cards = ({ page }: Visitor) => page.locator('main article', { hasText: 'release r-' })

  /** Types into the field of the commit, and chooses the suggestion. */
  async function chooses(visitor: Visitor, typed: string): Promise<void> {
    const form = visitor.form('Deploy')
    await form.getByRole('combobox', { name: 'Version' }).fill(typed)
    await form.getByRole('option', { name: typed }).last().click()
  }

  describe('forms in two tabs', () => {
    it('a form opens only in the tab that requested it, cards and answers appear in every tab of the person', async () => {
      const [here, there, ben] = [await enter('Ana'), await enter('Ana'), await enter('Ben')]
      await here.types('/deploy')
      await here.form('Deploy').waitFor()
      await there.types('/deploy prod')
      for (const visitor of [here, there, ben]) await visitor.sees('awaiting approval')
      expect(await there.page.locator('dialog[open]').count()).toBe(0)
      expect(await ben.page.locator('dialog[open]').count()).toBe(0)

      await here.form('Deploy').getByRole('button', { name: 'Request deploy' }).click()
      await here.form('Deploy').waitFor({ state: 'detached' })
      for (const visitor of [here, there]) await whispered(visitor, /in_flight/).waitFor()
      expect(await ben.page.locator('.ephemeral').count()).toBe(0)
      await expect.poll(() => cards(ben).count()).toBe(1)
    })

    it('two tabs can each open and submit a form', async () => {
      const [here, there] = [await enter('Ana'), await enter('Ana')]
      for (const visitor of [here, there]) {
        await visitor.types('/deploy')
        await visitor.form('Deploy').waitFor()
      }
      await here.page.keyboard.press('Escape')
      await here.form('Deploy').waitFor({ state: 'detached' })
      await there.form('Deploy').getByText('Runs now').waitFor()
      await there.form('Deploy').getByRole('button', { name: 'Request deploy' }).click()
      for (const visitor of [here, there]) await visitor.sees('awaiting approval')
    })

    it('Ben rejects with a reason, and Ana sees the rejection and then the reason', async () => {
      const [ana, ben] = [await enter('Ana'), await enter('Ben')]
      await ana.types('/deploy prod')
      await ben.sees('awaiting approval')
      await ben.presses('reject')
      await ana.sees('rejected')
      expect(await ana.page.locator('dialog[open]').count()).toBe(0)
      await ben.form('Reason for rejecting').getByLabel('Reason').fill('The feed is <slow>')
      await ben.form('Reason for rejecting').getByRole('button', { name: 'Save reason' }).click()
      await ben.form('Reason for rejecting').waitFor({ state: 'detached' })
      for (const visitor of [ana, ben]) await visitor.card().getByText('The feed is <slow>').waitFor()
    })
  })

  it('a reload closes an open form as in Slack, and nothing is requested', async () => {
    const ana = await enter('Ana')
    await ana.types('/deploy')
    await ana.form('Deploy').getByText('Runs now').waitFor()
    await chooses(ana, 'digest')
    await ana.page.reload()
    await ana.page.locator('body[data-ready=true]').waitFor()
    expect(await ana.page.locator('dialog[open]').count()).toBe(0)
    await ana.types('/deploy')
    const what = ana.form('Deploy').getByRole('combobox', { name: 'Version' })
    await what.waitFor()
    expect(await what.inputValue()).toBe('Newest commit of main')
    expect(await cards(ana).count()).toBe(0)
    await ana.form('Deploy').getByRole('button', { name: 'Request deploy' }).click()
    await ana.sees('awaiting approval')
  })

  it('typed text without a choice is removed, so that a form shows what it submits', async () => {
    const ana = await enter('Ana')
    await ana.types('/deploy')
    const what = ana.form('Deploy').getByRole('combobox', { name: 'Version' })
    await what.fill('v9')
    await ana.form('Deploy').getByRole('option', { name: 'v9' }).waitFor()
    await ana.form('Deploy').getByLabel('Environment').focus()
    expect(await what.inputValue()).toBe('')
    await what.fill('digest')
    await ana.form('Deploy').getByRole('option', { name: 'Send the weekly digest' }).waitFor()
    await what.press('ArrowDown')
    await what.press('Enter')
    expect(await what.inputValue()).toContain('Send the weekly digest')
    await ana.form('Deploy').getByRole('listbox').waitFor({ state: 'hidden' })
  })

  it('a branch that is typed but not chosen requests nothing, and the form says so', async () => {
    const ana = await enter('Ana')
    await ana.types('/deploy')
    const form = ana.form('Deploy')
    await form.getByLabel('Environment').selectOption('dev')
    await form.getByText(/Runs now.* dev/).waitFor()
    const what = form.getByRole('combobox', { name: 'Version' })
    expect(await what.inputValue()).toBe('Newest commit of develop')
    await what.fill('nope-branch')
    await form.getByRole('button', { name: 'Request deploy' }).click()
    await form.getByRole('alert').waitFor()
    expect(await what.inputValue()).toBe('')
    expect(demo().sandbox.slack.log.of('chat.postMessage')).toEqual([])

    await what.click()
    await form.getByRole('option', { name: 'Newest commit of develop' }).click()
    expect(await what.inputValue()).toBe('Newest commit of develop')
    await form.getByRole('button', { name: 'Request deploy' }).click()
    await form.waitFor({ state: 'detached' })
    await cards(ana).waitFor()
    expect(await cards(ana).innerText()).toContain('blog-api to dev')
  })

  it('an unknown branch that is chosen as typed is refused with its name', async () => {
    const ana = await enter('Ana')
    await ana.types('/deploy')
    await ana.form('Deploy').getByText('Runs now').waitFor()
    await chooses(ana, 'nope-branch')
    await ana.form('Deploy').getByRole('button', { name: 'Request deploy' }).click()
    await whispered(ana, /nope-branch.*ref_unknown/s).waitFor()
    expect(await cards(ana).count()).toBe(0)
  })

  describe('forms whose data changed while they were open', () => {
    it('a reason goes to the rejected release, even after the release was requested again', async () => {
      const [ana, ben] = [await enter('Ana'), await enter('Ben')]
      await ana.types('/deploy prod')
      await ben.sees('awaiting approval')
      await ben.presses('reject')
      await ana.sees('rejected')
      await ana.presses('retry')
      await ana.sees('awaiting approval')
      await ben.form('Reason for rejecting').getByLabel('Reason').fill('Not on a Friday')
      await ben.form('Reason for rejecting').getByRole('button', { name: 'Save reason' }).click()
      await cards(ana).first().getByText('Not on a Friday').waitFor()
      await ana.sees('awaiting approval')
      expect(await ana.card().getByText('Not on a Friday').count()).toBe(0)
    })

    it('a form keeps its values while the bot is down, and can be submitted once it is back', async () => {
      const [ana, ben] = [await enter('Ana'), await enter('Ben')]
      await ana.types('/deploy prod')
      await ben.sees('awaiting approval')
      await ben.presses('reject')
      const form = ben.form('Reason for rejecting')
      await form.getByLabel('Reason').fill('Not on a Friday')
      await ana.page.getByRole('button', { name: 'Kill twokey' }).click()
      await ana.page.getByText('twokey is not running.').waitFor()
      await form.getByRole('button', { name: 'Save reason' }).click()
      await form.getByRole('alert').getByText('We had some trouble connecting').waitFor()
      await ana.page.getByRole('button', { name: 'Start twokey' }).click()
      await ana.page.getByText('twokey is running.').waitFor()
      expect(await form.getByLabel('Reason').inputValue()).toBe('Not on a Friday')
      await form.getByRole('button', { name: 'Save reason' }).click()
      await form.waitFor({ state: 'detached' })
      await ana.card().getByText('Not on a Friday').waitFor()
    })

    it('a deregistered revision is refused, and nothing is requested', async () => {
      const ana = await enter('Ana')
      await ana.types('/rollback blog-api')
      await ana
        .form('Roll back')
        .getByRole('radio', { name: /blog-api:42/ })
        .check()
      const { taskDefinitions } = demo().sandbox.aws.world
      const gone = taskDefinitions.find(({ family, revision }) => family === 'blog-api' && revision === 42)
      gone!.status = 'INACTIVE'
      await ana.form('Roll back').getByRole('button', { name: 'Request rollback' }).click()
      await ana.form('Roll back').waitFor({ state: 'detached' })
      await whispered(ana, /blog-api:42/).waitFor()
      expect(await cards(ana).count()).toBe(0)
    })

    it('a form requests the chosen commit, not the newest one of its branch', async () => {
      const ana = await enter('Ana')
      const chosen = mainCommits[4]!.sha.slice(0, 7)
      await ana.types('/deploy')
      await ana.form('Deploy').getByText('Runs now').waitFor()
      await chooses(ana, 'digest')
      const tip = demo().sandbox.github.world.push('main', { message: 'Break everything (#999)' })
      await ana.form('Deploy').getByRole('button', { name: 'Request deploy' }).click()
      // The push has a card of its own.
      const card = cards(ana).filter({ hasText: `${chosen} (main)` })
      await card.getByText('awaiting approval').first().waitFor()
      const words = await card.innerText()
      expect(words).not.toContain('Break everything')
      expect(words).toContain(`of ${tip.slice(0, 7)}`)
    })

    it('a commit that is no longer on its branch is refused', async () => {
      const ana = await enter('Ana')
      await ana.types('/deploy')
      await ana.form('Deploy').getByText('Runs now').waitFor()
      await chooses(ana, 'time zone')
      demo().sandbox.github.world.repository().git.refs.set('heads/main', {
        type: 'commit',
        sha: mainCommits[4]!.sha,
      })
      await ana.form('Deploy').getByRole('button', { name: 'Request deploy' }).click()
      await whispered(ana, /not_on_branch/).waitFor()
      expect(await cards(ana).count()).toBe(0)
    })
  })
})
