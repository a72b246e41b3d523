/** `${name}`: a variable of IAM, or a value that is not known yet. */
export function variable(name: string): string {
  return `\${${name}}`
}
