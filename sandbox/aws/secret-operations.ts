import type { DescribeSecretRequest, DescribeSecretResponse } from '@aws-sdk/client-secrets-manager'
import { z } from 'zod'
import { AwsError } from './error.ts'
import { type Operation, operation } from './operation.ts'

const describeSecret = operation<DescribeSecretRequest, DescribeSecretResponse>(
  { SecretId: z.string().min(1).max(2_048) },
  (world, { SecretId }) => {
    const found = [...world.secrets].find(([arn, { name }]) => SecretId === arn || SecretId === name)
    if (found === undefined)
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    const [ARN, { name, deletedAt }] = found
    return { ARN, Name: name, ...(deletedAt !== null && { DeletedDate: new Date(deletedAt) }) }
  },
)

/** Secrets Manager: whether a secret is there. Values do not exist. */
export const secretOperations: Readonly<Record<string, Operation>> = { DescribeSecret: describeSecret }
