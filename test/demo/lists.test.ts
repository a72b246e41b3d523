import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hasBrowser, openBrowser, openTestDemo, visit } from './browser.ts'

const usual = readFileSync(new URL('../../sandbox/twokey.yml', import.meta.url), 'utf8')

/** The demo's config, with twenty more services that ECS does not have. */
const config = `${usual}${Array.from({ length: 20 }, (_, index) => service(`shop-${index}`)).join('')}`

function service(name: string): string {
  return `  ${name}:
    repository: myorg/blog-api
    workflow: deploy-${name}.yml
    containers: [api]
    environments: { prod: { cluster: blog-cluster-prod, service: ${name} } }
`
}

describe.skipIf(!hasBrowser)('lists in the browser', { timeout: 90_000 }, () => {
  it('lists change their pages in place, and link to their cards', async () => {
    const [browser, demo] = [await openBrowser(), await openTestDemo({ config })]
    const ana = await visit(browser, demo.url)
    onTestFinished(async () => {
      await ana.leaves()
      await demo.close()
      await browser.close()
      expect(ana.browserErrors).toEqual([])
    })
    await ana.becomes('Ana')
    const list = ana.page.locator('main .ephemeral')
    await ana.types('/deploy status')
    await list.getByText('1 to 15 of 25').waitFor()
    await expect.poll(() => list.getByText('cannot be read').count()).toBe(15)
    await list.getByRole('button', { name: 'Next page' }).click()
    await list.getByText('16 to 25 of 25').waitFor()
    await list.getByText('blog-api dev').waitFor()
    expect(await list.getByRole('button', { name: 'Next page' }).count()).toBe(0)
    await list.getByRole('button', { name: 'Previous page' }).click()
    await list.getByText('1 to 15 of 25').waitFor()
    await expect.poll(() => list.count()).toBe(1)

    await ana.types('/deploy prod')
    await ana.sees('awaiting approval')
    await ana.types('/deploy history @ana')
    await list.last().getByText('requested or approved by').waitFor()
    await list.last().getByRole('link', { name: 'card' }).click()
    const [where, card] = [new URL(ana.page.url()).hash, await ana.card().getAttribute('id')]
    expect(where).toBe(`#${card}`)
  })
})
