import { ResourceNotFoundException, SecretsManager } from '@aws-sdk/client-secrets-manager'
import type { SecretSeen } from '../../ports/doctor.ts'
import { Trouble } from '../../ports/ports.ts'
import { inParallel } from '../../runtime/in-parallel.ts'
import type { Access } from '../accounts/access.ts'
import { namingAction } from '../ecs/trouble.ts'
import { isOfSecretsManager, secretArn } from './secret-name.ts'

/** Looks up secrets, never their values. Throws `Trouble`. */
export function secretReads({
  settings,
  prepare,
}: Access): (names: readonly string[]) => Promise<readonly SecretSeen[]> {
  const manager = prepare(new SecretsManager({ ...settings, maxAttempts: 3 }))
  return (names) =>
    inParallel(names, async (name): Promise<SecretSeen> => {
      if (!isOfSecretsManager(name)) return { name, is: 'not checked' }
      try {
        const { DeletedDate } = await namingAction(
          'secretsmanager:DescribeSecret',
          manager.describeSecret({ SecretId: secretArn(name) }),
        )
        return { name, is: DeletedDate === undefined ? 'there' : 'deleted' }
      } catch (error) {
        if (error instanceof Trouble && error.cause instanceof ResourceNotFoundException)
          return { name, is: 'missing' }
        throw error
      }
    })
}
