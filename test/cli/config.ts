/** A config for the sandbox's default world, in which everything is in order. */
export const configText = `slack:
  channel: C0DEPLOYS

defaults:
  environment: prod
  service: blog-api

polling:
  active: 250ms
  idle: 500ms
  settle: 4s

people:
  - slack: [U0APPROVER]
    github: dai

environments:
  dev:
    branch: develop
    approvals: { required: 0 }
  prod:
    branch: main
    githubEnvironment: production
    approvals:
      required: 2
      approvers: [S0DEPLOYERS, U0APPROVER]
    wait: 2s
    rollback:
      approvals: { required: 1 }
    notify: [S0ONCALL]

services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    migration: { family: blog-api-migrate }
    environments:
      dev: { cluster: blog-cluster-dev, service: blog-api }
      prod: { cluster: blog-cluster-prod, service: blog-api }
`
