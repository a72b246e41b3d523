import { permissionsDocument, trustDocument } from '../document.ts'
import {
  type EventQueue,
  queuePolicy,
  retentionSeconds,
  visibilitySeconds,
  whyQueue,
} from '../event-queue.ts'
import { audience, providerQuestion } from '../issuer.ts'
import type { AwsParts } from '../parts.ts'
import type { Role } from '../statement.ts'
import type { Value } from '../values.ts'
import { block, identifier, jsonencode, quoted } from './hcl.ts'
import { distinctNames } from './names.ts'

/**
 * The parts of one account as Terraform, formatted as `terraform fmt` does. Values that are not known are variables. The
 * policies of a role that exists already are resources of their own, to be attached to it.
 */
export function toTerraform({ roles, provider, queue }: AwsParts, variables: readonly Value[]): string {
  const names = distinctNames(
    roles.map(({ name }) => name),
    identifier,
  )
  return [
    ...variables.map(({ name, what }) =>
      block(`variable "${name}"`, { description: quoted(what), type: 'string' }),
    ),
    ...(provider === null ? [] : providerBlocks(provider)),
    ...roles.flatMap((role) => roleBlocks(role, names.get(role.name)!)),
    ...(queue === null ? [] : queueBlocks(queue)),
    '',
  ].join('\n\n')
}

/** Without a thumbprint IAM reads it itself, and needs none for GitHub's own certificates. */
function providerBlocks(issuer: string): readonly string[] {
  return [
    block('variable "create_oidc_provider"', { description: quoted(providerQuestion(issuer)), type: 'bool' }),
    block('resource "aws_iam_openid_connect_provider" "github"', {
      count: 'var.create_oidc_provider ? 1 : 0',
      url: quoted(`https://${issuer}`),
      client_id_list: `[${quoted(audience)}]`,
    }),
  ]
}

function queueBlocks(queue: EventQueue): readonly string[] {
  return [
    [
      `# ${whyQueue}`,
      block('resource "aws_sqs_queue" "events"', {
        name: quoted(queue.name),
        message_retention_seconds: String(retentionSeconds),
        visibility_timeout_seconds: String(visibilitySeconds),
        sqs_managed_sse_enabled: 'true',
      }),
    ].join('\n'),
    block(
      'resource "aws_sqs_queue_policy" "events"',
      { queue_url: 'aws_sqs_queue.events.id' },
      `policy = ${jsonencode(queuePolicy(queue))}`,
    ),
    ...queue.rules.flatMap(({ of, name, why, pattern }) => [
      [
        `# ${why}`,
        block(
          `resource "aws_cloudwatch_event_rule" "${of}"`,
          { name: quoted(name) },
          `event_pattern = ${jsonencode(pattern)}`,
        ),
      ].join('\n'),
      block(`resource "aws_cloudwatch_event_target" "${of}"`, {
        rule: `aws_cloudwatch_event_rule.${of}.name`,
        arn: 'aws_sqs_queue.events.arn',
      }),
    ]),
  ]
}

function roleBlocks({ name, of, trust, policies }: Role, id: string): readonly string[] {
  if (trust === null)
    return policies.map((policy) =>
      [
        `# For ${of}: attach it to the role.`,
        block(
          `resource "aws_iam_policy" "${id}_${policy.feature}"`,
          { name: quoted(`${name}-${policy.feature}`) },
          `policy = ${jsonencode(permissionsDocument(policy))}`,
        ),
      ].join('\n'),
    )
  return [
    [
      `# For ${of}.`,
      block(
        `resource "aws_iam_role" "${id}"`,
        { name: quoted(name) },
        `assume_role_policy = ${jsonencode(trustDocument(trust))}`,
      ),
    ].join('\n'),
    ...policies.map((policy) =>
      block(
        `resource "aws_iam_role_policy" "${id}_${policy.feature}"`,
        { name: quoted(policy.feature), role: `aws_iam_role.${id}.name` },
        `policy = ${jsonencode(permissionsDocument(policy))}`,
      ),
    ),
  ]
}
