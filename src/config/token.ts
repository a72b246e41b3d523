/** How Slack's tokens (xoxb-, xapp- …) and GitHub's (ghp_, github_pat_ …) begin, by their own documentation. */
const beginning = '(?:xox[a-z]-|xapp-|gh[pousr]_|github_pat_)'
const anyToken = new RegExp(`${beginning}[\\w.-]+`, 'g')

/** Whether the text contains a Slack or GitHub token. */
export function holdsToken(text: string): boolean {
  return text.search(anyToken) >= 0
}

/** The text with each token cut to its first five characters, which show only its kind. */
export function maskTokens(text: string): string {
  return text.replace(anyToken, cut)
}

/** Who issued the token that the text contains. */
export function tokenIssuer(text: string): 'Slack' | 'GitHub' {
  const [token = ''] = text.match(anyToken) ?? []
  return token.startsWith('x') ? 'Slack' : 'GitHub'
}

/** A secret's first five characters: enough to recognize that it is the wrong one. */
export function cut(secret: string): string {
  return `${secret.slice(0, 5)}…`
}
