/** ECS's reason for not updating a service, and what to do about it: one phrase without a full stop. */
type Refusal = { readonly says: RegExp; nextStep(found: RegExpExecArray, revision: string): string }

const another = 'roll back to another revision'

/**
 * `UpdateService` uses one error for many reasons, so its message decides. The messages come from public reports, named
 * beside each row; the first match counts.
 */
export const updateRefusals: readonly Refusal[] = [
  {
    // aws/amazon-ecs-agent#497
    says: /container (\S+) does not exist in the task definition/i,
    nextStep: ([, container = ''], revision) =>
      `the load balancer of the service uses container ${container}, which ${revision} does not have: ${another}, or change the load balancer of the service in ECS`,
  },
  {
    // pulumi/pulumi-awsx#1172
    says: /container (\S+) did not have a container port (\d+) defined/i,
    nextStep: ([, container = '', port = ''], revision) =>
      `the load balancer of the service uses port ${port} of container ${container}, which ${revision} does not open: ${another}, or change the load balancer of the service in ECS`,
  },
  {
    // aws/aws-sdk-js#1397
    says: /host port mapping for the container port (\d+) is required/i,
    nextStep: ([, port = ''], revision) =>
      `the load balancer of the service needs a host port for port ${port}, which ${revision} does not have: ${another}`,
  },
  {
    // cloudposse/terraform-aws-ecs-web-app#226
    says: /does not have an associated load balancer/i,
    nextStep: () =>
      'the target group of the service belongs to no load balancer: attach it to a listener, then ask again',
  },
  {
    // awslabs/fargatecli#35
    says: /assume the service linked role/i,
    nextStep: () =>
      'create the role: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com',
  },
  {
    says: /(?:unable to assume|specified) (?:the )?role|role .*(?:is invalid|is not valid|cannot be assumed)/i,
    nextStep: (_, revision) =>
      `a role that ${revision} or the service uses was deleted, or does not trust ECS: restore it in IAM, or ${another}`,
  },
  {
    // aws/aws-toolkit-jetbrains#3649
    says: /valid taskRoleArn is not being used/i,
    nextStep: (_, revision) =>
      `the service needs a task role (for ECS Exec), which ${revision} does not have: ${another}`,
  },
  {
    says: /task ?definition (?:\S+ )?is (?:inactive|not active)/i,
    nextStep: (_, revision) => `${revision} was deregistered: ${another}`,
  },
  {
    says: /service (?:\S+ )?(?:was|is) not active/i,
    nextStep: () => 'the service was deleted or is being deleted: look at it in ECS',
  },
  {
    says: /network ?configuration|network ?mode/i,
    nextStep: (_, revision) => `${revision} has a different network mode than the service: ${another}`,
  },
  {
    says: /launch.?type|requiresCompatibilities|capacity ?provider|platform ?version/i,
    nextStep: (_, revision) => `${revision} does not run the way the service launches tasks: ${another}`,
  },
  {
    // aws/containers-roadmap, cdklabs/cdk-ecs-codedeploy#292
    says: /deployment controller/i,
    nextStep: () => 'a tool other than ECS deploys this service: roll back there',
  },
  {
    says: /service ?connect|service ?discovery|service ?regist|port ?name/i,
    nextStep: (_, revision) =>
      `Service Connect or service discovery of the service uses a container or port that ${revision} does not have: ${another}`,
  },
  {
    says: /volume/i,
    nextStep: (_, revision) => `the volumes of ${revision} do not fit those of the service: ${another}`,
  },
  {
    says: /load ?balancer|target ?group/i,
    nextStep: (_, revision) =>
      `the load balancer of the service does not fit ${revision}: ${another}, or look at the service in ECS`,
  },
]

/**
 * What to do about a refused update, by ECS's message; null if the message is not known.
 * @param revision as shown to people
 */
export function updateRefusal(message: string, revision: string): string | null {
  for (const { says, nextStep } of updateRefusals) {
    const found = says.exec(message)
    if (found) return nextStep(found, revision)
  }
  return null
}
