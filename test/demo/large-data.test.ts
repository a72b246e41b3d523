import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addService } from '../../sandbox/aws/seed-world.ts'
import type { Demo } from '../../sandbox/demo/open.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { channel } from '../sandbox/slack-app.ts'
import { hasBrowser, openBrowser, openTestDemo, overflowing, phone, type Visitor, visit } from './browser.ts'

const longWord = 'x'.repeat(300)
const hebrew = 'תיקון אזור הזמן (#121)'

/** The services of a large team, in a separate environment. */
function manyServices(count: number): string {
  const names = Array.from({ length: count }, (_, number) => `shop-${String(number).padStart(3, '0')}`)
  const place = (service: string) => ({ prod: { cluster: 'blog-cluster-prod', service } })
  const common = { repository: 'myorg/blog-api', containers: ['api'] }
  const services = ['blog-api', ...names].map((name) => {
    // The repository has one workflow file, which belongs to the service that this test deploys.
    const workflow = name === 'shop-217' ? 'deploy.yml' : `deploy-${name}.yml`
    return [name, { ...common, workflow, environments: place(name) }]
  })
  // JSON is YAML.
  return JSON.stringify({
    slack: { channel },
    polling: { active: '250ms', idle: '500ms', settle: '4s' },
    environments: {
      prod: {
        branch: 'main',
        githubEnvironment: 'production',
        approvals: { required: 2, approvers: ['S0DEPLOYERS', 'U0APPROVER'] },
      },
    },
    services: Object.fromEntries(services),
  })
}

describe.skipIf(!hasBrowser)('large amounts of data', { timeout: 90_000 }, () => {
  let browser: Browser
  let demo: Demo
  let visitor: Visitor

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    await visitor.leaves()
    await demo.close()
    expect(visitor.browserErrors).toEqual([])
  })

  it('one of 300 services can be found by keyboard', async () => {
    demo = await openTestDemo({ config: manyServices(300) })
    const history = [{ taskDefinition: 'blog-api:43', at: Date.now() - 3_600_000 }]
    for (let number = 0; number < 300; number += 1) {
      const service = `shop-${String(number).padStart(3, '0')}`
      addService(demo.sandbox.aws.world, { cluster: 'blog-cluster-prod', service, desired: 1, history })
    }
    visitor = await visit(browser, demo.url, phone)
    const { page } = visitor
    await visitor.types('/deploy')
    const form = visitor.form('Deploy')
    const service = form.getByRole('combobox', { name: 'Service' })
    await service.fill('217')
    await form.getByRole('option', { name: 'shop-217' }).waitFor()
    expect(await overflowing(page)).toEqual([])
    const list = await form.getByRole('listbox').boundingBox()
    expect(list!.y + list!.height).toBeLessThanOrEqual(phone.height)
    await service.press('Enter')
    expect(await service.inputValue()).toBe('shop-217')
    await form.getByRole('combobox', { name: 'Environment' }).selectOption('prod')
    await form.getByText('Runs now, shop-217').waitFor()
    await service.fill('shop')
    await form.getByRole('option').nth(99).waitFor()
    await service.press('Escape')
    await service.fill('no such service')
    await form.getByRole('status').getByText('Nothing found.').first().waitFor()
    await service.fill('217')
    await form.getByRole('option', { name: 'shop-217' }).waitFor()
    await service.press('Enter')
    await form.getByRole('button', { name: 'Request deploy' }).click()
    await page.locator('main').getByText('Deploy shop-217 to prod').first().waitFor()
  })

  it('a deploy of 2,000 commits can be requested, some without author or with right-to-left text', async () => {
    demo = await openTestDemo()
    const { world } = demo.sandbox.github
    const nobody = (name: string) => ({ name, email: '', login: null })
    for (let number = 0; number < 1_997; number += 1)
      world.repository().commit('main', {
        message: `Change ${number}`,
        author: nobody('Ana'),
        date: mainCommits.at(-1)!.date,
        files: { 'CHANGES.md': `${number}\n` },
      })
    world.push('main', { message: longWord, author: nobody(longWord) })
    world.push('main', { message: ':rocket: 🚀 ship', author: nobody('🦄') })
    world.push('main', { message: hebrew, author: nobody('') })
    visitor = await visit(browser, demo.url, phone)
    const { page } = visitor
    await visitor.types('/deploy prod')
    await visitor.sees('awaiting approval')
    expect(await visitor.card().innerText()).toMatch(/2,?003 commits/)
    expect(await overflowing(page)).toEqual([])
    await visitor.types('/deploy')
    const what = visitor.form('Deploy').getByRole('combobox', { name: 'Version' })
    await visitor.form('Deploy').getByText('Runs now').waitFor()
    await what.click()
    // It is listed as the newest commit and among the last commits.
    await visitor.form('Deploy').getByRole('option', { name: hebrew }).nth(1).waitFor()
    await visitor.form('Deploy').getByRole('option', { name: ':rocket: 🚀 ship' }).waitFor()
    expect(await overflowing(page)).toEqual([])
  })
})
