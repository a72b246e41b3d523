import type { BindingRules, BoundInput } from '../../src/release/inputs.ts'

type Name = 'environment' | 'sha' | 'release_id'

/** Inputs bound by their default names. */
export function boundTo(
  names: readonly Name[],
  values: Readonly<Record<Name, string>>,
): readonly BoundInput[] {
  return names.map((name) => ({ name, from: name, value: values[name] }))
}

/** The binding rules of blog-api in prod, if the workflow serves only prod. */
export function bindingRules(part: Partial<BindingRules> = {}): BindingRules {
  return {
    service: 'blog-api',
    environment: 'prod',
    branch: 'main',
    environmentFrom: 'input',
    map: {},
    values: {
      environment: 'production',
      sha: '3f2c1ab0c0ffee00c0ffee00c0ffee00c0ffee00',
      branch: 'main',
      release_id: 'r-1',
      service: 'blog-api',
      requester: 'U0ANA',
    },
    siblings: [],
    otherEnvironments: [{ environment: 'dev', names: ['dev'] }],
    ...part,
  }
}

/** The dev environment of the same service, distinguished by the input `environment`. */
export const devSibling: BindingRules['siblings'][number] = {
  service: 'blog-api',
  environment: 'dev',
  branch: 'develop',
  values: { environment: 'dev' },
}
