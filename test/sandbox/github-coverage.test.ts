import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Contract } from '../../sandbox/github/contract.ts'
import { coverage, type Route } from '../../sandbox/github/coverage.ts'
import { otherRoutes, repositoryRoutes } from '../../sandbox/github/routes/index.ts'
import { oneGitHub } from './github-client.ts'

const { github } = oneGitHub()
const routes = Object.keys(coverage) as Route[]

it('the coverage table lists exactly the supported routes', () => {
  expect(Object.keys({ ...repositoryRoutes, ...otherRoutes }).sort()).toEqual(routes.toSorted())
})

it('the OpenAPI description contains exactly the supported routes', () => {
  const file = new URL('../../sandbox/github/openapi.json', import.meta.url)
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { paths: Record<string, object> }
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(described.sort()).toEqual(routes.toSorted())
})

it.each(routes)('a request to %s is logged under the same name', async (route) => {
  const [method, path] = route.split(' ') as [string, string]
  await fetch(github().url + path.replaceAll(/\{(\w+)\}/g, 'x1'), { method })
  expect(github().log.exchanges.at(-1)).toMatchObject({ on: route, status: 401 })
})

it('an unsupported route answers 404 as GitHub does for unknown routes', async () => {
  const answer = await fetch(`${github().url}/repos/myorg/blog-api/nope`)
  expect(answer.status).toBe(404)
  expect(await answer.json()).toEqual({
    message: 'Not Found',
    documentation_url: 'https://docs.github.com/rest',
    status: '404',
  })
})

describe('checks of the sandbox’s answers', () => {
  const contract = new Contract()
  const dispatches = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'

  it.each<[Route, number, unknown, boolean]>([
    [dispatches, 200, { workflow_run_id: 1, run_url: 'https://a.b/c', html_url: 'https://a.b/c' }, true],
    [dispatches, 200, { workflow_run_id: '1', run_url: 'https://a.b/c', html_url: 'https://a.b/c' }, false],
    [dispatches, 200, { workflow_run_id: 1 }, false],
    [dispatches, 201, {}, false],
    [dispatches, 204, undefined, true],
    ['GET /repos/{owner}/{repo}/git/ref/{ref}', 200, { ref: 'refs/heads/main' }, false],
    ['GET /repos/{owner}/{repo}/actions/workflows', 200, { total_count: 0, workflows: [] }, true],
  ])('the contract check judges %s %i', (route, status, body, isWell) => {
    expect(contract.broken(route, status, body).length === 0).toBe(isWell)
  })
})
