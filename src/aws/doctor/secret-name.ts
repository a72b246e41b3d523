/** The ARN without the parts of ECS's own: key of the JSON, stage, version. Source: developer guide, `valueFrom`. */
export function secretArn(name: string): string {
  return isOf('secretsmanager', name) ? name.split(':').slice(0, 7).join(':') : name
}

/** The permission that reads a secret; null: the name is no ARN, so its resource is not known. */
export function secretAction(name: string): string | null {
  if (isOf('secretsmanager', name)) return 'secretsmanager:GetSecretValue'
  return isOf('ssm', name) ? 'ssm:GetParameters' : null
}

/** Whether Secrets Manager has it. */
export function isOfSecretsManager(name: string): boolean {
  return isOf('secretsmanager', name)
}

function isOf(service: string, name: string): boolean {
  return name.startsWith('arn:') && name.split(':')[2] === service
}
