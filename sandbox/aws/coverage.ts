type Coverage = { readonly support: 'supported' | 'partial'; readonly note: string }

/** How far each operation is supported. */
export const coverage: Readonly<Record<string, Coverage>> = {
  DescribeServices: {
    support: 'supported',
    note: 'Fargate services that ECS deploys; task sets for CodeDeploy and other controllers',
  },
  ListServices: { support: 'supported', note: '' },
  UpdateService: {
    support: 'partial',
    note: 'task definition, force, desired count, deployment and network configuration, load balancers, capacity, grace period; other members are accepted and have no effect',
  },
  ListServiceDeployments: { support: 'supported', note: 'newest first' },
  DescribeServiceDeployments: {
    support: 'partial',
    note: 'rolling, blue/green, linear and canary deployments with their hooks; no stage RECONCILE_SERVICE',
  },
  DescribeServiceRevisions: {
    support: 'supported',
    note: 'digests are returned once a task of the revision was started',
  },
  ContinueServiceDeployment: { support: 'supported', note: '' },
  StopServiceDeployment: { support: 'supported', note: 'ROLLBACK; ABORT is refused' },
  RegisterTaskDefinition: {
    support: 'partial',
    note: 'all members; of the rules between members only those of Fargate',
  },
  DescribeTaskDefinition: { support: 'supported', note: '' },
  ListTaskDefinitions: { support: 'supported', note: '' },
  DeregisterTaskDefinition: { support: 'supported', note: 'takes effect at once' },
  ListTagsForResource: { support: 'supported', note: '' },
  RunTask: { support: 'partial', note: 'clientToken is accepted but has no effect' },
  ListTasks: { support: 'supported', note: 'containerInstance and daemonName match nothing' },
  DescribeTasks: { support: 'partial', note: 'no network attachments' },
  StopTask: { support: 'supported', note: '' },
  DescribeClusters: { support: 'partial', note: 'no settings, statistics or attachments' },
  ListClusters: { support: 'supported', note: '' },
  GetLogEvents: { support: 'supported', note: '' },
  DescribeLogStreams: { support: 'supported', note: '' },
  DescribeLogGroups: { support: 'partial', note: 'one account' },
  FilterLogEvents: {
    support: 'partial',
    note: 'patterns of plain terms and quoted phrases, all of which must match',
  },
  GetDeployment: { support: 'supported', note: 'never the content of the AppSpec, only its hash' },
  BatchGetDeployments: { support: 'supported', note: 'unknown ids are left out' },
  GetDeploymentTarget: { support: 'supported', note: 'with the events and the weights of both task sets' },
  BatchGetDeploymentTargets: { support: 'supported', note: '' },
  ListDeployments: { support: 'supported', note: 'newest first' },
  GetDeploymentGroup: { support: 'partial', note: 'of ECS services; no triggers' },
  GetDeploymentConfig: { support: 'supported', note: 'those of ECS' },
  GetApplicationRevision: { support: 'supported', note: 'AppSpec content by its hash' },
  RegisterApplicationRevision: { support: 'supported', note: 'AppSpec content' },
  CreateDeployment: { support: 'supported', note: 'AppSpec content; one active deployment per group' },
  StopDeployment: { support: 'supported', note: 'takes effect with the next pass of the scheduler' },
  ContinueDeployment: { support: 'supported', note: 'READY_WAIT and TERMINATION_WAIT' },
  DescribeImages: { support: 'partial', note: 'by tag or digest; no list of a repository' },
  AssumeRole: {
    support: 'partial',
    note: 'no policies, tags, MFA or external IDs; a trust policy names accounts',
  },
  GetCallerIdentity: { support: 'supported', note: '' },
}
