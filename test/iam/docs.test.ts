import { readFileSync } from 'node:fs'
import { expect, it, test } from 'vitest'
import { pages, upToDate } from '../../scripts/iam-docs.ts'
import { rolesFor } from '../../src/iam/roles.ts'
import { setupOf, twoAccounts } from './setup.ts'

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

it.each(pages)(
  'docs/%s has the policies that `twokey iam` prints (scripts/iam-docs.ts writes them)',
  (name) => {
    expect(upToDate(read(name))).toBe(read(name))
    expect(read(name)).toContain('```json\n')
  },
)

test("docs/codedeploy.md names exactly the actions of twokey's policy for CodeDeploy", () => {
  const roles = rolesFor(setupOf(twoAccounts, { features: ['codedeploy'] }))
  const statements = roles[0]!.policies.flatMap((policy) => policy.statements)
  const named = [...read('codedeploy.md').matchAll(/`(codedeploy:\w+)`/g)].map(([, action]) => action!)
  expect([...new Set(named)].toSorted()).toEqual(statements.flatMap(({ actions }) => actions).toSorted())
})
