import { cut } from './text.ts'

const maxRefLength = 255

/** Why this cannot be a branch, a tag or a commit by git's naming rules; null if it can. */
export function refProblem(ref: string): string | null {
  if (ref === '') return 'it is empty'
  if (ref.length > maxRefLength) return `it has more than ${maxRefLength} characters`
  if (/[\p{C}\p{Z}]/u.test(ref)) return 'it contains spaces or unprintable characters'
  if (/^[-/]/.test(ref)) return 'it begins with - or /'
  if (/[~^:?*[\]\\]|\.\.|@\{|\/\/|^@$/.test(ref))
    return 'it contains characters that git does not allow in names'
  if (/(^|\/)\.|[/.]$|\.lock(\/|$)/.test(ref)) return 'git does not allow names that begin or end like that'
  if (/^[0-9a-f]{41,}$/i.test(ref)) return 'a commit has at most 40 digits'
  return null
}

/** A ref for display: shortened, without unprintable characters. */
export function shownRef(ref: string): string {
  return cut(ref.replaceAll(/[\p{C}\p{Z}]/gu, '\uFFFD'), 60)
}
